package dev.imageshare.openstack;

import java.util.Map;

/**
 * An image, and some of its properties.
 *
 * @param properties those that were requested and are strings, by name; long ones are truncated
 */
public record ImageDetails(Image image, Map<String, String> properties) {
    public ImageDetails {
        properties = Map.copyOf(properties);
    }
}
