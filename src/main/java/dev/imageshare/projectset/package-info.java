/**
 * {@code ProjectSet}: which projects may use images, by hand or as Keystone lists them. An optional kind: nothing of this package
 * is loaded where the API server doesn't serve it.
 *
 * <p>A {@code ProjectSetPass} reads the list of each selector; {@code SetPlan}, a pure function, decides who is in, who is absent
 * since when, and who leaves: by a person's edit, by the clock, or because two complete lists at least {@code absentFor} apart
 * don't have them. Doubt keeps everybody in. {@code ProjectSetReconciler} writes the result into the status, which is all that
 * ImageShares read of a set.
 */
@NullMarked
package dev.imageshare.projectset;

import org.jspecify.annotations.NullMarked;
