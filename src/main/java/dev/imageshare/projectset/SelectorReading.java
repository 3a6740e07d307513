package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pass saw of one selector.
 *
 * @param selector its name
 * @param projects those that its list has and its filter matches: names by ID, empty where none is known; as far as there was
 *     memory for them
 * @param matched how many its filter matches; -1 if the list could not be read
 * @param reader names who asked for what; empty if the list could not be read
 * @param explained projects that the list lacks with Keystone's own word that they no longer match
 * @param doubt why the list proves nobody's absence; null if it is complete
 */
record SelectorReading(
        String selector,
        Map<String, String> projects,
        int matched,
        String reader,
        Set<String> explained,
        @Nullable Problem doubt) {

    SelectorReading {
        projects = Map.copyOf(projects);
        explained = Set.copyOf(explained);
    }

    /** A list that was read. */
    static SelectorReading of(
            String selector, Map<String, String> projects, int matched, String reader, @Nullable Problem doubt) {
        return new SelectorReading(selector, projects, matched, reader, Set.of(), doubt);
    }

    /** A list that could not be read. */
    static SelectorReading failed(String selector, Problem why) {
        return new SelectorReading(selector, Map.of(), -1, "", Set.of(), why);
    }

    boolean isComplete() {
        return doubt == null;
    }

    SelectorReading withExplained(Set<String> absent) {
        return new SelectorReading(selector, projects, matched, reader, absent, doubt);
    }

    SelectorReading doubted(Problem why) {
        return new SelectorReading(selector, projects, matched, reader, explained, why);
    }

    /** With projects that the list should have shown. */
    SelectorReading with(Map<String, String> more) {
        var all = new HashMap<>(projects);
        all.putAll(more);
        return new SelectorReading(selector, all, matched, reader, explained, doubt);
    }
}
