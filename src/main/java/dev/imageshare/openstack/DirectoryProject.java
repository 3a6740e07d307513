package dev.imageshare.openstack;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A project as Keystone describes it. A source that gives IDs only, {@link ProjectSource.Parent}, leaves all else null or
 * empty.
 *
 * @param name with a question mark in place of each control character
 * @param tags in no order
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

    /** One of which no more than the ID is known. */
    static DirectoryProject ofId(String id) {
        return new DirectoryProject(id, null, null, null, Set.of());
    }
}
