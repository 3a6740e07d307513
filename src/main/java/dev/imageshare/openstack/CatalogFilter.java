package dev.imageshare.openstack;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint of a catalog is the Image service's.
 *
 * @param region its region; null: there must be only one
 * @param interfaces {@code public}, {@code internal} or {@code admin}; the first one that the catalog has is used
 * @param serviceType usually {@code image}
 * @param serviceName its name; null: any
 */
record CatalogFilter(
        @Nullable String region,
        List<String> interfaces,
        String serviceType,
        @Nullable String serviceName) {
    CatalogFilter {
        interfaces = List.copyOf(interfaces);
    }

    /** For a message. */
    @Override
    public String toString() {
        return "service of type " + serviceType
                + (serviceName == null ? "" : ", name " + serviceName)
                + ", interface " + String.join(" or ", interfaces)
                + (region == null ? "" : ", in region " + region);
    }
}
