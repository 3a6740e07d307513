package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code x-kubernetes-validations} of a schema, compiled against the schema's types, as an API server does it: a rule
 * that names a field that isn't there is refused before any object is seen.
 */
final class CelRules {

    private record Rule(String text, String message, String reason, CelRuntime.Program program) {

        boolean comparesWithOld() {
            return text.contains("oldSelf");
        }
    }

    private final JsonNode schema;
    private final List<Rule> rules = new ArrayList<>();
    private final Map<String, CelRules> properties = new LinkedHashMap<>();
    private final CelRules items;

    private CelRules(JsonNode schema, String typeName, Types types) {
        this.schema = schema;
        var type = types.typeOf(schema, typeName);
        schema.path("properties")
                .properties()
                .forEach(p ->
                        properties.put(p.getKey(), new CelRules(p.getValue(), typeName + "." + p.getKey(), types)));
        this.items = schema.has("items") ? new CelRules(schema.get("items"), typeName + ".items", types) : null;
        for (var rule : schema.path("x-kubernetes-validations")) {
            rules.add(new Rule(
                    rule.path("rule").asText(),
                    rule.path("message").asText(),
                    rule.path("reason").asText("FieldValueInvalid"),
                    program(rule.path("rule").asText(), type, types)));
        }
    }

    /** Compiles all rules of a schema, at any depth; throws when one of them doesn't compile. */
    static CelRules compile(JsonNode schema) {
        return new CelRules(schema, "object", new Types());
    }

    /** The errors of all rules that don't hold; rules on what changed are only asked where there is something old. */
    List<FieldError> evaluate(JsonNode value, JsonNode old) {
        var errors = new ArrayList<FieldError>();
        evaluate(value, old, "", errors);
        return errors;
    }

    /** What is as it was held when it was written, and isn't asked again; most writes are of a status. */
    private void evaluate(JsonNode value, JsonNode old, String path, List<FieldError> errors) {
        if (value.equals(old)) {
            return;
        }
        for (var rule : rules) {
            if (!rule.comparesWithOld() || old != null) {
                evaluate(rule, value, old, path).ifPresent(errors::add);
            }
        }
        properties.forEach((name, property) -> {
            if (value.has(name)) {
                var child = path.isEmpty() ? name : path + "." + name;
                property.evaluate(value.get(name), old == null ? null : old.get(name), child, errors);
            }
        });
        for (int i = 0; items != null && i < value.size(); i++) {
            items.evaluate(value.get(i), oldItem(value.get(i), old), path + "[" + i + "]", errors);
        }
    }

    private static Optional<FieldError> evaluate(Rule rule, JsonNode value, JsonNode old, String path) {
        var variables = new HashMap<String, Object>();
        variables.put("self", plain(value));
        if (old != null) {
            variables.put("oldSelf", plain(old));
        }
        var shown = '"' + CrdValidator.typeOf(value) + '"';
        try {
            if (Boolean.TRUE.equals(rule.program().eval(variables))) {
                return Optional.empty();
            }
            return Optional.of(
                    rule.reason().equals("FieldValueForbidden")
                            ? FieldError.forbidden(path, rule.message())
                            : FieldError.invalid(path, shown, rule.message()));
        } catch (CelEvaluationException e) {
            return Optional.of(FieldError.invalid(path, shown, e.getMessage() + " evaluating rule: " + rule.message()));
        }
    }

    /** Only items of a list map can be told apart, by their keys. */
    private JsonNode oldItem(JsonNode item, JsonNode old) {
        if (old == null || !schema.path("x-kubernetes-list-type").asText().equals("map")) {
            return null;
        }
        var key = CrdValidator.mapKey(item, schema);
        for (var candidate : old) {
            if (CrdValidator.mapKey(candidate, schema).equals(key)) {
                return candidate;
            }
        }
        return null;
    }

    private static CelRuntime.Program program(String rule, CelType self, Types types) {
        var cel = CelFactory.standardCelBuilder()
                .setOptions(CelOptions.current().build())
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types)
                .addVar("self", self)
                .addVar("oldSelf", self)
                .setResultType(SimpleType.BOOL)
                .build();
        try {
            return cel.createProgram(cel.compile(rule).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalArgumentException("rule '" + rule + "': " + e.getMessage(), e);
        }
    }

    private static Object plain(JsonNode value) {
        if (value.isObject()) {
            var map = new LinkedHashMap<String, Object>();
            value.properties().forEach(p -> map.put(p.getKey(), plain(p.getValue())));
            return map;
        }
        if (value.isArray()) {
            var list = new ArrayList<>();
            value.forEach(item -> list.add(plain(item)));
            return list;
        }
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> value.isIntegralNumber() ? (Object) value.longValue() : (Object) value.doubleValue();
            default -> value.asText();
        };
    }

    /** The schema's objects as CEL types, named by their path. */
    private static final class Types implements CelTypeProvider {

        private final Map<String, CelType> structs = new HashMap<>();

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.copyOf(structs.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(structs.get(name));
        }

        CelType typeOf(JsonNode schema, String name) {
            if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
                return SimpleType.DYN;
            }
            return switch (schema.path("type").asText()) {
                case "string" -> SimpleType.STRING;
                case "integer" -> SimpleType.INT;
                case "number" -> SimpleType.DOUBLE;
                case "boolean" -> SimpleType.BOOL;
                case "array" -> ListType.create(typeOf(schema.path("items"), name + ".items"));
                case "object" ->
                    schema.has("properties")
                            ? struct(schema.path("properties"), name)
                            : MapType.create(
                                    SimpleType.STRING, typeOf(schema.path("additionalProperties"), name + ".values"));
                default -> SimpleType.DYN;
            };
        }

        private CelType struct(JsonNode properties, String name) {
            var fields = new HashMap<String, CelType>();
            properties.properties().forEach(p -> fields.put(p.getKey(), typeOf(p.getValue(), name + "." + p.getKey())));
            var struct = StructType.create(
                    name, ImmutableSet.copyOf(fields.keySet()), field -> Optional.ofNullable(fields.get(field)));
            structs.put(name, struct);
            return struct;
        }
    }
}
