package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The structural schema of one CRD, from the jar. It does what an API server does with an object before storing it,
 * except that an unknown field is an error here and not dropped. The CEL rules are the reconcilers' own {@code
 * ShareRules} and {@code AcceptanceRules}. It supports the JSON Schema keywords that our CRDs use, and fails for
 * others: a complete validator takes longer to load than a command may take.
 */
final class CrdSchema {

    private static final Set<String> AT_ROOT = Set.of("apiVersion", "kind", "metadata");

    private static final Set<String> KNOWN = Set.of(
            "type",
            "description",
            "format",
            "additionalProperties",
            "properties",
            "required",
            "items",
            "enum",
            "pattern",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minimum",
            "maximum",
            "minProperties",
            "maxProperties",
            "default",
            "anyOf",
            "x-kubernetes-int-or-string",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-validations");

    /**
     * An error.
     *
     * @param path of the field, such as {@code spec.members[1].projectID}
     * @param message what is wrong, and what is expected
     */
    record Violation(String path, String message) {}

    private final JsonNode schema;

    private CrdSchema(JsonNode schema) {
        this.schema = schema;
        requireKnown(schema);
    }

    /** The schema of a CRD's only version. */
    static CrdSchema of(JsonNode crd) {
        return new CrdSchema(crd.at("/spec/versions/0/schema/openAPIV3Schema"));
    }

    /** The one with this plural, which the build put into the jar. */
    static CrdSchema packaged(String plural) {
        return of(resource("/crds/" + plural + ".imageshare.dev-v1.yml"));
    }

    /** The schema of every object's metadata. */
    static CrdSchema ofMetadata() {
        return new CrdSchema(resource("object-meta.yaml"));
    }

    private static JsonNode resource(String name) {
        try (var in = Objects.requireNonNull(CrdSchema.class.getResourceAsStream(name), name)) {
            return YamlReader.read(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .orElseThrow()
                    .tree();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Malformed e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireKnown(JsonNode schema) {
        schema.fieldNames().forEachRemaining(keyword -> {
            if (!KNOWN.contains(keyword)) {
                throw new IllegalStateException("a CRD's schema has the keyword " + keyword + ", unknown here");
            }
        });
        if (schema.has("anyOf") && !isIntOrString(schema)) {
            throw new IllegalStateException("a CRD's schema has anyOf for something other than an int-or-string");
        }
        schema.path("properties").forEach(CrdSchema::requireKnown);
        for (var nested : List.of("items", "additionalProperties")) {
            if (schema.has(nested)) {
                requireKnown(schema.get(nested));
            }
        }
    }

    private static boolean isIntOrString(JsonNode schema) {
        return schema.path("x-kubernetes-int-or-string").asBoolean();
    }

    /** Fills in the defaults, in place, and returns the errors; empty if there are none. */
    List<Violation> check(ObjectNode object) {
        return check(object, "");
    }

    /** The same for a part. */
    List<Violation> check(JsonNode value, String path) {
        applyDefaults(value, schema);
        var violations = new ArrayList<Violation>();
        check(value, schema, path, violations);
        return violations;
    }

    private static void applyDefaults(JsonNode value, JsonNode schema) {
        if (value instanceof ObjectNode object) {
            schema.path("properties").properties().forEach(property -> {
                var name = property.getKey();
                var fallback = property.getValue().path("default");
                if (!fallback.isMissingNode() && object.path(name).isNull()) {
                    object.remove(name);
                }
                if (!fallback.isMissingNode() && !object.has(name)) {
                    object.set(name, fallback.deepCopy());
                }
                if (object.has(name)) {
                    applyDefaults(object.get(name), property.getValue());
                }
            });
        } else if (value instanceof ArrayNode array) {
            array.forEach(item -> applyDefaults(item, schema.path("items")));
        }
    }

    private static void check(JsonNode value, JsonNode schema, String path, List<Violation> violations) {
        if (!hasType(value, schema)) {
            violations.add(new Violation(
                    path, "must be " + wanted(schema) + ", but is " + shown(value) + hint(value, schema)));
        } else if (value instanceof ObjectNode object) {
            checkObject(object, schema, path, violations);
        } else if (value instanceof ArrayNode array) {
            checkArray(array, schema, path, violations);
        } else if (value.isTextual()) {
            checkText(value.textValue(), schema, path, violations);
        } else if (value.isIntegralNumber()) {
            checkNumber(value.bigIntegerValue(), schema, path, violations);
        }
    }

    private static void checkNumber(BigInteger number, JsonNode schema, String path, List<Violation> violations) {
        if (schema.has("minimum")
                && number.compareTo(schema.get("minimum").decimalValue().toBigInteger()) < 0) {
            violations.add(new Violation(
                    path, "is " + number + "; at least " + schema.get("minimum").asLong() + " is allowed"));
        } else if (schema.has("maximum")
                && number.compareTo(schema.get("maximum").decimalValue().toBigInteger()) > 0) {
            violations.add(new Violation(
                    path, "is " + number + "; at most " + schema.get("maximum").asLong() + " is allowed"));
        }
    }

    private static boolean hasType(JsonNode value, JsonNode schema) {
        if (isIntOrString(schema)) {
            return value.isIntegralNumber() || value.isTextual();
        }
        return switch (schema.path("type").asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> throw new IllegalStateException("a CRD's schema has the type " + schema.path("type"));
        };
    }

    private static String wanted(JsonNode schema) {
        if (isIntOrString(schema)) {
            return "a whole number or a string";
        }
        return switch (schema.path("type").asText()) {
            case "object" -> "a mapping";
            case "array" -> "a list";
            case "string" -> "a string";
            case "integer" -> "a whole number";
            default -> "true or false";
        };
    }

    private static String hint(JsonNode value, JsonNode schema) {
        return (value.isNumber() || value.isBoolean())
                        && schema.path("type").asText().equals("string")
                ? ": put it in quotes"
                : "";
    }

    private static void checkObject(ObjectNode object, JsonNode schema, String path, List<Violation> violations) {
        var properties = schema.path("properties");
        object.properties().forEach(each -> {
            var child = ManifestDocument.child(path, each.getKey());
            if (properties.has(each.getKey())) {
                check(each.getValue(), properties.get(each.getKey()), child, violations);
            } else if (schema.has("additionalProperties")) {
                check(each.getValue(), schema.get("additionalProperties"), child, violations);
            } else if (!isOpen(schema) && (!path.isEmpty() || !AT_ROOT.contains(each.getKey()))) {
                violations.add(new Violation(child, "is an unknown field" + similar(each.getKey(), properties)));
            }
        });
        if (schema.has("maxProperties")
                && object.size() > schema.get("maxProperties").asInt()) {
            violations.add(new Violation(
                    path,
                    "has " + object.size() + " entries; at most " + schema.get("maxProperties") + " are allowed"));
        }
        if (object.size() < schema.path("minProperties").asInt()) {
            violations.add(new Violation(path, "needs at least " + schema.get("minProperties") + " entries"));
        }
        schema.path("required").forEach(name -> {
            if (!object.has(name.asText())) {
                violations.add(new Violation(ManifestDocument.child(path, name.asText()), "is missing"));
            }
        });
    }

    private static boolean isOpen(JsonNode schema) {
        return schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
    }

    private static String similar(String name, JsonNode properties) {
        return Spelling.meant(name, properties.properties().stream().map(Map.Entry::getKey))
                .map(known -> "; did you mean " + known + "?")
                .orElse("");
    }

    private static void checkArray(ArrayNode array, JsonNode schema, String path, List<Violation> violations) {
        if (schema.has("maxItems") && array.size() > schema.get("maxItems").asInt()) {
            violations.add(new Violation(
                    path, "has " + array.size() + " entries; at most " + schema.get("maxItems") + " are allowed"));
        }
        if (array.size() < schema.path("minItems").asInt()) {
            violations.add(new Violation(path, "needs at least " + schema.get("minItems") + " entries"));
        }
        var keys = schema.path("x-kubernetes-list-map-keys");
        var seen = new HashSet<String>();
        for (int i = 0; i < array.size(); i++) {
            var item = array.get(i);
            var at = path + "[" + i + "]";
            check(item, schema.path("items"), at, violations);
            var unique = switch (schema.path("x-kubernetes-list-type").asText()) {
                case "map" ->
                    StreamSupport.stream(keys.spliterator(), false)
                            .map(key -> item.path(key.asText()).asText())
                            .collect(Collectors.joining(" "));
                case "set" -> item.asText();
                default -> "";
            };
            // Empty values are reported above.
            if (!unique.isBlank() && !seen.add(unique)) {
                violations.add(new Violation(at, "repeats " + unique + "; remove one"));
            }
        }
    }

    private static void checkText(String text, JsonNode schema, String path, List<Violation> violations) {
        var length = text.codePointCount(0, text.length());
        if (schema.has("enum")) {
            var allowed = StreamSupport.stream(schema.get("enum").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
            if (!allowed.contains(text)) {
                violations.add(new Violation(
                        path, "must be one of " + String.join(", ", allowed) + ", but is " + quoted(text)));
            }
        }
        if (length < schema.path("minLength").asInt()) {
            violations.add(new Violation(
                    path,
                    text.isEmpty()
                            ? "is empty"
                            : quoted(text) + " is too short: at least " + schema.get("minLength") + " characters"));
        } else if (schema.has("maxLength") && length > schema.get("maxLength").asInt()) {
            violations.add(new Violation(
                    path, "has " + length + " characters; at most " + schema.get("maxLength") + " are allowed"));
        } else if (schema.has("pattern") && !pattern(schema).matcher(text).find()) {
            violations.add(new Violation(
                    path,
                    quoted(text) + " doesn't match " + schema.get("pattern").asText()));
        } else if (schema.path("format").asText().equals("date-time") && !isTime(text)) {
            violations.add(new Violation(path, quoted(text) + " is not a time such as 2026-01-31T12:00:00Z"));
        }
    }

    /** In Kubernetes a pattern's $ is the end; in Java a line end may follow. */
    private static Pattern pattern(JsonNode schema) {
        return Pattern.compile(schema.get("pattern").asText().replaceFirst("\\$$", "\\\\z"));
    }

    private static boolean isTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static String shown(JsonNode value) {
        return value.isObject()
                ? "a mapping"
                : value.isArray()
                        ? "a list"
                        : value.isNull() ? "empty" : value.isTextual() ? quoted(value.textValue()) : value.toString();
    }

    private static String quoted(String text) {
        var plain = text.replaceAll("\\p{Cntrl}", "?");
        return '"' + (plain.length() > 80 ? plain.substring(0, 79) + "…" : plain) + '"';
    }
}
