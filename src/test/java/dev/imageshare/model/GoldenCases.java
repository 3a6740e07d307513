package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What users read, by example: each folder of {@code src/test/resources/golden} that is a kind's has examples, see
 * {@link GoldenCase}. {@code -Dgolden.write=true} writes what comes of them anew; read the diff.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GoldenCases {

    private static final boolean WRITE = Boolean.getBoolean("golden.write");

    private static final YAMLMapper YAML = new YAMLMapper();

    private final Path examples;
    private final Set<Reason> neverOfThisKind;
    private ModelWorld world;

    /**
     * @param kind the folder's name
     * @param neverOfThisKind the reasons that no object of the kind can have
     */
    GoldenCases(String kind, Set<Reason> neverOfThisKind) {
        examples = Path.of("src/test/resources/golden", kind);
        this.neverOfThisKind = neverOfThisKind;
    }

    @BeforeAll
    void start() {
        world = new ModelWorld(object -> UUID.nameUUIDFromBytes(object.getBytes(StandardCharsets.UTF_8)));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    List<String> cases() throws IOException {
        try (var folders = Files.list(examples)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void usersRead(String example) throws IOException {
        var folder = examples.resolve(example);
        var outcome = new GoldenCase(folder, world).play();

        holds(folder.resolve("status.yaml"), outcome.status());
        holds(folder.resolve("events.txt"), outcome.events());
    }

    private static void holds(Path file, String text) throws IOException {
        if (WRITE) {
            Files.writeString(file, text);
        }
        assertThat(file).exists();
        assertThat(text)
                .as("what comes of %s; if it shall be so, -Dgolden.write=true writes it", file)
                .isEqualTo(Files.readString(file));
    }

    @Test
    void eachReasonHasAnExample() throws IOException {
        var shown = EnumSet.noneOf(Reason.class);
        for (var example : cases()) {
            var status = examples.resolve(example).resolve("status.yaml").toFile();
            for (var condition : YAML.readTree(status).path("conditions")) {
                if (condition.path("type").asText().equals(Conditions.READY)) {
                    shown.add(Reason.valueOf(condition.path("reason").asText()));
                }
            }
        }

        var possible = EnumSet.allOf(Reason.class);
        possible.removeAll(neverOfThisKind);
        assertThat(shown).containsExactlyElementsOf(possible);
    }

    @Test
    void nothingElseLiesThere() throws IOException {
        try (var files = Files.walk(examples)) {
            assertThat(files.filter(Files::isRegularFile)).allSatisfy(file -> {
                assertThat(file.getParent().getParent()).isEqualTo(examples);
                assertThat(file.getFileName().toString()).isIn(GoldenCase.FILES);
            });
        }
        try (var kinds = Files.list(examples.getParent())) {
            assertThat(kinds.map(Path::getFileName).map(Path::toString))
                    .as("each kind has a test of its own")
                    .containsExactlyInAnyOrder("imageacceptance", "imageshare");
        }
    }
}
