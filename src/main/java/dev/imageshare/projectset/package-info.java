/**
 * {@code ProjectSet}: which projects may use images, as named in the spec or listed by Keystone. An optional kind: if the API server
 * doesn't serve it, nothing of this package is loaded.
 *
 * <p>A {@code ProjectSetPass} reads each selector's list. {@code SetPlan}, a pure function, decides who is in the set, who is absent
 * and since when, and who leaves: by an edit, by time, or because two complete lists at least {@code absentFor} apart lack them. In
 * doubt, everybody stays. {@code ProjectSetReconciler} writes the result into the status, the only part of a set that ImageShares
 * read, apart from its UID and generation.
 */
@NullMarked
package dev.imageshare.projectset;

import org.jspecify.annotations.NullMarked;
