package dev.imageshare.openstack;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A list of projects as it was just read.
 *
 * @param list what was asked for
 * @param all the projects of the source, for others who ask; null if they are too many to be kept
 */
record ProjectReading(ProjectList list, @Nullable List<DirectoryProject> all) {

    /** The same list for somebody who asks for others. Only if all are there. */
    ProjectList of(Predicate<DirectoryProject> wanted, List<DirectoryProject> everything) {
        List<DirectoryProject> projects = everything.stream().filter(wanted).toList();
        return new ProjectList(projects, projects.size(), list.total(), list.incompleteness());
    }
}
