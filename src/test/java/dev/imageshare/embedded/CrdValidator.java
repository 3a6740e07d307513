package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * What an API server does with an object of a custom resource before it stores it: unknown fields are dropped, defaults
 * filled in, and the schema, the keys of list maps and the CEL rules are checked. The texts are the server's own
 * (apiextensions-apiserver 1.32), so that what a test expects is what a user of kubectl reads.
 */
public final class CrdValidator {

    private static final Set<String> KNOWN_AT_ROOT = Set.of("apiVersion", "kind", "metadata");

    /** Reasons after which a server doesn't evaluate rules: they could not rely on the value's shape. */
    private static final Set<String> HIDE_RULES = Set.of(
            "FieldValueRequired",
            "FieldValueNotSupported",
            "FieldValueTooLong",
            "FieldValueTooMany",
            "FieldValueTypeInvalid");

    /**
     * By schema: to compile one takes as long as hundreds of checks, and each embedded API, of which a run of the tests has
     * hundreds, has the same few.
     */
    private static final Map<JsonNode, Compiled> COMPILED = new ConcurrentHashMap<>();

    private record Compiled(Schema validator, CelRules rules) {
        static Compiled of(JsonNode schema) {
            return new Compiled(
                    SchemaRegistry.withDialect(Dialects.getDraft4()).getSchema(asJsonSchema(schema.deepCopy())),
                    CelRules.compile(schema));
        }
    }

    private final JsonNode crd;
    private final JsonNode schema;
    private final Compiled compiled;

    /** Takes a CRD with one version, as this project has them. */
    public CrdValidator(JsonNode crd) {
        this.crd = crd;
        this.schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
        this.compiled = COMPILED.computeIfAbsent(schema.deepCopy(), Compiled::of);
    }

    /** The CRDs of a directory, one a file, by file name. */
    public static List<CrdValidator> load(Path directory) {
        return load(directory, 1);
    }

    /** Those of optional kinds too, which are in folders of their own. */
    public static List<CrdValidator> loadAll(Path directory) {
        return load(directory, 2);
    }

