package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.cli.CloudImages.Owned;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real API server with CEL refuses, {@code plan} refuses. Needs such a server in {@code IMAGESHARE_CEL_KUBECONFIG}, with
 * the CRDs installed; nothing is left in it but an empty namespace that is deleted again.
 */
class ManifestChecksRealIT {

    private static final String KUBECONFIG = "IMAGESHARE_CEL_KUBECONFIG";
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final int MUTANTS = 600;

    @TempDir
    private Path folder;

    private KubernetesClient client;
    private final String namespace = "checks-" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeEach
    void connect() {
        var kubeconfig = System.getenv(KUBECONFIG);
        assumeTrue(kubeconfig != null && !kubeconfig.isEmpty(), KUBECONFIG + " is not set");
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Path.of(kubeconfig).toFile()))
                .build();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void disconnect() {
        if (client != null) {
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    /** Why the server refuses the object; empty if it takes it. Nothing is stored. */
    private String refusal(JsonNode object) throws IOException {
        var plural = object.path("kind").asText().equals("ImageShare") ? "imageshares" : "imageacceptances";
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/" + namespace + "/" + plural
                + "?dryRun=All&fieldValidation=Strict";
        try {
            client.raw(path, "POST", object.toString());
            return "";
        } catch (io.fabric8.kubernetes.client.KubernetesClientException e) {
            assertThat(e.getCode()).as(String.valueOf(e.getMessage())).isIn(400, 422);
            return e.getStatus().getMessage();
        }
    }

    private List<Fault> faults(String text) {
        var file = CommandRun.write(folder.resolve("object.yaml"), text);
        var manifests = Manifests.read(List.of(file), InputStream.nullInputStream(), namespace, Instant.EPOCH);
        assertThat(manifests.found()).as(text).isEqualTo(1);
        return manifests.faults();
    }

    @Test
    void whatTheServerRefusesPlanRefusesWithALine() throws IOException {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var refused = 0;
        var taken = 0;
        var stricter = new ArrayList<String>();
        for (int i = 0; i < MUTANTS; i++) {
            var object = start(random);
            for (int n = random.nextInt(2); n >= 0; n--) {
                mutate(object, random);
            }
            var theirs = refusal(object);
            var ours = faults(object.toString());
            if (theirs.isEmpty()) {
                taken++;
                if (!ours.isEmpty()) {
                    stricter.add(ours.get(0).message() + " <- " + object);
                }
            } else {
                refused++;
                assertThat(ours)
                        .as("seed %d, try %d: the server says %s of %s", seed, i, theirs, object)
                        .isNotEmpty()
                        .allSatisfy(fault -> assertThat(fault.place().line()).isPositive());
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(MUTANTS / 10);
        assertThat(taken).as("seed %d", seed).isGreaterThan(MUTANTS / 20);
        // A null says nothing to the server and is most often a line that somebody forgot.
        assertThat(stricter).as("seed %d", seed).allMatch(why -> why.contains("but is empty"));
    }

    private static ObjectNode start(Random random) throws IOException {
        var kind = random.nextInt(3) == 0 ? "ImageAcceptance" : "ImageShare";
        List<Path> files;
        try (var all = Files.list(Path.of("src/test/resources/crds", kind))) {
            files = all.filter(f -> f.getFileName().toString().startsWith("valid"))
                    .sorted()
                    .toList();
        }
        var object = (ObjectNode)
                YAML.readTree(files.get(random.nextInt(files.size())).toFile());
        // The server drops the status of a new object before it looks.
        object.remove("status");
        var metadata = object.putObject("metadata");
        metadata.put("name", "x");
        metadata.putObject("labels").put("example.org/team", "A");
        metadata.putObject("annotations").put("note", "any text");
        return object;
    }

    private static void mutate(ObjectNode object, Random random) {
        var spots = new ArrayList<Map.Entry<ObjectNode, String>>();
        collect(object, spots);
        spots.removeIf(spot -> spot.getKey() == object && !spot.getValue().equals("metadata"));
        var spot = spots.get(random.nextInt(spots.size()));
        var parent = spot.getKey();
        var name = spot.getValue();
        switch (random.nextInt(14)) {
            case 0 -> parent.remove(name);
            case 1 -> parent.put(name, "");
            case 2 -> parent.put(name, random.nextInt(200) - 100);
            case 3 -> parent.putNull(name);
            case 4 -> parent.put(name, "x".repeat(random.nextInt(400)));
            case 5 -> parent.putObject(name);
            case 6 -> parent.putArray(name);
            case 7 -> parent.put("surprise", true);
            case 8 -> parent.put(name, "a/b \u00fc");
            case 9 -> parent.put(name, random.nextBoolean());
            case 10 ->
                parent.put(
                        name,
                        List.of("0s", "1s", "999ms", "1h30m", "25%", "101%", "0", "1.5h")
                                .get(random.nextInt(8)));
            case 11 -> parent.set(random.nextBoolean() ? "a.B_c" : "-a", parent.get(name));
            case 12 ->
                parent.put(
                        name,
                        parent.get(name).asText()
                                + List.of("\n", " ", ".", "-", "A").get(random.nextInt(5)));
            default -> {
                if (parent.get(name).isArray() && !parent.get(name).isEmpty()) {
                    var array = (com.fasterxml.jackson.databind.node.ArrayNode) parent.get(name);
                    array.add(array.get(0).deepCopy());
                } else {
                    var metadata = (ObjectNode) object.path("metadata").deepCopy();
                    parent.set(name, metadata);
                }
            }
        }
        if (!object.path("metadata").isObject()) {
            object.putObject("metadata").put("name", "x");
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

    /** As a person writes them: the same text to kubectl and to plan. */
    @Test
    void whatKubectlRefusesPlanRefuses() throws Exception {
        var scalars = List.of(
                "x",
                "20260107",
                "\"20260107\"",
                "yes",
                "y",
                "on",
                "~",
                "1e5",
                "0x1f",
                "0o17",
                "1:30",
                "2026-01-01",
                ".inf",
                "=",
                "'a b'",
                "[a]",
                "{a: b}",
                "!!str 5",
                "a\\nb",
                "- x",
                "Team A & B",
                "&a x",
                "*a",
                "%x",
                "@x");
        var fields = List.of(
                "metadata.name",
                "metadata.namespace",
                "metadata.labels.golden",
                "metadata.annotations.note",
                "spec.image.filter.name",
                "spec.cloudCredentialsRef.cloudName");
        var disagreements = new ArrayList<String>();
        for (var field : fields) {
            for (var scalar : scalars) {
                var text = manifest(field, scalar);
                var theirs = kubectl(text);
                var ours = Manifests.read(
                        List.of(CommandRun.write(folder.resolve("object.yaml"), text)),
                        InputStream.nullInputStream(),
                        namespace,
                        Instant.EPOCH);
                if (theirs.isEmpty() == (!ours.faults().isEmpty())) {
                    disagreements.add(field + ": " + scalar + ": kubectl " + theirs + ", plan " + ours.faults());
                }
            }
        }
        // A null counts as left out to a server; a namespace that isn't there is no fault of the file.
        assertThat(disagreements)
                .allMatch(each -> each.contains("but is empty")
                        || (each.startsWith("metadata.namespace") && each.contains("not found")));
    }

    private String manifest(String field, String scalar) {
        return """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata:
                  name: %s
                  namespace: %s
                  labels:
                    golden: %s
                  annotations:
                    note: %s
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: c}
                  image:
                    filter:
                      name: %s
                  members: []
                """.formatted(
                        field.endsWith(".name") && field.startsWith("metadata") ? scalar : "x",
                        field.endsWith("namespace") ? scalar : namespace,
                        field.endsWith("golden") ? scalar : "x",
                        field.endsWith("note") ? scalar : "x",
                        field.equals("spec.image.filter.name") ? scalar : "x")
                .replace("cloudName: c", field.endsWith("cloudName") ? "cloudName: " + scalar : "cloudName: c");
    }

    /** What kubectl says; empty if it and the server take the text. */
    private String kubectl(String text) throws IOException, InterruptedException {
        var file = CommandRun.write(folder.resolve("kubectl.yaml"), text);
        var process = new ProcessBuilder(
                        "kubectl",
                        "--kubeconfig",
                        System.getenv(KUBECONFIG),
                        "create",
                        "--dry-run=server",
                        "--validate=false",
                        "-o",
                        "name",
                        "-f",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? "" : output.strip();
    }

    @Test
    void anExportIsTaken() throws Exception {
        for (var name : List.of("20260107", "yes", "1e5", "", "line\nbreak: {evil", "\u30a4\u30e1\u30fc\u30b8")) {
            var image = new Image(
                    UUID.randomUUID().toString(), name, "f".repeat(32), "shared", "active", List.of(), Instant.EPOCH);
            var member = new Member(
                    "1".repeat(32), MemberStatus.pending, Instant.EPOCH.toString(), Instant.EPOCH.toString());
            var text = new Export("1e5", "yes", namespace, null, Map.of())
                    .of(List.of(new Owned(image, false, List.of(member))))
                    .get(0)
                    .text();

            assertThat(kubectl(text)).as(text).isEmpty();
            assertThat(faults(text)).as(text).isEmpty();
        }
    }
}
