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
import org.junit.jupiter.params.provider.ValueSource;

/** What an API server refuses, plan refuses; on the same files as the CRDs' own test. */
class ManifestsTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, CrdValidator> CRDS = CrdValidator.loadAll(Path.of("crds")).stream()
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
            var schema = CrdSchema.of(crd.crd());
            var byCel = crd.crd().findValues("x-kubernetes-validations").stream()
                    .flatMap(rules -> rules.findValuesAsText("message").stream())
                    .toList();
            for (int i = 0; i < 15; i++) {
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

    /** The right side is what kubectl 1.32 printed: {@code kubectl annotate --local -f x.yaml a=b -o json}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x|\"x\"",
                "'12'|\"12\"",
                "y|true",
                "N|false",
                "yes|true",
                "Off|false",
                "On|true",
                "tRue|\"tRue\"",
                "nil|\"nil\"",
                "~|null",
                "Null|null",
                "017|15",
                "08|8",
                "099|99",
                "0o17|15",
                "-0o17|-15",
                "0o8|\"0o8\"",
                "0x1f|31",
                "0X1F|31",
                "0x_1|1",
                "-0x1f|-31",
                "0xffffffffffffffffffff|\"0xffffffffffffffffffff\"",
                "0b11|3",
                "+0b1|1",
                "0b2|\"0b2\"",
                "1_000|1000",
                "1__0|10",
                "_1|\"_1\"",
                "+1|1",
                "-0|0",
                "00|0",
                "1e5|100000",
                "1.5e+3|1500",
                "1e|\"1e\"",
                "e5|\"e5\"",
                ".5|0.5",
                "-.5|-0.5",
                "._5|\"._5\"",
                "1._5|1.5",
                "5.|5",
                "1.0|1",
                "0.1|0.1",
                "1e400|\"1e400\"",
                "1:30|\"1:30\"",
                "190:20:30|\"190:20:30\"",
                "2026-01-01|\"2026-01-01\"",
                "12345678901234567890123456789012|1.2345678901234567E31",
                "123456789012345678901234567890e1|1.2345678901234568E30",
                "-9223372036854775808|-9223372036854775808",
                "0777777777777777777777777|7.777777777777778E23",
                "=|\"=\"",
                "<<|\"<<\"",
                "'{{ .x }}'|\"{{ .x }}\"",
                "!!str 5|\"5\"",
                "!!int \"5\"|5",
                "!!bool \"yes\"|true",
                "!foo bar|\"bar\"",
                "!!binary aGk=|\"hi\"",
                "!!timestamp 2026-01-01|\"2026-01-01\"",
            })
    void scalarsAreTypedAsKubectlTypesThem(String yaml, String json) throws Exception {
        assertThat(document("a: " + yaml).tree().get("a").toString()).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {".inf", "-.Inf", ".NaN", "!!null x", "!!int x", "!!binary ?"})
    void scalarsThatKubectlRefusesAreFaults(String yaml) {
        assertThat(ManifestText.read("a: " + yaml).faults()).hasSize(1);
    }

    private static ManifestDocument document(String text) {
        var read = ManifestText.read(text);
        assertThat(read.faults()).isEmpty();
        assertThat(read.documents()).hasSize(1);
        return read.documents().get(0);
    }

    @Test
    void keysAreText() {
        assertThat(document("1: a\nyes: b\n1.5: c\n").tree().toString())
                .isEqualTo("{\"1\":\"a\",\"true\":\"b\",\"1.5\":\"c\"}");
    }

    @Test
    void anchorsAndMergesAreTheirContent() throws Exception {
        var documents = ManifestText.read("""
                one: &base {a: 1, b: 2}
                two: {<<: *base, b: 3}
                three: {<<: [*base, {a: 7, c: 8}]}
                --- # nothing
                ---
                four: *x
                """.replace("*x", "5")).documents();

        assertThat(documents).hasSize(2);
        assertThat(documents.get(0).tree().get("two").toString()).isEqualTo("{\"a\":1,\"b\":3}");
        assertThat(documents.get(0).tree().get("three").toString()).isEqualTo("{\"a\":1,\"b\":2,\"c\":8}");
        assertThat(documents.get(1).line("four")).isEqualTo(6);
        assertThat(documents.get(0).line("two.b")).isEqualTo(2);
        assertThat(documents.get(0).line("two.unknown.deeper")).isEqualTo(2);
    }

    /** kubectl lets the merge win, kustomize the mapping. */
    @Test
    void aMergeThatTwoReadersTakeDifferentlyIsAFault() {
        assertThat(ManifestText.read("one: &base {a: 1}\ntwo:\n  a: 2\n  <<: *base\n")
                        .faults())
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.line()).isEqualTo(4);
                    assertThat(fault).hasMessageContaining("put << first");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "'a: 1\na: 2', 2",
        "'a: [', 1",
        "'? {b: 1}\n: 2', 1",
        "'a: *b', 1",
        "'a: &x [*x]', 1",
        "'~: 1', 1",
        "'a: 1\n\tb: 2', 2",
        "'--- a: 1', 1",
        "'a: &x 1\n---\na: *x', 3",
        "'a: 1\n...\na: 2', 3",
        "'a: \u0001', 1",
        "'{a: 1}', 1",
        "'{\"a\": 1,}', 1",
        "'{\"a\": 1,\n\"a\": 2}', 2",
        "'{\"a\": 1}\n---\na: 1', 2",
    })
    void whatKubectlCannotReadIsToldWithItsLine(String text, int line) {
        assertThat(read(text.replace("\\u0001", "\u0001")).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.place().line()).isBetween(line, line + 1));
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
