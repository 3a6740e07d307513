package dev.imageshare.openstack;

import java.util.List;

/**
 * The result of listing images.
 *
 * @param complete false: there are more, which were not read
 */
public record ImageList(List<Image> images, boolean complete) {
    public ImageList {
        images = List.copyOf(images);
    }
}
