package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One document of a file, typed as kubectl types it, and the line of each of its fields.
 *
 * @param tree the document
 * @param lines a field's line, by a path such as {@code spec.members[1].projectID}; the document's own is at ""
 */
record ManifestDocument(JsonNode tree, Map<String, Integer> lines) {

    private static final String ITEMS = "items";
    /** The path of an item, or of something in it. */
    private static final Pattern ITEM = Pattern.compile(ITEMS + "\\[(\\d{1,7})]\\.?(.*)", Pattern.DOTALL);

    /** The line of a field, or of what it would be in. */
    int line(String path) {
        for (var at = path; !at.isEmpty(); at = parent(at)) {
            var line = lines.get(at);
            if (line != null) {
                return line;
            }
        }
        return lines.getOrDefault("", 0);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }

    /** The objects of a List, in order. */
    List<ManifestDocument> items() {
        var parts = new ArrayList<ManifestDocument>();
        tree.path(ITEMS).forEach(item -> parts.add(new ManifestDocument(item, new HashMap<>())));
        lines.forEach((path, line) -> {
            var item = ITEM.matcher(path);
            if (item.matches()) {
                parts.get(Integer.parseInt(item.group(1))).lines.put(item.group(2), line);
            }
        });
        return parts;
    }

    /** A value as text; empty if it is null or absent. */
    static String text(JsonNode value) {
        return value.isNull() ? "" : value.asText();
    }

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
