package dev.imageshare.openstack;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A list of projects that was just read.
 *
 * @param list the requested projects
 * @param all the projects of the source, for other callers; null if they are too many to be kept
 */
record ProjectReading(ProjectList list, @Nullable List<DirectoryProject> all) {

    /** The same list for a caller that requests others. Only if all are kept. */
    ProjectList of(Predicate<DirectoryProject> wanted, List<DirectoryProject> everything) {
        List<DirectoryProject> projects = everything.stream().filter(wanted).toList();
        return new ProjectList(projects, projects.size(), list.total(), list.incompleteness());
    }
}
