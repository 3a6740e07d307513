package dev.imageshare.openstack;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The projects of a source, as far as they were asked for.
 *
 * @param projects those that were asked for, each once
 * @param matched how many were asked for; more than {@code projects} has if there was no memory for all of them, and the
 *     list is incomplete then
 * @param total how many the source has
 * @param incompleteness why the list may lack projects, a sentence for people; null if it is complete. Who isn't in an
 *     incomplete list has not left
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