    private static List<CrdValidator> load(Path directory, int depth) {
        try (var files = Files.walk(directory, depth)) {
            var yaml = new YAMLMapper();
            var all = new ArrayList<CrdValidator>();
            for (var file :
                    files.filter(f -> f.toString().endsWith(".yml")).sorted().toList()) {
                all.add(new CrdValidator(yaml.readTree(file.toFile())));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The CRD itself. */
    public JsonNode crd() {
        return crd;
    }

    /** The kind that it declares. */
    public String kind() {
        return crd.at("/spec/names/kind").asText();
    }

    /** Drops what the schema doesn't know, in place, and gives the paths of what was dropped. */
    public List<String> prune(ObjectNode object) {
        var dropped = new ArrayList<String>();
        prune(object, schema, "", dropped);
        return dropped;
    }

    /** Fills in the schema's defaults, in place. */
    public void applyDefaults(ObjectNode object) {
        applyDefaults(object, schema);
    }

    /**
     * Checks an object that is pruned and has its defaults.
     *
     * @param old what it replaces, for rules that compare with {@code oldSelf}; null when it is new
     */
    public List<FieldError> validate(JsonNode object, JsonNode old) {
        var errors = new ArrayList<FieldError>();
        var found = compiled.validator.validate(object);
        for (var error : found) {
            if (!error.getKeyword().equals("pattern") || !hasWrongLength(error, found)) {
                errors.add(fieldError(error));
            }
        }
        checkKeys(object, schema, "", errors);
        if (errors.stream().noneMatch(e -> HIDE_RULES.contains(e.reason()))) {
            errors.addAll(compiled.rules.evaluate(object, old));
        }
        return errors;
    }

    /** A server leaves a text that is too long or too short at that. */
    private static boolean hasWrongLength(Error error, List<Error> all) {
        return all.stream()
                .anyMatch(other -> other.getKeyword().endsWith("Length")
                        && other.getInstanceLocation().equals(error.getInstanceLocation()));
    }

    private static void prune(JsonNode value, JsonNode schema, String path, List<String> dropped) {
        if (value instanceof ObjectNode object
                && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            var properties = schema.path("properties");
            var additional = schema.path("additionalProperties");
            for (var name : names(object)) {
                var child = path.isEmpty() ? name : path + "." + name;
                if (properties.has(name)) {
                    prune(object.get(name), properties.get(name), child, dropped);
                } else if (additional.isObject()) {
                    prune(object.get(name), additional, child, dropped);
                } else if (!path.isEmpty() || !KNOWN_AT_ROOT.contains(name)) {
                    object.remove(name);
                    dropped.add(child);
                }
            }
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                prune(array.get(i), schema.path("items"), path + "[" + i + "]", dropped);
            }
        }
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

    /** List maps name each key once, and list sets each value. */
    private static void checkKeys(JsonNode value, JsonNode schema, String path, List<FieldError> errors) {
        if (value.isObject()) {
            schema.path("properties").properties().forEach(property -> {
                var name = property.getKey();
                checkKeys(value.path(name), property.getValue(), path.isEmpty() ? name : path + "." + name, errors);
            });
        } else if (value.isArray()) {
            var listType = schema.path("x-kubernetes-list-type").asText();
            var seen = new HashSet<JsonNode>();
            for (int i = 0; i < value.size(); i++) {
                var item = value.get(i);
                var at = path + "[" + i + "]";
                var key = listType.equals("map") ? mapKey(item, schema) : item;
                if ((listType.equals("map") || listType.equals("set")) && !seen.add(key)) {
                    errors.add(new FieldError(at, "FieldValueDuplicate", "Duplicate value: " + shown(key)));
                }
                checkKeys(item, schema.path("items"), at, errors);
            }
        }
    }

    static JsonNode mapKey(JsonNode item, JsonNode listSchema) {
        var key = new ObjectMapper().createObjectNode();
        listSchema.path("x-kubernetes-list-map-keys").forEach(k -> key.set(k.asText(), item.path(k.asText())));
        return key;
    }

    /** What OpenAPI 3.0 and Kubernetes add to JSON Schema, said in JSON Schema's own words. */
    private static JsonNode asJsonSchema(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.path("x-kubernetes-int-or-string").asBoolean()) {
                object.remove("anyOf");
                object.putArray("type").add("integer").add("string");
            }
            if (object.path("nullable").asBoolean()) {
                var type = object.get("type");
                object.putArray("type").add(type).add("null");
            }
            names(object).stream()
                    .filter(name -> name.startsWith("x-kubernetes-"))
                    .forEach(object::remove);
        }
        schema.forEach(CrdValidator::asJsonSchema);
        return schema;
    }

    private static FieldError fieldError(Error error) {
        var field = path(error.getInstanceLocation());
        var value = error.getInstanceNode();
        var limit = error.getSchemaNode();
        var body = field + " in body ";
        return switch (error.getKeyword()) {
            case "required" ->
                FieldError.required(field.isEmpty() ? error.getProperty() : field + "." + error.getProperty());
            case "type" -> {
                var wanted = limit.isArray()
                        ? String.join(",", texts(limit).stream().sorted().toList())
                        : limit.asText();
                var found = '"' + typeOf(value) + '"';
                yield new FieldError(
                        field,
                        "FieldValueTypeInvalid",
                        "Invalid value: " + found + ": " + body + "must be of type " + wanted + ": " + found);
            }
            case "enum" -> {
                var supported = new TreeSet<>(texts(limit))
                        .stream().map(t -> '"' + t + '"').toList();
                yield new FieldError(
                        field,
                        "FieldValueNotSupported",
                        "Unsupported value: " + value + ": supported values: " + String.join(", ", supported));
            }
            case "maxLength" ->
                new FieldError(field, "FieldValueTooLong", "Too long: may not be more than " + limit + " bytes");
            case "maxItems", "maxProperties" ->
                new FieldError(
                        field,
                        "FieldValueTooMany",
                        "Too many: " + value.size() + ": must have at most " + limit + " items");
            case "minItems" ->
                FieldError.invalid(
                        field, Integer.toString(value.size()), body + "should have at least " + limit + " items");
            case "minProperties" ->
                FieldError.invalid(
                        field, Integer.toString(value.size()), body + "should have at least " + limit + " properties");
            case "maximum" ->
                FieldError.invalid(field, shown(value), body + "should be less than or equal to " + limit.asLong());
            case "minimum" ->
                FieldError.invalid(field, shown(value), body + "should be greater than or equal to " + limit.asLong());
            case "minLength" ->
                FieldError.invalid(field, shown(value), body + "should be at least " + limit + " chars long");
            case "pattern" -> FieldError.invalid(field, shown(value), body + "should match '" + limit.asText() + "'");
            default -> FieldError.invalid(field, shown(value), error.getMessage());
        };
    }

    private static String path(NodePath location) {
        var path = new StringBuilder();
        for (int i = 0; i < location.getNameCount(); i++) {
            if (location.getElement(i) instanceof Integer index) {
                path.append('[').append(index).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(location.getElement(i));
            }
        }
        return path.toString();
    }

    /** An integer that 64 bits can't hold is read as a floating-point number. */
    static String typeOf(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToLong()
                ? "integer"
                : value.isNumber() ? "number" : value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String shown(JsonNode value) {
        return value.isObject() ? "map[string]interface {}" + value : value.toString();
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static List<String> names(ObjectNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
