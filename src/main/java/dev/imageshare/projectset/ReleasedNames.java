package dev.imageshare.projectset;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The display names of projects that left a set, until all ImageShares have followed. The set's status has only their IDs. They
 * are lost with a restart.
 */
final class ReleasedNames {

    private final Map<ResourceID, Map<String, String>> names = new ConcurrentHashMap<>();

    /**
     * Keeps the names of these projects only.
     *
     * @param called the display names of the set's projects before they left, by ID
     * @param released the IDs
     */
    void keep(ResourceID set, Map<String, String> called, Collection<String> released) {
        var kept = new HashMap<>(of(set));
        kept.putAll(called);
        kept.keySet().retainAll(released);
        if (kept.isEmpty()) {
            names.remove(set);
        } else {
            names.put(set, Map.copyOf(kept));
        }
    }

    Map<String, String> of(ResourceID set) {
        return names.getOrDefault(set, Map.of());
    }

    void forget(ResourceID set) {
        names.remove(set);
    }
}
