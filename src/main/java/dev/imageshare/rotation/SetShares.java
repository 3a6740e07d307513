package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShare;
import java.util.stream.Stream;

/** The ImageShares of this process, as far as a set has to know. */
@FunctionalInterface
public interface SetShares {

    /**
     * Those of a namespace whose label {@code imageshare.dev/image-share-set} has this value, or whose name consists of this, a
     * dot, a word, a dot and the image's ID; each as it was last written by this process, or known since.
     */
    Stream<ImageShare> of(String namespace, String set);
}
