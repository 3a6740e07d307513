/**
 * {@code ImageAccessRequest} and {@code ImageAccessDecision}: projects ask for a place in a ProjectSet of another namespace. An
 * optional kind: if the API server doesn't serve it, nothing of this package is loaded.
 *
 * <p>A request's pass ({@code LiveRequests}) looks whether its set admits its namespace ({@code Admission}), which comes before any
 * login, and has the credentials prove which project asks. {@code AccessVerdict}, a pure function, says what the decisions in the set's
 * namespace make of it. The set's own pass asks {@code AskedAccess} what its requests come to, and decides who joins and leaves.
 * What the status of a request says counts for nobody: a project is proven by this process, or is in the set already.
 */
@NullMarked
package dev.imageshare.access;

import org.jspecify.annotations.NullMarked;
