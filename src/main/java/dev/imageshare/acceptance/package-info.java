/**
 * {@code ImageAcceptance}: the consumer's side. Answers to images that are shared with one project, by that project's own
 * credentials.
 *
 * <p>The flow is that of {@code share}: {@code LiveAcceptances} makes one pass over an object and writes its status, an
 * {@code AcceptancePass} does what is to be done in the cloud, and gives an {@code AcceptanceOutcome}. The pass finds out which project the credentials are of, reads what is offered to it, and gives the answers of
 * an {@code AnswerPlan}. An object that names one image sets its answer whatever it was; one that names owners ({@code from}) answers
 * pending offers only, so that a person's answer stays.
 *
 * <p>Several objects may have one image in common. {@code Precedence} says who answers: one that names the image before one that
 * matches it, then the older. Between namespaces only projects that a pass of this process has proven count, as in {@code share}.
 */
@NullMarked
package dev.imageshare.acceptance;

import org.jspecify.annotations.NullMarked;
