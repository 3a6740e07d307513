package dev.imageshare.openstack;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A project as described by Keystone. A source that returns only IDs, {@link ProjectSource.Parent}, leaves everything
 * else null or empty.
 *
 * @param name with a question mark instead of each control character
 * @param tags unordered
 */
public record DirectoryProject(
        String id,
        @Nullable String name,
        @Nullable String domainId,
        @Nullable Boolean enabled,
        Set<String> tags) {

    public DirectoryProject {
        tags = Set.copyOf(tags);
    }

    /** A project of which only the ID is known. */
    static DirectoryProject ofId(String id) {
        return new DirectoryProject(id, null, null, null, Set.of());
    }
}
