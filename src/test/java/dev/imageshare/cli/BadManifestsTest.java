package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as people write them by mistake, or for other tools: each is named, and stops no other. */
class BadManifestsTest {

    private static final String SHARE = """
            apiVersion: imageshare.dev/v1alpha1
            kind: ImageShare
            metadata:
              name: x
              namespace: team
            spec:
              cloudCredentialsRef: {secretName: s, cloudName: c}
              image: {filter: {name: ubuntu}}
              members: []
            """;

    @TempDir
    private Path folder;

    private Manifests read() {
        return Manifests.read(List.of(folder), InputStream.nullInputStream(), "default", Instant.EPOCH);
    }

    private Manifests read(String text) {
        CommandRun.write(folder.resolve("share.yaml"), text);
        return read();
    }

    private void refused(String text, int line, String... words) {
        assertThat(read(text).faults()).anySatisfy(fault -> {
            assertThat(fault.place().line()).isEqualTo(line);
            assertThat(fault.toString()).contains(words).contains("share.yaml:" + line + ": ");
        });
        assertThat(read().shares()).isEmpty();
    }

    // ------------------------------------------------------- near misses (B2)

    @ParameterizedTest
    @ValueSource(
            strings = {
                "imagshare.dev/v1alpha1",
                "imageshares.dev/v1alpha1",
                "ImageShare.dev/v1alpha1",
                "imageshare.dev/v1",
                "imageshare.dev",
                "v1alpha1",
                "v1",
                "\"\"",
                "example.org/v1alpha1",
            })
    void anotherApiVersionForOneOfOurKindsIsAnError(String version) {
        var text = SHARE.replace("imageshare.dev/v1alpha1", version);

        assertThat(read(text).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("imageshare.dev/v1alpha1"));
        assertThat(read().found()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "ImageShares, imageshare.dev/v1alpha1",
        "imageshare, imageshare.dev/v1alpha1",
        "ImageSahre, v1",
        "Imageacceptance, v1",
        "'', imageshare.dev/v1alpha1",
        "'', v1",
    })
    void anotherSpellingOfOurKindsIsAnError(String kind, String version) {
        var text = SHARE.replace("ImageShare", kind).replace("imageshare.dev/v1alpha1", version);

        assertThat(read(text).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("v1alpha1"));
    }

