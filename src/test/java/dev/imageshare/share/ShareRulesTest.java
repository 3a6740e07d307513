package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the CRD refuses is refused here too, so that an API server without CEL, or with an older CRD, leads to no write.
 * The objects and the fields at fault are those of the CRD's own test.
 */
class ShareRulesTest {

    private static final Path OBJECTS = Path.of("src/test/resources/crds/ImageShare");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    /** An operator can't see these: such an object can't be read at all, or what is wrong is lost in the reading. */
    private static final Set<String> UNREADABLE = Set.of(
            "invalid-condition-status.yaml",
            "invalid-management-policy.yaml",
            "invalid-member-of-text.yaml",
            "invalid-membership-policy.yaml",
            "invalid-on-delete.yaml",
            "invalid-project-id-of-digits-unquoted.yaml",
            "invalid-project-ref-of-text.yaml",
            "invalid-resync-number.yaml",
            "invalid-suspend-of-text.yaml",
            "invalid-unknown-field-of-a-member.yaml",
            "invalid-unknown-field.yaml");

    @ParameterizedTest
    @MethodSource("invalid")
    void whatTheCrdRefusesIsRefusedWithTheField(Path file) throws IOException {
        var violation = violation(file);

        var field = Files.readAllLines(file).get(0).substring(2).replaceFirst(": .*", "");
        var parts = field.replaceAll("\\[\\d+]", "").split("\\.");
        assertThat(violation).isPresent();
        assertThat(violation.get()).contains(parts.length > 1 ? "spec." + parts[1] : "spec");
        assertThat(violation.get()).contains(parts[parts.length - 1]).endsWith(".");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void whatTheCrdTakesIsTaken(Path file) throws IOException {
        assertThat(violation(file)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void whatIsNotTriedCanNotBeSeen(Path file) throws IOException {
        assertThat(isReadAsItIs(file)).isFalse();
    }

    @Test
    void aThousandMembersAreTheMost() {
        assertThat(ShareRules.violation(withMembers(1_000), null)).isEmpty();
        assertThat(ShareRules.violation(withMembers(1_001), null))
                .hasValueSatisfying(v -> assertThat(v).contains("spec.members", "1001", "1,000"));
    }

    /** The CRD can say it of an edit only; the status says it also of an object that was deleted and made anew. */
    @Test
    void anotherImageIsAnotherObject() throws IOException {
        var share = read(OBJECTS.resolve("valid-least.yaml"));
        var same = status(share.getSpec().image().id());
        var other = status("00000000-0000-4000-8000-000000000000");

        assertThat(ShareRules.violation(share.getSpec(), same)).isEmpty();
        assertThat(ShareRules.violation(share.getSpec(), other))
                .hasValueSatisfying(v ->
                        assertThat(v).contains("spec.image can't be changed", "00000000-0000-4000-8000-000000000000"));
    }

    /** A filter and a reference are resolved once: what they are changed to would be ignored. */
    @Test
    void anotherFilterOrReferenceIsAnotherObjectToo() throws IOException {
        var share = read(OBJECTS.resolve("valid-least.yaml"));
        var id = share.getSpec().image().id();
        var references = List.of(
                new ImageReference(id, null, null),
                new ImageReference(null, new ImageFilter("ubuntu", null), null),
                new ImageReference(null, new ImageFilter("debian", null), null),
                new ImageReference(null, new ImageFilter("ubuntu", List.of("golden")), null),
                new ImageReference(null, new ImageFilter(null, List.of("golden", "ubuntu")), null),
                new ImageReference(null, null, "ubuntu"),
                new ImageReference(null, null, "debian"));
        for (var before : references) {
            for (var now : references) {
                var violation = ShareRules.violation(with(share.getSpec(), now), status(id, ReferenceHash.of(before)));

                if (now == before) {
                    assertThat(violation).isEmpty();
                } else {
                    assertThat(violation)
                            .hasValueSatisfying(v -> assertThat(v).contains("spec.image can't be changed", id));
                }
            }
            assertThat(ShareRules.violation(with(share.getSpec(), before), status(id)))
                    .as("the status of a former version")
                    .isEmpty();
        }
    }

    @Test
    void tagsInAnotherOrderAreTheSameFilter() {
        assertThat(ReferenceHash.of(new ImageReference(null, new ImageFilter(null, List.of("a", "b")), null)))
                .isEqualTo(ReferenceHash.of(new ImageReference(null, new ImageFilter(null, List.of("b", "a")), null)))
                .isNotEqualTo(ReferenceHash.of(new ImageReference(null, new ImageFilter(null, List.of("a,b")), null)))
                .matches("[0-9a-f]{16}");
        assertThat(ReferenceHash.of(new ImageReference(null, new ImageFilter("a", List.of()), null)))
                .isEqualTo(ReferenceHash.of(new ImageReference(null, new ImageFilter("a", null), null)));
    }

    private static ImageShareSpec with(ImageShareSpec spec, ImageReference image) {
        return new ImageShareSpec(spec.cloudCredentialsRef(), image, spec.members(), null, null, null, null, null);
    }

    private static ImageShareStatus status(String imageId) {
        return status(imageId, null);
    }

    private static ImageShareStatus status(String imageId, @Nullable String reference) {
        var image = new ImageInfo(imageId, null, "owner", "RegionOne", null, null, null, reference);
        return new ImageShareStatus(1L, image, null, null, null, null, null, null);
    }

    private static ImageShareSpec withMembers(int count) {
        try {
            var spec = read(OBJECTS.resolve("valid-least.yaml")).getSpec();
            var members = IntStream.range(0, count)
                    .mapToObj(i -> new ImageShareSpec.DeclaredMember("%032x".formatted(i)))
                    .toList();
            return new ImageShareSpec(spec.cloudCredentialsRef(), spec.image(), members, null, null, null, null, null);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<String> violation(Path file) throws IOException {
        var share = read(file);
        return ShareRules.violation(share.getSpec(), share.getStatus());
    }

    private static ImageShare read(Path file) throws IOException {
        return KUBERNETES.unmarshal(documents(file).get(0).toString(), ImageShare.class);
    }

    private static boolean isReadAsItIs(Path file) throws IOException {
        var object = documents(file).get(0);
        ImageShare share;
        try {
            share = read(file);
        } catch (RuntimeException e) {
            return false;
        }
        var read = YAML.readTree(KUBERNETES.asJson(share));
        return object.path("spec").properties().stream()
                .allMatch(field -> field.getValue().equals(read.path("spec").path(field.getKey())));
    }

    private static List<ObjectNode> documents(Path file) throws IOException {
        return YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
    }

    static Stream<Path> invalid() throws IOException {
        // Changes of the image are above: a spec alone can't show them.
        return files("invalid-")
                .filter(f -> !f.getFileName().toString().startsWith("invalid-image-changed"))
                .filter(f -> !UNREADABLE.contains(f.getFileName().toString()));
    }

    static Stream<Path> unreadable() throws IOException {
        return files("invalid-").filter(f -> UNREADABLE.contains(f.getFileName().toString()));
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
