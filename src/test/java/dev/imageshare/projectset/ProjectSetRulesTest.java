package dev.imageshare.projectset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the CRD refuses is refused here too, so that an API server without CEL, or with an older CRD, changes no set. */
class ProjectSetRulesTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds/ProjectSet");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    /** An operator can't see these: what is wrong is lost in the reading. */
    private static final Set<String> UNREADABLE = Set.of("invalid-suspend-of-text.yaml", "invalid-unknown-field.yaml");

    @ParameterizedTest
    @MethodSource("invalid")
    void whatTheCrdRefusesIsRefusedWithTheField(Path file) throws IOException {
        var field = Files.readAllLines(file)
                .get(0)
                .substring(2)
                .replaceFirst(":.*", "")
                .replaceAll("\\[\\d+]", "");

        assertThat(ProjectSetRules.violation(read(file).getSpec()))
                .hasValueSatisfying(
                        v -> assertThat(v).contains(field.split("\\.")).endsWith("."));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void whatTheCrdTakesIsTaken(Path file) throws IOException {
        assertThat(ProjectSetRules.violation(read(file).getSpec())).isEmpty();
    }

    /** What the CRD's pattern lets pass. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2027-13-01T00:00:00Z",
                "2027-02-30T00:00:00Z",
                "2027-01-01T25:00:00Z",
                "2027-01-01T00:00:00+19:00"
            })
    void aTimeThatIsNoneIsRefused(String expiresAt) {
        assertThat(ProjectSetRules.expiry(new ProjectEntry("a", null, expiresAt)))
                .isEmpty();
    }

    @Test
    void timesAreReadAsRfc3339HasThem() {
        assertThat(ProjectSetRules.expiry(new ProjectEntry("a", null, "2027-01-31t00:00:00.5+01:00")))
                .contains(Instant.parse("2027-01-30T23:00:00.5Z"));
    }

    private static ProjectSet read(Path file) throws IOException {
        var documents = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
        return KUBERNETES.unmarshal(documents.get(0).toString(), ProjectSet.class);
    }

    static Stream<Path> invalid() throws IOException {
        return files("invalid-")
                .filter(f -> !UNREADABLE.contains(f.getFileName().toString()));
    }

    static Stream<Path> valid() throws IOException {
        return files("valid-");
    }

    private static Stream<Path> files(String prefix) throws IOException {
        try (var files = Files.list(OBJECTS)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList().stream();
        }
    }
}
