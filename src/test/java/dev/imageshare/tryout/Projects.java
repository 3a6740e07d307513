package dev.imageshare.tryout;

import java.util.LinkedHashMap;
import java.util.Map;

/** The projects of the show, by name; people read names, Glance knows IDs only. */
final class Projects {

    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, String> ids = new LinkedHashMap<>();

    Projects add(String name, String id) {
        names.put(id, name);
        ids.put(name, id);
        return this;
    }

    String id(String name) {
        return ids.get(name);
    }

    /** The name, or the ID itself of a project that isn't in the show. */
    String name(String id) {
        return names.getOrDefault(id, id);
    }
}
