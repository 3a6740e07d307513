package dev.imageshare.share;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Notices somebody outside (a second cluster, a script) who undoes what is done here: a member that is back after our
 * removal, or gone after our addition, three times in an hour. Used by one pass at a time.
 */
final class Contention {

    private static final int TIMES = 3;
    private static final Duration WITHIN = Duration.ofHours(1);

    private long generation = -1;
    private final Set<String> removed = new HashSet<>();
    private final Set<String> added = new HashSet<>();
    private final Map<String, Deque<Instant>> undone = new HashMap<>();
    private Optional<String> verdict = Optional.empty();

    /**
     * Compares what is there with what was done here before.
     *
     * @return who is contended and how, in words; stays until the spec changes
     */
    Optional<String> observe(long nowGeneration, Set<String> present, Set<String> declared, Instant now) {
        if (generation != nowGeneration) {
            generation = nowGeneration;
            removed.clear();
            added.clear();
            undone.clear();
            verdict = Optional.empty();
        }
        for (var project : Set.copyOf(removed)) {
            if (present.contains(project)) {
                removed.remove(project);
                strike(project, "is back after its removal", now);
            }
        }
        for (var project : Set.copyOf(added)) {
            if (!present.contains(project)) {
                added.remove(project);
                if (declared.contains(project)) {
                    strike(project, "is gone after it was added", now);
                }
            }
        }
        return verdict;
    }

    void removed(Collection<String> projects) {
        removed.addAll(projects);
        added.removeAll(projects);
    }

    void added(Collection<String> projects) {
        added.addAll(projects);
        projects.forEach(removed::remove);
    }

    private void strike(String project, String how, Instant now) {
        var times = undone.computeIfAbsent(project, p -> new ArrayDeque<>());
        times.addLast(now);
        while (times.getFirst().plus(WITHIN).isBefore(now)) {
            times.removeFirst();
        }
        if (times.size() >= TIMES) {
            verdict = Optional.of(project + " " + how + ", " + times.size() + " times within an hour");
        }
    }
}
