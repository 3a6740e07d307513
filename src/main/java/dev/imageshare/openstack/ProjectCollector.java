package dev.imageshare.openstack;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the pages of a list, and the first reason why it may lack something. */
final class ProjectCollector {
    private final ProjectRoom empty;
    private final List<DirectoryProject> kept = new ArrayList<>();
    private ProjectRoom room;
    private IdTally ids = new IdTally();
    private int pages;
    private @Nullable String doubt;

    ProjectCollector(ProjectRoom room) {
        this.empty = room;
        this.room = room;
    }

    /** The parameters of the next page. */
    ProjectRoom room() {
        return room;
    }

    void add(ProjectListPage page) {
        room = page.room();
        kept.addAll(page.kept());
        if (!room.isShared()) {
            kept.removeIf(project -> !room.wants(project));
        }
        ids.addAll(page.ids());
        pages++;
        if (page.hasOthers()) {
            doubt("projects of other domains were in the response, and may have taken the places of some");
        }
    }

    /** The list starts over. */
    void clear() {
        room = empty;
        kept.clear();
        ids = new IdTally();
        pages = 0;
    }

    void doubt(String why) {
        doubt = doubt == null ? why : doubt;
    }

    ProjectReading end() {
        int distinct = ids.distinct();
        if (distinct < ids.size()) {
            doubt("a project is in it twice, so the pages don't fit together");
            Set<String> seen = new HashSet<>();
            kept.removeIf(project -> !seen.add(project.id()));
        }
        if (pages > 1 && !ids.ascends()) {
            doubt("its pages are not in the order of the projects' IDs, as requested");
        }
        List<DirectoryProject> wanted = kept.stream().filter(room::wants).toList();
        int matched = wanted.size();
        if (room.isCut()) {
            matched = room.matched();
            doubt("there is not enough memory for all " + matched + " that match; narrow the filter");
        }
        return new ProjectReading(
                new ProjectList(wanted, matched, distinct, doubt), room.isShared() ? List.copyOf(kept) : null);
    }
}
