package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A list's part that was asked for by {@code limit} and {@code continue}. The version is that of the first part, so that a
 * watch from there tells of what changed between two parts.
 *
 * @param next the token for the following part; null after the last one
 */
record Page(
        List<ObjectNode> objects, long version, @Nullable String next, int left) {

    static Page of(List<ObjectNode> all, long version, Map<String, String> query) {
        var begun = query.getOrDefault("continue", "").split(" ", 2);
        var rest = begun.length < 2
                ? all
                : all.stream().filter(o -> key(o).compareTo(begun[1]) > 0).toList();
        var first = begun.length < 2 ? version : Long.parseLong(begun[0]);
        var limit = Integer.parseInt(query.getOrDefault("limit", "0"));
        if (limit == 0 || rest.size() <= limit) {
            return new Page(rest, first, null, 0);
        }
        var objects = rest.subList(0, limit);
        return new Page(objects, first, first + " " + key(objects.get(limit - 1)), rest.size() - limit);
    }

    private static String key(ObjectNode object) {
        var metadata = object.path("metadata");
        return metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
    }

    void describe(ObjectNode metadata) {
        metadata.put("resourceVersion", Long.toString(version));
        if (next != null) {
            metadata.put("continue", next);
            metadata.put("remainingItemCount", left);
        }
    }
}
