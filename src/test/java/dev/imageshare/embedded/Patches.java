package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Set;

/** The four ways of patching an object. None changes what it is given; each gives a new object. */
final class Patches {

    private static final String DELETE_FROM_LIST = "$deleteFromPrimitiveList/";

    private Patches() {}

    /** RFC 6902; a {@code test} that fails, or a path that isn't there, is 422 as on a real server. */
    static ObjectNode json(ObjectNode object, JsonNode operations) {
        JsonNode result = object.deepCopy();
        try {
            for (var operation : operations) {
                // the library lets these two pass without a target
                var needsTarget = Set.of("remove", "replace")
                        .contains(operation.path("op").asText());
                if (needsTarget && result.at(operation.path("path").asText()).isMissingNode()) {
                    throw rejected();
                }
                result = JsonPatch.apply(JsonNodeFactory.instance.arrayNode().add(operation), result);
            }
            return (ObjectNode) result;
        } catch (JsonPatchException | IllegalArgumentException | ClassCastException e) {
            throw rejected();
        }
    }

    private static ApiFailure rejected() {
        return ApiFailure.unprocessable("the server rejected our request due to an error in our request");
    }

    /** RFC 7386. */
    static ObjectNode merge(ObjectNode object, ObjectNode patch) {
        var result = object.deepCopy();
        patch.properties().forEach(p -> {
            if (p.getValue().isNull()) {
                result.remove(p.getKey());
            } else if (p.getValue() instanceof ObjectNode part) {
                var into = result.get(p.getKey()) instanceof ObjectNode o ? o : JsonNodeFactory.instance.objectNode();
                result.set(p.getKey(), merge(into, part));
            } else {
                result.set(p.getKey(), p.getValue());
            }
        });
        return result;
    }

    /**
     * A strategic merge, as far as the built-in kinds of this API need it: of their lists only finalizers are merged, and
     * the directives about the order of lists are without meaning here.
     */
    static ObjectNode strategicMerge(ObjectNode object, ObjectNode patch) {
        var plain = withoutDirectives(patch);
        var result = merge(object, plain);
        var finalizers = new LinkedHashSet<JsonNode>();
        object.at("/metadata/finalizers").forEach(finalizers::add);
        plain.at("/metadata/finalizers").forEach(finalizers::add);
        patch.path("metadata").path(DELETE_FROM_LIST + "finalizers").forEach(finalizers::remove);
        if (!finalizers.isEmpty() && !plain.at("/metadata/finalizers").isNull()) {
            result.withObject("/metadata").putArray("finalizers").addAll(finalizers);
        } else if (result.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("finalizers");
        }
        return result;
    }

    private static ObjectNode withoutDirectives(ObjectNode patch) {
        var plain = JsonNodeFactory.instance.objectNode();
        patch.properties().stream()
                .filter(p -> !p.getKey().startsWith("$"))
                .forEach(p -> plain.set(
                        p.getKey(), p.getValue() instanceof ObjectNode part ? withoutDirectives(part) : p.getValue()));
        return plain;
    }

    /**
     * Server-side apply without owners: what a manager applied last time and doesn't any more goes, what it applies now is
     * set, the rest stays. List maps and sets are merged by key, other lists replaced, as the schema says. There are no
     * conflicts between managers.
     */
    static ObjectNode apply(ObjectNode object, ObjectNode last, ObjectNode now, JsonNode schema) {
        var result = object.deepCopy();
        last.fieldNames().forEachRemaining(name -> {
            if (!now.has(name)) {
                result.remove(name);
            }
        });
        now.properties().forEach(p -> {
            var name = p.getKey();
            var part = schema.path("properties").path(name);
            result.set(name, applied(result.path(name), last.path(name), p.getValue(), part, name));
        });
        return result;
    }

    private static JsonNode applied(JsonNode live, JsonNode last, JsonNode now, JsonNode schema, String name) {
        if (now instanceof ObjectNode part) {
            return apply(objectOrEmpty(live), objectOrEmpty(last), part, schema);
        }
        // metadata has no schema of its own in a CRD; its one list that people apply is a set
        var listType = name.equals("finalizers")
                ? "set"
                : schema.path("x-kubernetes-list-type").asText();
        if (!now.isArray() || !(listType.equals("map") || listType.equals("set"))) {
            return now;
        }
        var merged = byKey(live, schema, listType);
        var before = byKey(last, schema, listType);
        var after = byKey(now, schema, listType);
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(merged::remove);
        after.forEach((key, item) -> {
            var liveItem = merged.getOrDefault(key, MissingNode.getInstance());
            var lastItem = before.getOrDefault(key, MissingNode.getInstance());
            merged.put(key, applied(liveItem, lastItem, item, schema.path("items"), ""));
        });
        var list = JsonNodeFactory.instance.arrayNode();
        merged.values().forEach(list::add);
        return list;
    }

    private static LinkedHashMap<JsonNode, JsonNode> byKey(JsonNode list, JsonNode schema, String listType) {
        var items = new LinkedHashMap<JsonNode, JsonNode>();
        if (list instanceof ArrayNode array) {
            array.forEach(item -> items.put(listType.equals("map") ? CrdValidator.mapKey(item, schema) : item, item));
        }
        return items;
    }

    private static ObjectNode objectOrEmpty(JsonNode node) {
        return node instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }
}
