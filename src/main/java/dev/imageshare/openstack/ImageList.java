package dev.imageshare.openstack;

import java.util.List;

/**
 * What was found of a list of images.
 *
 * @param complete false: there are more, which were not read
 */
public record ImageList(List<Image> images, boolean complete) {
    public ImageList {
        images = List.copyOf(images);
    }
}
