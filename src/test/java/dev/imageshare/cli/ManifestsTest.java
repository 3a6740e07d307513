package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.embedded.CrdValidator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an API server refuses, plan refuses; on the same files as the CRDs' own test. */
class ManifestsTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, CrdValidator> CRDS = CrdValidator.load(Path.of("crds")).stream()
            .collect(Collectors.toMap(CrdValidator::kind, Function.identity()));

    @TempDir
    private Path folder;

    static Stream<Path> files() throws IOException {
        try (var files = Files.walk(OBJECTS)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    private Manifests read(String text) {
        var file = CommandRun.write(folder.resolve("object.yaml"), text);
        return Manifests.read(List.of(file), InputStream.nullInputStream(), "default", Instant.EPOCH);
    }

    /** A second document is what the object replaces, which a file alone doesn't tell. */
    @ParameterizedTest
    @MethodSource("files")
    void anObjectIsTakenOrRefusedAsItsFileSays(Path file) throws IOException {
        var documents = Files.readString(file).split("(?m)^---\n");
        var object = documents[0].isBlank() ? documents[1] : documents[0];
        var comparesWithOld =
                documents.length > 1 && file.getFileName().toString().startsWith("invalid");
        if (comparesWithOld) {
            return;
        }

        var manifests = read(object);

        assertThat(manifests.found()).isEqualTo(1);
        if (file.getFileName().toString().startsWith("valid")) {
            assertThat(manifests.faults()).isEmpty();
        } else {
            assertThat(manifests.faults()).isNotEmpty().allSatisfy(fault -> {
                assertThat(fault.place().line()).isPositive();
                assertThat(fault.message()).doesNotContain("Exception", "null");
            });
        }
    }

    @Test
    void anotherImageThanTheStatusRemembersIsRefused() {
        var text = """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: x}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: c}
                  members: []
                  image: {id: 1f7c6a3e-0d0b-4f5e-9a39-2f6d3a6f9f10}
                status: {image: {id: 2f7c6a3e-0d0b-4f5e-9a39-2f6d3a6f9f10, owner: o, region: r}}
                """;

        assertThat(read(text).faults()).singleElement().satisfies(fault -> {
            assertThat(fault.place().line()).isEqualTo(7);
            assertThat(fault.message()).contains("can't be changed");
        });
    }

    /** The validator here knows what our CRDs use of JSON Schema; this holds it to one that knows all of it. */
    @Test
    void itAgreesWithACompleteValidator() throws IOException {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var refused = 0;
        for (var file : files().filter(f -> f.getFileName().toString().startsWith("valid"))
                .toList()) {
            var kind = file.getParent().getFileName().toString();
            var crd = CRDS.get(kind);
            var schema = new CrdSchema(crd.crd());
            var byCel = crd.crd().findValues("x-kubernetes-validations").stream()
                    .flatMap(rules -> rules.findValuesAsText("message").stream())
                    .toList();
            for (int i = 0; i < 40; i++) {
                var object = (ObjectNode) YAML.readTree(file.toFile());
                mutate(object, random);
                var theirs = object.deepCopy();
                var unknown = crd.prune(theirs);
                crd.applyDefaults(theirs);
                var wrong = !unknown.isEmpty()
                        || crd.validate(theirs, null).stream()
                                .anyMatch(e -> byCel.stream().noneMatch(e.detail()::endsWith));
                assertThat(schema.check(object.deepCopy()).isEmpty())
                        .as("seed %d: %s", seed, object)
                        .isEqualTo(!wrong);
                refused += wrong ? 1 : 0;
            }
        }
        assertThat(refused).isPositive();
    }

    private static void mutate(ObjectNode object, Random random) {
        var spots = new ArrayList<Map.Entry<ObjectNode, String>>();
        collect(object.get("spec"), spots);
        var spot = spots.get(random.nextInt(spots.size()));
        var nodes = object.objectNode();
        switch (random.nextInt(9)) {
            case 0 -> spot.getKey().remove(spot.getValue());
            case 1 -> spot.getKey().put(spot.getValue(), "");
            case 2 -> spot.getKey().put(spot.getValue(), 7);
            case 3 -> spot.getKey().putNull(spot.getValue());
            case 4 -> spot.getKey().put(spot.getValue(), "x".repeat(random.nextInt(400)));
            case 5 -> spot.getKey().set(spot.getValue(), nodes);
            case 6 -> spot.getKey().putArray(spot.getValue());
            case 7 -> spot.getKey().put("surprise", true);
            default -> spot.getKey().put(spot.getValue(), "a/b \u00fc");
        }
    }

    private static void collect(JsonNode node, List<Map.Entry<ObjectNode, String>> spots) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(each -> {
                spots.add(Map.entry(object, each.getKey()));
                collect(each.getValue(), spots);
            });
        } else if (node.isArray()) {
            node.forEach(item -> collect(item, spots));
        }
    }

    // -------------------------------------------------------------------- YAML

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x|\"x\"",
                "'12'|\"12\"",
                "12345678901234567890123456789012|12345678901234567890123456789012",
                "123456789012345678901234567890e1|1.2345678901234568E30",
                "1e5|100000.0",
                "017|15",
                "0x1f|31",
                "0b11|3",
                "yes|true",
                "Off|false",
                "~|null",
                "2026-01-01|\"2026-01-01\"",
                "1:30|\"1:30\"",
                "'{{ .x }}'|\"{{ .x }}\"",
                "-.inf|\"-Infinity\"",
            })
    void scalarsAreTypedAsKubectlTypesThem(String yaml, String json) throws Exception {
        assertThat(YamlDocument.all("a: " + yaml).get(0).tree().get("a").toString())
                .isEqualTo(json);
    }

    @Test
    void anchorsAndMergesAreTheirContent() throws Exception {
        var documents = YamlDocument.all("""
                one: &base {a: 1, b: 2}
                two: {<<: *base, b: 3}
                three: {b: 4, <<: [*base]}
                ---
                ---
                four: *x
                """.replace("*x", "5"));

        assertThat(documents).hasSize(2);
        assertThat(documents.get(0).tree().get("two").toString()).isEqualTo("{\"a\":1,\"b\":3}");
        assertThat(documents.get(0).tree().get("three").toString()).isEqualTo("{\"b\":4,\"a\":1}");
        assertThat(documents.get(1).line("four")).isEqualTo(6);
        assertThat(documents.get(0).line("two.b")).isEqualTo(2);
        assertThat(documents.get(0).line("two.unknown.deeper")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"'a: 1\na: 2', 2", "'a: [', 1", "'? {b: 1}\n: 2', 1", "'a: *b', 1", "'a: &x [*x]', 1"})
    void whatIsNoYamlIsToldWithItsLine(String text, int line) {
        assertThat(read("# imageshare.dev/v1alpha1\n" + text).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.place().line()).isBetween(line + 1, line + 2));
    }

    @Test
    void aliasesOfAliasesEnd() {
        var text = new StringBuilder("# imageshare.dev/\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a%d: &a%d [".formatted(i, i))
                    .append(String.join(", ", java.util.Collections.nCopies(10, "*a" + (i - 1))))
                    .append("]\n");
        }
        assertThat(read(text.toString()).faults()).hasSize(1);
    }
}
