package dev.imageshare.openstack;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;

/**
 * Which Keystone URLs lead to the same cloud. By default each origin (scheme, host and port) is a cloud of its own: a
 * URL's responses count only for those who named that URL. An administrator who knows that several URLs are one cloud
 * configures it.
 *
 * @param first by origin, the first one of its cloud; without those that are a cloud of their own
 */
public record SameClouds(Map<String, String> first) {

    public SameClouds {
        first = Map.copyOf(first);
    }

    /** Each origin is a cloud of its own. */
    public static SameClouds none() {
        return new SameClouds(Map.of());
    }

    /**
     * Each group is one cloud.
     *
     * @param groups each the Keystone URLs of one cloud; a path such as {@code /v3} is ignored
     * @throws IllegalArgumentException if a URL isn't one, a group has fewer than two, or a URL is in two groups
     */
    public static SameClouds of(Collection<List<String>> groups) {
        Map<String, String> first = new HashMap<>();
        for (List<String> group : groups) {
            List<String> origins =
                    group.stream().map(SameClouds::origin).distinct().toList();
            if (origins.size() < 2) {
                throw new IllegalArgumentException("needs two or more Keystone URLs of one cloud, separated by commas");
            }
            for (String origin : origins) {
                if (first.put(origin, origins.get(0)) != null) {
                    throw new IllegalArgumentException("names " + origin + " twice");
                }
            }
        }
        return new SameClouds(first);
    }

    private static String origin(String given) {
        HttpUrl url = Endpoint.parse(given);
        if (url == null) {
            throw new IllegalArgumentException(
                    "must have URLs such as https://keystone.example.org:5000, without user, query and fragment");
        }
        return Endpoint.origin(url);
    }

    /**
     * The name of the cloud to which a Keystone belongs.
     *
     * @param origin see {@link ProjectScope#cloud}
     */
    public String cloud(String origin) {
        return first.getOrDefault(origin, origin);
    }
}
