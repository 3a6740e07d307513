/** {@code ImageShare}: its reconciler, image resolution, status, conflicts and deletion. */
@NullMarked
package dev.imageshare.share;

import org.jspecify.annotations.NullMarked;
