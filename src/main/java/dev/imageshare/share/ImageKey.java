package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;

/**
 * An image as objects of one namespace have it in common: its ID, owner and region. Never a URL: one service has many,
 * and one team may write its cloud in two ways. Between namespaces it takes a {@link CloudImage}.
 */
record ImageKey(String imageId, String owner, String region) {

    static ImageKey of(ImageInfo image) {
        return new ImageKey(image.id(), image.owner(), image.region());
    }
}
