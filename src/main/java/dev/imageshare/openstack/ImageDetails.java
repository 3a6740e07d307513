package dev.imageshare.openstack;

import java.util.Map;

/**
 * An image, and what some of its properties say.
 *
 * @param properties those that were asked for and that are texts, by name; long ones are cut
 */
public record ImageDetails(Image image, Map<String, String> properties) {
    public ImageDetails {
        properties = Map.copyOf(properties);
    }
}
