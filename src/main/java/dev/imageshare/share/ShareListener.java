package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;

/** Is told of ImageShares as they are looked at. */
@FunctionalInterface
public interface ShareListener {

    /**
     * The object had a pass, or is gone. Quick.
     *
     * @param share with its newest status
     * @param gone whether there is no such object any more
     */
    void looked(ImageShare share, boolean gone);
}
