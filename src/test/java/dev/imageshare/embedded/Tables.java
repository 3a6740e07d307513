package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Tables as {@code kubectl get} asks for them: the print columns are the server's business. */
final class Tables {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** One step of the JSONPaths that print columns have: {@code .name}, or {@code .name[?(@.key=="value")]}. */
    private static final Pattern STEP =
            Pattern.compile("\\.([A-Za-z0-9_]+)(?:\\[\\?\\(@\\.([A-Za-z]+)==\"([^\"]+)\"\\)\\])?");

    private record Column(String name, String type, int priority, Function<JsonNode, JsonNode> cell) {}

    private Tables() {}

    /**
     * A table of objects.
     *
     * @param includeObject {@code Object}, {@code None}, or anything else for the metadata alone
     * @param withColumns false for all but the first table of a watch
     */
    static ObjectNode of(ResourceType type, List<ObjectNode> objects, String includeObject, boolean withColumns) {
        var columns = columns(type);
        var table = JSON.objectNode().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata");
        var definitions = table.putArray("columnDefinitions");
        if (withColumns) {
            for (var column : columns) {
                definitions
                        .addObject()
                        .put("name", column.name())
                        .put("type", column.type())
                        .put("format", column.name().equals("Name") ? "name" : "")
                        .put("description", "")
                        .put("priority", column.priority());
            }
        }
        var rows = table.putArray("rows");
        for (var object : objects) {
            var row = rows.addObject();
            var cells = row.putArray("cells");
            columns.forEach(column -> cells.add(cell(column, object)));
            if (includeObject.equals("Object")) {
                row.set("object", object);
            } else if (!includeObject.equals("None")) {
                row.putObject("object")
                        .put("kind", "PartialObjectMetadata")
                        .put("apiVersion", "meta.k8s.io/v1")
                        .set("metadata", object.path("metadata"));
            }
        }
        return table;
    }

    private static JsonNode cell(Column column, JsonNode object) {
        var value = column.cell().apply(object);
        if (value.isMissingNode()) {
            return JSON.nullNode();
        }
        return column.type().equals("date") ? JSON.textNode(age(value.asText())) : value;
    }

    private static List<Column> columns(ResourceType type) {
        var columns = new ArrayList<Column>();
        columns.add(column("Name", "string", ".metadata.name"));
        if (type.isCustom()) {
            for (var printed : type.crd().crd().at("/spec/versions/0/additionalPrinterColumns")) {
                var path = printed.path("jsonPath").asText();
                columns.add(new Column(
                        printed.path("name").asText(),
                        printed.path("type").asText(),
                        printed.path("priority").asInt(),
                        object -> at(object, path)));
            }
            return columns;
        }
        switch (type.kind()) {
            case "Event" -> {
                columns.clear();
                columns.add(new Column("Last Seen", "date", 0, Tables::lastSeen));
                columns.add(column("Type", "string", ".type"));
                columns.add(column("Reason", "string", ".reason"));
                columns.add(new Column("Object", "string", 0, Tables::involvedObject));
                columns.add(column("Message", "string", ".message"));
                columns.add(new Column("Name", "string", 1, event -> at(event, ".metadata.name")));
                return columns;
            }
            case "Namespace" -> columns.add(column("Status", "string", ".status.phase"));
            case "Secret" -> {
                columns.add(column("Type", "string", ".type"));
                columns.add(new Column(
                        "Data",
                        "integer",
                        0,
                        o -> JSON.numberNode(o.path("data").size())));
            }
            case "ConfigMap" ->
                columns.add(new Column(
                        "Data",
                        "integer",
                        0,
                        o -> JSON.numberNode(o.path("data").size())));
            case "Lease" -> columns.add(column("Holder", "string", ".spec.holderIdentity"));
            default -> {}
        }
        columns.add(column("Age", "date", ".metadata.creationTimestamp"));
        return columns;
    }

    private static Column column(String name, String type, String path) {
        return new Column(name, type, 0, object -> at(object, path));
    }

    private static JsonNode lastSeen(JsonNode event) {
        for (var path : List.of(".series.lastObservedTime", ".lastTimestamp", ".eventTime", ".firstTimestamp")) {
            if (at(event, path).isTextual()) {
                return at(event, path);
            }
        }
        return at(event, ".metadata.creationTimestamp");
    }

    private static JsonNode involvedObject(JsonNode event) {
        var object = event.path("involvedObject");
        return JSON.textNode(object.path("kind").asText().toLowerCase(java.util.Locale.ROOT) + "/"
                + object.path("name").asText());
    }

    private static JsonNode at(JsonNode object, String path) {
        var node = object;
        var step = STEP.matcher(path);
        while (step.find()) {
            node = node.path(step.group(1));
            if (step.group(2) != null) {
                node = matching((ArrayNode) (node.isArray() ? node : JSON.arrayNode()), step.group(2), step.group(3));
            }
        }
        return node;
    }

    private static JsonNode matching(ArrayNode items, String key, String value) {
        for (var item : items) {
            if (item.path(key).asText().equals(value)) {
                return item;
            }
        }
        return MissingNode.getInstance();
    }

    /** The time since then, as Kubernetes shortens it ({@code duration.HumanDuration}). */
    private static String age(String instant) {
        Duration age;
        try {
            age = Duration.between(Instant.parse(instant), Instant.now());
        } catch (java.time.format.DateTimeParseException e) {
            return "<invalid>";
        }
        if (age.compareTo(Duration.ofMinutes(2)) < 0) {
            return Math.max(0, age.toSeconds()) + "s";
        }
        if (age.compareTo(Duration.ofMinutes(10)) < 0) {
            return age.toMinutes() + "m" + (age.toSecondsPart() == 0 ? "" : age.toSecondsPart() + "s");
        }
        if (age.compareTo(Duration.ofHours(3)) < 0) {
            return age.toMinutes() + "m";
        }
        if (age.compareTo(Duration.ofHours(8)) < 0) {
            return age.toHours() + "h" + (age.toMinutesPart() == 0 ? "" : age.toMinutesPart() + "m");
        }
        return age.compareTo(Duration.ofHours(48)) < 0 ? age.toHours() + "h" : age.toDays() + "d";
    }
}
