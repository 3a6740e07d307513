package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;

/**
 * Which image two objects have in common: its ID, owner and region. Never a URL: one service has many.
 */
record ImageKey(String imageId, String owner, String region) {

    static ImageKey of(ImageInfo image) {
        return new ImageKey(image.id(), image.owner(), image.region());
    }
}
