package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One selector's list, as a pass read it.
 *
 * @param selector its name
 * @param projects the names of the listed projects that its filter matches, by ID, as far as memory allowed; empty if unknown
 * @param matched how many its filter matches; -1 if the list could not be read
 * @param reader identifies the reader and what was listed; empty if the list could not be read
 * @param others listed projects that are in the set, but that its filter doesn't match
 * @param explained projects that aren't listed and, by Keystone's own answer, no longer match
 * @param gone projects that aren't listed and that Keystone, asked about each, no longer has
 * @param doubt why the list may lack projects; null if it is complete
 */
record SelectorReading(
        String selector,
        Map<String, String> projects,
        int matched,
        String reader,
        Set<String> others,
        Set<String> explained,
        Set<String> gone,
        @Nullable Problem doubt) {

    SelectorReading {
        projects = Map.copyOf(projects);
        others = Set.copyOf(others);
        explained = Set.copyOf(explained);
        gone = Set.copyOf(gone);
    }

    /** A list that was read. */
    static SelectorReading of(
            String selector, Map<String, String> projects, int matched, String reader, @Nullable Problem doubt) {
        return new SelectorReading(selector, projects, matched, reader, Set.of(), Set.of(), Set.of(), doubt);
    }

    /** A list that could not be read. */
    static SelectorReading failed(String selector, Problem why) {
        return new SelectorReading(selector, Map.of(), -1, "", Set.of(), Set.of(), Set.of(), why);
    }

    SelectorReading withOthers(Set<String> listed) {
        return new SelectorReading(selector, projects, matched, reader, listed, explained, gone, doubt);
    }

    SelectorReading withGone(Set<String> lost) {
        return new SelectorReading(selector, projects, matched, reader, others, explained, lost, doubt);
    }

    /** Whether the list has the project, whether or not the filter matches it. */
    boolean shows(String project) {
        return projects.containsKey(project) || others.contains(project);
    }

    boolean isComplete() {
        return doubt == null;
    }

    SelectorReading withExplained(Set<String> absent) {
        return new SelectorReading(selector, projects, matched, reader, others, absent, gone, doubt);
    }

    SelectorReading doubted(Problem why) {
        return new SelectorReading(selector, projects, matched, reader, others, explained, gone, why);
    }

    /** With projects that the list should have had. */
    SelectorReading with(Map<String, String> more) {
        var all = new HashMap<>(projects);
        all.putAll(more);
        return new SelectorReading(selector, all, matched, reader, others, explained, gone, doubt);
    }
}
