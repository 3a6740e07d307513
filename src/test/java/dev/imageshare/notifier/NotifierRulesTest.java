package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the CRD refuses is refused here too, so that an API server without CEL, or with an older CRD, leads to no message. */
class NotifierRulesTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds/ImageNotifier");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    /** An operator can't see these: such an object can't be read, or what is wrong is lost in the reading. */
    private static final Set<String> UNREADABLE = Set.of(
            "invalid-type.yaml",
            "invalid-events-unknown.yaml",
            "invalid-suspend-of-text.yaml",
            "invalid-unknown-field.yaml");

    @ParameterizedTest
    @MethodSource("invalid")
    void whatTheCrdRefusesIsRefusedWithTheField(Path file) throws IOException {
        var field = Files.readAllLines(file)
                .get(0)
                .substring(2)
                .replaceFirst(":.*", "")
                .replaceAll("\\[\\d+]", "");

        assertThat(NotifierRules.violation(read(file).getSpec()))
                .hasValueSatisfying(
                        v -> assertThat(v).contains(field.split("\\.")).endsWith("."));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void whatTheCrdTakesIsTaken(Path file) throws IOException {
        assertThat(NotifierRules.violation(read(file).getSpec())).isEmpty();
    }

    private static ImageNotifier read(Path file) throws IOException {
        var documents = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
        return KUBERNETES.unmarshal(documents.get(0).toString(), ImageNotifier.class);
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
