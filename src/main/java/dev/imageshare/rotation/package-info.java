/**
 * {@code ImageShareSet}: golden images that rotate. An optional kind: nothing of this package is loaded where the API server
 * doesn't serve it.
 *
 * <p>An {@code ImageShareSetPass} lists the images of each cloud; {@code RotationPlan}, a pure function, decides which of them are
 * shared, which follow each other, and which ImageShare goes: because it retires as planned, because its image is gone, or
 * because the set no longer means it, which the set's guard judges. {@code ShareMaker} makes, changes and deletes the
 * ImageShares. To an ImageShare the set is one that declares the template's members, as long as it lives and wants the image.
 */
@NullMarked
package dev.imageshare.rotation;

import org.jspecify.annotations.NullMarked;