    @Test
    void aListOfObjectsIsAnError() {
        var text = "- " + SHARE.strip().replace("\n", "\n  ") + "\n";

        assertThat(read(text).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("put the objects one after another"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
                "apiVersion: openstack.k-orc.cloud/v1alpha1\nkind: Image\nmetadata: {name: x}\n",
                "apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: x}\n",
                "apiVersion: storage.example.org/v1\nkind: ImageStore\nmetadata: {name: x}\n",
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
                "some: values\n",
                "- a\n- b\n",
                "just text\n",
            })
    void whatIsSomebodyElsesIsLeftAlone(String text) {
        var manifests = read(text);

        assertThat(manifests.faults()).isEmpty();
        assertThat(manifests.others()).isEqualTo(1);
        assertThat(manifests.found()).isZero();
    }

    // --------------------------------------------------- files (B2, B3)

    @Test
    void aFileThatCannotBeReadStopsNoOther() throws IOException {
        CommandRun.write(folder.resolve("a/tabs.yaml"), "data:\n\tkey: value\n");
        CommandRun.write(folder.resolve("a/broken.json"), "{\"a\": ");
        Files.createSymbolicLink(folder.resolve("a/gone.yaml"), folder.resolve("nowhere"));
        Files.write(
                folder.resolve("a/latin.yaml"),
                "kind: ConfigMap\ndata: {name: Jos\u00e9}\n".getBytes(StandardCharsets.ISO_8859_1));
        CommandRun.write(folder.resolve("b/share.yaml"), SHARE);

        var manifests = read();

        assertThat(manifests.shares()).hasSize(1);
        assertThat(manifests.faults())
                .extracting(fault -> fault.place().toString())
                .containsExactlyInAnyOrder(
                        folder.resolve("a/broken.json") + ":1", folder.resolve("a/tabs.yaml") + ":2");
        assertThat(manifests.otherEncodings())
                .containsExactly(folder.resolve("a/latin.yaml").toString());
    }

    @Test
    void oneBadDocumentStopsNoOther() {
        assertThat(read("a: [\n---\n" + SHARE).shares()).hasSize(1);
        assertThat(read().faults()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, EFBBBF", "UTF-16LE, FFFE", "UTF-16BE, FEFF"})
    void aByteOrderMarkSaysTheEncoding(String encoding, String mark) throws IOException {
        for (var text : List.of(SHARE.replace("ubuntu", "\u00fcbuntu \ud83d\udc27"), json())) {
            var bytes = new java.io.ByteArrayOutputStream();
            bytes.write(java.util.HexFormat.of().parseHex(mark));
            bytes.write(text.getBytes(Charset.forName(encoding)));
            Files.write(folder.resolve("share.yaml"), bytes.toByteArray());

            assertThat(read().faults()).isEmpty();
            assertThat(read().shares()).hasSize(1);
        }
    }

    @Test
    void anObjectOfOursMustBeUtf8() throws IOException {
        Files.write(
                folder.resolve("share.yaml"),
                SHARE.replace("ubuntu", "\u00fcbuntu").getBytes(StandardCharsets.ISO_8859_1));

        assertThat(read().faults()).singleElement().satisfies(fault -> {
            assertThat(fault.place().line()).isEqualTo(8);
            assertThat(fault.message()).contains("save the file as UTF-8");
        });
    }

    private static String json() {
        return """
                {
                \t"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare", "metadata": {"name": "x"},
                \t"spec": {
                \t\t"cloudCredentialsRef": {"secretName": "s", "cloudName": "c"},
                \t\t"image": {"filter": {"name": "yes", "tags": ["y", "no"]}},
                \t\t"members": []
                \t}
                }
                """;
    }

    @Test
    void jsonIsReadAsJson() {
        var manifests = read(json() + json().replace("\"x\"", "\"y\"").replace("[]", "{}"));

        assertThat(manifests.shares())
                .singleElement()
                .satisfies(declared -> assertThat(
                                declared.object().getSpec().image().filter().name())
                        .isEqualTo("yes"));
        assertThat(manifests.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.place().line()).isEqualTo(14);
            assertThat(fault.message()).startsWith("spec.members must be a list");
        });
    }

    // ------------------------------------------------------ metadata (B4)

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "labels: {golden: yes}|metadata.labels.golden must be a string, but is true: put it in quotes",
                "labels: {team: Team A & B}|metadata.labels.team is not a valid label value",
                "labels: {a b: c}|metadata.labels.a b is not a valid key",
                "labels: {Example.org/a: c}|before the / must be a DNS name",
                "labels: [a]|metadata.labels must be a mapping",
                "annotations: {a: 1}|metadata.annotations.a must be a string",
                "annotations: {a/b/c: d}|metadata.annotations.a/b/c is not a valid key",
                "finalizers: x|metadata.finalizers must be a list",
                "finalizers: [a b]|metadata.finalizers[0] is not a valid finalizer",
                "ownerReferences: [{apiVersion: v1, kind: X, name: y}]|metadata.ownerReferences[0].uid is missing",
                "generation: \"3\"|metadata.generation must be a whole number",
                "creationTimestamp: yesterday|is not a time such as",
                "resourceVersion: 5|metadata.resourceVersion must be a string",
                "lables: {a: b}|metadata.lables is an unknown field; did you mean labels?",
                "clusterName: x|metadata.clusterName is an unknown field",
            })
    void metadataThatAnApiServerRefusesIsToldWithItsLine(String field, String message) {
        refused(SHARE.replace("  namespace: team\n", "  namespace: team\n  " + field + "\n"), 6, message);
    }

    @ParameterizedTest
    @CsvSource({
        "name: x, name: 2026, 4, metadata.name must be a string",
        "name: x, name: yes, 4, put it in quotes",
        "name: x, name: a..b, 4, RFC 1123",
        "name: x, name: X, 4, RFC 1123",
        "name: x, generateName: x-, 3, metadata.name is missing",
        "namespace: team, namespace: 2026, 5, metadata.namespace must be a string",
        "namespace: team, namespace: a.b, 5, RFC 1123",
        "name: ubuntu, name: 24.04, 8, spec.image.filter.name must be a string",
        "name: ubuntu, 'tags: [y, n]', 8, 'spec.image.filter.tags[0] must be a string, but is true: put it in quotes'",
    })
    void whatYamlReadsAsSomethingElseIsToldWithItsLine(String right, String wrong, int line, String message) {
        refused(SHARE.replace(right, wrong), line, message);
    }

    @Test
    void metadataThatAnApiServerTakesIsTaken() {
        var text = SHARE.replace("  namespace: team\n", """
                  namespace: ""
                  labels: {example.org/Team_A.b: "", empty: }
                  annotations: {Example.ORG/x: "Team A & B \u00fc", empty: }
                  finalizers: [example.org/x]
                  creationTimestamp: null
                  ownerReferences: [{apiVersion: apps/v1, kind: X, name: "y", uid: z, controller: true}]
                  managedFields: [{manager: x, fieldsV1: {"f:spec": {}}}]
                """);

        assertThat(read(text).faults()).isEmpty();
        assertThat(read().shares())
                .singleElement()
                .satisfies(declared -> assertThat(declared.namespace()).isEqualTo("default"));
    }

    /** In a regular expression of Java a line end may follow the end. */
    @Test
    void aLineEndIsNoPartOfAnId() {
        refused(SHARE.replace("members: []", "members: [{projectID: \"abc\\n\"}]"), 9, "doesn't match");
    }

    // -------------------------------------------------- placeholders (B6)

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ .Values.image }}",
                "${IMAGE}",
                "${IMAGE:=ubuntu}",
                "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]",
                "<path:kv/data/images#name>"
            })
    void whatAnotherToolFillsInIsNamedAndSkipped(String placeholder) {
        CommandRun.write(folder.resolve("fine.yaml"), SHARE.replace("name: x", "name: fine"));
        var manifests = read(SHARE.replace("name: ubuntu", "name: \"" + placeholder + "\""));

        assertThat(manifests.faults()).isEmpty();
        assertThat(manifests.shares()).hasSize(1);
        assertThat(manifests.templates())
                .containsExactly(folder.resolve("share.yaml").toString());
    }

    @Test
    void whatOnlyLooksLikeAPlaceholderIsNone() {
        var text = SHARE.replace("  namespace: team\n", """
                  namespace: team
                  annotations: {note: "costs ${AMOUNT}, see <path:x>"}
                """).replace("name: ubuntu", "name: \"$HOME ${} ENC[x]\"");

        assertThat(read(text).templates()).isEmpty();
        assertThat(read().shares()).hasSize(1);
    }
}
