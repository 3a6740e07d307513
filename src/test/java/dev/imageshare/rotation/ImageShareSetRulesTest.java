package dev.imageshare.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.share.ImageShareReconciler;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the CRD refuses is refused here too, so that an API server without CEL, or with an older CRD, makes no ImageShare. */
class ImageShareSetRulesTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds/ImageShareSet");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    /** An operator can't see these: what is wrong is lost in the reading. */
    private static final Set<String> UNREADABLE =
            Set.of("invalid-suspend-of-text.yaml", "invalid-unknown-field.yaml", "invalid-order-type.yaml");

    private static Optional<String> violation(ImageShareSetSpec spec) {
        return ImageShareSetRules.violation(spec, ImageShareReconciler::violation);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void whatTheCrdRefusesIsRefusedWithTheField(Path file) throws IOException {
        var field = Files.readAllLines(file)
                .get(0)
                .substring(2)
                .replaceFirst(":.*", "")
                .replaceAll("\\[\\d+]", "");

        assertThat(violation(read(file).getSpec()))
                .hasValueSatisfying(
                        v -> assertThat(v).contains(field.split("\\.")[0]).endsWith("."))
                .hasValueSatisfying(v -> assertThat(v)
                        .as("it names the field, or the one that it is in")
                        .containsPattern(field.replaceFirst("\\.[^.]+$", "").replace(".", "\\.")));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void whatTheCrdTakesIsTaken(Path file) throws IOException {
        assertThat(violation(read(file).getSpec())).isEmpty();
    }

    /** What the CRD can't say of a map's keys and values. */
    @Test
    void labelsThatNoApiServerTakesAreRefused() throws IOException {
        var spec = read(OBJECTS.resolve("valid-least.yaml")).getSpec();
        for (var labels : Stream.of(
                        Map.of("a b", "c"),
                        Map.of("a/b/c", "d"),
                        Map.of("Example.org/a", "b"),
                        Map.of("a", "b c"),
                        Map.of("a", "-b"),
                        Map.of("a".repeat(64), "b"))
                .toList()) {
            var with = new ImageShareSetSpec(
                    spec.clouds(),
                    spec.images(),
                    spec.managedOptions(),
                    new ImageShareSetSpec.ShareTemplate(
                            new ImageShareSetSpec.TemplateMetadata(labels, null),
                            spec.template().spec()),
                    spec.resyncPeriod(),
                    false);
            assertThat(violation(with))
                    .as("%s", labels)
                    .hasValueSatisfying(v -> assertThat(v).startsWith("spec.template.metadata.labels has a "));
        }
    }

    private static ImageShareSet read(Path file) throws IOException {
        var documents = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
        return KUBERNETES.unmarshal(documents.get(0).toString(), ImageShareSet.class);
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
