package dev.imageshare.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.embedded.CrdValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The CRDs on objects in files, {@code src/test/resources/crds/<Kind>/valid-*.yaml} and {@code invalid-*.yaml}. The
 * comment lines on top of an invalid file are the errors expected, one a line. A second document is the object that the
 * first one replaces.
 */
class CrdValidationTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, CrdValidator> CRDS = CrdValidator.loadAll(Path.of("crds")).stream()
            .collect(Collectors.toMap(CrdValidator::kind, Function.identity()));

    @ParameterizedTest
    @MethodSource("files")
    void anObjectIsTakenOrRefusedAsItsFileSays(Path file) throws IOException {
        var name = file.getFileName().toString();
        var expected = comments(file);

        assertThat(name).as("a file that no test would use").matches("(in)?valid-[a-z0-9-]+\\.yaml");
        assertThat(expected.isEmpty())
                .as("errors are named on top of an invalid file, and only there")
                .isEqualTo(name.startsWith("valid-"));
        assertThat(errors(CRDS.get(file.getParent().getFileName().toString()), file))
                .isEqualTo(expected);
    }

    @Test
    void everyKindHasValidAndInvalidObjects() throws IOException {
        for (var kind : CRDS.keySet()) {
            assertThat(files().filter(f -> f.getParent().endsWith(kind))
                            .map(f -> f.getFileName().toString().replaceFirst("-.*", "")))
                    .as(kind)
                    .contains("valid", "invalid");
        }
    }

    @Test
    void everyRuleRefusesAnObjectOfTheFiles() throws IOException {
        var errors = new ArrayList<String>();
        for (var file : files().toList()) {
            errors.addAll(comments(file));
        }
        for (var crd : CRDS.values()) {
            for (var rule : crd.crd().findValues("x-kubernetes-validations")) {
                rule.forEach(r -> assertThat(errors)
                        .anyMatch(e -> e.endsWith(": " + r.path("message").asText())));
            }
        }
    }

    @Test
    void aThousandMembersAreTheMost() throws IOException {
        var crd = CRDS.get("ImageShare");
        var object = (ObjectNode)
                YAML.readTree(OBJECTS.resolve("ImageShare/valid-least.yaml").toFile());
        var members = ((ObjectNode) object.get("spec")).putArray("members");
        for (int i = 0; i < 1000; i++) {
            members.addObject().put("projectID", "%032x".formatted(i));
        }
        assertThat(crd.validate(object, null)).isEmpty();

        members.addObject().put("projectID", "one-more");
        assertThat(crd.validate(object, null))
                .extracting(Object::toString)
                .containsExactly("spec.members: Too many: 1001: must have at most 1000 items");
    }

    @Test
    void defaultsAreFilledIn() throws IOException {
        var object = (ObjectNode)
                YAML.readTree(OBJECTS.resolve("ImageShare/valid-least.yaml").toFile());

        CRDS.get("ImageShare").applyDefaults(object);

        var expected = YAML.readTree("""
                membershipPolicy: Authoritative
                managementPolicy: managed
                managedOptions: {onDelete: delete, maxRemovals: 25%}
                resyncPeriod: 10m
                """);
        for (var name : List.of("membershipPolicy", "managementPolicy", "managedOptions", "resyncPeriod")) {
            assertThat(object.at("/spec/" + name)).isEqualTo(expected.get(name));
        }
    }

    /** Bounds keep the cost that an API server estimates for a CEL rule low; descriptions are what kubectl explains. */
    @Test
    void everyFieldIsDescribedAndBounded() {
        for (var crd : CRDS.values()) {
            var schema = crd.crd().at("/spec/versions/0/schema/openAPIV3Schema");
            assertThat(unbounded(schema, crd.kind())).isEmpty();
            assertThat(undescribed(schema, crd.kind())).isEmpty();
        }
    }

    private static List<String> undescribed(JsonNode schema, String path) {
        var found = new ArrayList<String>();
        schema.path("properties").properties().forEach(p -> {
            var child = path + "." + p.getKey();
            if (p.getValue().path("description").asText().isBlank()) {
                found.add(child);
            }
            found.addAll(undescribed(p.getValue(), child));
        });
        if (schema.has("items")) {
            found.addAll(undescribed(schema.get("items"), path + "[]"));
        }
        return found;
    }

    private static List<String> unbounded(JsonNode schema, String path) {
        var found = new ArrayList<String>();
        var bounds = Map.of(
                "string", List.of("maxLength", "enum", "format"),
                "array", List.of("maxItems"),
                "object", List.of("properties", "maxProperties"));
        var bound = bounds.get(schema.path("type").asText());
        // What an object has that the schema doesn't name is dropped.
        var isEmpty = schema.path("type").asText().equals("object")
                && !schema.has("additionalProperties")
                && !schema.has("x-kubernetes-preserve-unknown-fields");
        if (bound != null && !isEmpty && bound.stream().noneMatch(schema::has)) {
            found.add(path);
        }
        schema.path("properties")
                .properties()
                .forEach(p -> found.addAll(unbounded(p.getValue(), path + "." + p.getKey())));
        if (schema.has("items")) {
            found.addAll(unbounded(schema.get("items"), path + "[]"));
        }
        return found;
    }

    private static List<String> errors(CrdValidator crd, Path file) throws IOException {
        assertThat(crd)
                .as("a directory in %s is named after a kind of crds/", OBJECTS)
                .isNotNull();
        var documents = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
        var object = documents.get(0);
        var old = documents.size() > 1 ? documents.get(1) : null;
        var errors = new ArrayList<String>();
        crd.prune(object).forEach(path -> errors.add("unknown field \"" + path + "\""));
        crd.applyDefaults(object);
        if (old != null) {
            crd.applyDefaults(old);
            assertThat(crd.validate(old, null)).as("the old object").isEmpty();
        }
        crd.validate(object, old).forEach(e -> errors.add(e.toString()));
        return errors;
    }

    private static List<String> comments(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .takeWhile(line -> line.startsWith("# "))
                .map(line -> line.substring(2))
                .toList();
    }

    static Stream<Path> files() throws IOException {
        try (var files = Files.walk(OBJECTS)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }
}
