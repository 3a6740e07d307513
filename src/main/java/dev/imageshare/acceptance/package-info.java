/**
 * ImageAcceptance, the consumer's side: answers to images that are shared with one project, by that project's own
 * credentials.
 */
@NullMarked
package dev.imageshare.acceptance;

import org.jspecify.annotations.NullMarked;
