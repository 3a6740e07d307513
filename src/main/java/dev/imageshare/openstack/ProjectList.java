package dev.imageshare.openstack;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requested projects of a source.
 *
 * @param projects those that were requested, each once
 * @param matched how many match the request; more than {@code projects} has if there was not enough memory for all of
 *     them, and then the list is incomplete
 * @param total how many the source has
 * @param incompleteness why the list may lack projects, a sentence for users; null if it is complete. A project that
 *     isn't in an incomplete list has not left
 */
public record ProjectList(
        List<DirectoryProject> projects,
        int matched,
        int total,
        @Nullable String incompleteness) {

    public ProjectList {
        projects = List.copyOf(projects);
    }

    public boolean isComplete() {
        return incompleteness == null;
    }
}
