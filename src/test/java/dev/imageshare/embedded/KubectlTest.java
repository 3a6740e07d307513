package dev.imageshare.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.awaitility.Durations.ONE_MINUTE;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded API as the real kubectl sees it; skipped where there is none. */
class KubectlTest {

    private static final String SHARE = """
            apiVersion: imageshare.dev/v1alpha1
            kind: ImageShare
            metadata: {name: ubuntu-24-04, namespace: golden-images}
            spec:
              cloudCredentialsRef: {secretName: producer-clouds, cloudName: producer}
              image: {id: 1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88}
              members:
                - projectID: 8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e
            """;
    private static final String READY = """
            {"status": {"image": {"id": "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88", "name": "ubuntu-24.04", "owner": "p",
              "region": "r"}, "summary": {"desired": 1, "present": 1, "accepted": 0, "pending": 1, "rejected": 0,
              "undeclared": 0}, "conditions": [{"type": "Ready", "status": "True", "reason": "Synced", "message": "",
              "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}]}}
            """;

    private record Outcome(int code, String out) {}

    @TempDir
    static Path directory;

    private static EmbeddedKubernetes kubernetes;
    private static KubernetesClient client;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(isThere(), "no kubectl in PATH");
        kubernetes = EmbeddedKubernetes.start(0);
        client = kubernetes.client();
        Files.writeString(directory.resolve("kubeconfig"), kubernetes.kubeconfig());
    }

    @AfterAll
    static void stop() {
        if (kubernetes != null) {
            client.close();
            kubernetes.close();
        }
    }

    @AfterEach
    void deleteAll() {
        client.namespaces().withName("golden-images").delete();
    }

    @Test
    void applyCreatesConfiguresAndLeavesUnchanged() throws IOException {
        assertThat(apply(SHARE)).isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 created\n");
        assertThat(apply(SHARE)).isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 unchanged\n");
        assertThat(apply(SHARE.replace("8a4d", "0000")))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 configured\n");
        assertThat(kubectl("get", "ims", "-n", "golden-images", "-o", "jsonpath={.items[0].spec.members[*].projectID}"))
                .isEqualTo("00000c2b6e1f4a7c9d3b5e8f0a1c2d4e");
        assertThat(kubectl("get", "ns", "golden-images", "-o", "name")).isEqualTo("namespace/golden-images\n");
    }

    @Test
    void serverSideApplyWorks() throws IOException {
        assertThat(kubectl("apply", "--server-side", "-f", file(SHARE)))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 serverside-applied\n");
        assertThat(kubectl("apply", "--server-side", "-f", file(SHARE.replace("8a4d", "0000"))))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 serverside-applied\n");
        assertThat(kubectl("get", "ims", "-A", "-o", "jsonpath={.items[0].spec.members[*].projectID}"))
                .isEqualTo("00000c2b6e1f4a7c9d3b5e8f0a1c2d4e");
    }

    @Test
    void secretsAndNamespacesAreAppliedLabelledAndAnnotated() throws IOException {
        var secret = """
                apiVersion: v1
                kind: Secret
                metadata: {name: producer-clouds, namespace: golden-images}
                stringData: {clouds.yaml: "clouds: {}"}
                """;
        assertThat(apply(secret)).isEqualTo("secret/producer-clouds created\n");
        assertThat(apply(secret.replace("{}", "{a: {}}"))).isEqualTo("secret/producer-clouds configured\n");
        assertThat(kubectl("label", "secret", "producer-clouds", "-n", "golden-images", "team=a"))
                .isEqualTo("secret/producer-clouds labeled\n");
        assertThat(kubectl("label", "secret", "producer-clouds", "-n", "golden-images", "team-"))
                .isEqualTo("secret/producer-clouds unlabeled\n");
        assertThat(kubectl("get", "secret", "-n", "golden-images", "-l", "!team", "--no-headers"))
                .containsPattern("producer-clouds +Opaque +1 +\\d+s");
        assertThat(apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: team-b, labels: {a: b}}\n"))
                .isEqualTo("namespace/team-b created\n");
        assertThat(kubectl("get", "ns", "-l", "a in (b,c)", "--no-headers")).containsPattern("team-b +Active +\\d+s");
    }

    @Test
    void getPrintsTheColumnsOfTheCrd() throws IOException {
        apply(SHARE);
        setReady();

        assertThat(kubectl("get", "ims", "-A").lines())
                .first()
                .asString()
                .matches("NAMESPACE +NAME +IMAGE +DESIRED +PRESENT +ACCEPTED +READY +REASON +AGE");
        assertThat(kubectl("get", "openstack", "-A", "--no-headers"))
                .containsPattern(
                        "golden-images +imageshare.imageshare.dev/ubuntu-24-04 +ubuntu-24.04 +1 +1 +0 +True +Synced +\\d+s");
        assertThat(kubectl("get", "ims", "-A", "-o", "wide")).contains("STATUS", "LAST SYNC");
        assertThat(kubectl("describe", "ims", "ubuntu-24-04", "-n", "golden-images"))
                .containsPattern("Resync Period: +10m")
                .containsPattern("Events: +<none>");
    }

    @Test
    void aWatchPrintsWhatComes() throws IOException {
        apply(SHARE);
        var process = process("get", "ims", "-A", "-w").start();
        try (var lines = process.inputReader()) {
            assertThat(lines.readLine()).startsWith("NAMESPACE");
            assertThat(lines.readLine()).contains("ubuntu-24-04").doesNotContain("Synced");
            setReady();
            assertThat(lines.readLine()).contains("ubuntu-24-04", "True", "Synced");
        } finally {
            process.destroy();
        }
    }

    @Test
    void explainShowsTheDescriptions() throws IOException {
        assertThat(kubectl("explain", "ims.spec.members.projectID")).contains("FIELD: projectID <string>", "32 or 64");
        assertThat(kubectl("explain", "imageshare")).contains("ImageShare declares", "metadata", "status");
        assertThat(kubectl("explain", "ims.spec.membershipPolicy")).contains("ENUM:", "Authoritative", "Additive");
    }

    @Test
    void aBadObjectIsRefused() throws IOException {
        assertThat(fail("apply", "-f", file(SHARE.replace("image: {", "image: {filter: {name: u}, "))))
                .contains(
                        "The ImageShare \"ubuntu-24-04\" is invalid: spec.image: Invalid value: \"object\": spec.image needs"
                                + " exactly one of id, filter and ref");
        assertThat(fail("apply", "-f", file(SHARE + "  resyncPriod: 5m\n")))
                .contains("strict decoding error: unknown field \"spec.resyncPriod\"");
        assertThat(kubectl("apply", "--validate=warn", "-f", file(SHARE + "  resyncPriod: 5m\n")))
                .contains("Warning: unknown field \"spec.resyncPriod\"", "created");
    }

    @Test
    void dryRunsAndDiffsWriteNothing() throws IOException {
        assertThat(kubectl("apply", "--dry-run=server", "-f", file(SHARE)))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 created (server dry run)\n");
        assertThat(fail("diff", "-f", file(SHARE))).contains("+  - projectID: 8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e");
        assertThat(kubectl("get", "ims", "-A")).isEqualTo("No resources found\n");

        apply(SHARE);
        assertThat(fail("diff", "-f", file(SHARE.replace("8a4d", "0000"))))
                .contains(
                        "-  - projectID: 8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e",
                        "+  - projectID: 00000c2b6e1f4a7c9d3b5e8f0a1c2d4e");
        assertThat(kubectl("diff", "-f", file(SHARE))).isEmpty();
        assertThat(kubectl("delete", "--dry-run=server", "-f", file(SHARE))).contains("deleted (server dry run)");
        assertThat(kubectl("get", "ims", "-A", "-o", "yaml")).contains("8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e");
    }

    @Test
    void annotatePatchAndEditChangeTheObject() throws IOException {
        apply(SHARE);

        assertThat(kubectl(
                        "annotate",
                        "--overwrite",
                        "ims",
                        "ubuntu-24-04",
                        "-n",
                        "golden-images",
                        "imageshare.dev/approve-removals=abc"))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 annotated\n");
        assertThat(kubectl(
                        "patch",
                        "ims",
                        "ubuntu-24-04",
                        "-n",
                        "golden-images",
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"membershipPolicy\":\"Additive\"}}"))
                .isEqualTo("imageshare.imageshare.dev/ubuntu-24-04 patched\n");
        var edit = process("edit", "ims", "ubuntu-24-04", "-n", "golden-images");
        edit.environment().put("KUBE_EDITOR", "sed -i s/Additive/Authoritative/");
        assertThat(run(edit)).isEqualTo(new Outcome(0, "imageshare.imageshare.dev/ubuntu-24-04 edited\n"));
        assertThat(kubectl("get", "ims", "-A", "-o", "yaml"))
                .contains("imageshare.dev/approve-removals: abc", "membershipPolicy: Authoritative");
    }

    @Test
    void deleteWaitsForFinalizers() throws IOException {
        apply(SHARE);
        var share =
                client.resources(ImageShare.class).inNamespace("golden-images").withName("ubuntu-24-04");
        share.patch(
                PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[\"imageshare.dev/members\"]}}");

        var process = process("delete", "-f", file(SHARE)).start();
        await().atMost(ONE_MINUTE)
                .untilAsserted(() -> assertThat(share.get().getMetadata().getDeletionTimestamp())
                        .isNotNull());
        assertThat(process.isAlive()).isTrue();
        share.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        assertThat(process.onExit().join().exitValue()).isZero();
    }

    @Test
    void deleteTakesManyAndNamespaces() throws IOException {
        apply(SHARE);
        apply(SHARE.replace("ubuntu-24-04", "other"));
        assertThat(kubectl("delete", "ims", "--all", "-n", "golden-images").lines())
                .hasSize(2);
        apply(SHARE);
        assertThat(kubectl("delete", "namespace", "golden-images")).contains("\"golden-images\" deleted");
        assertThat(kubectl("get", "ims", "-A")).isEqualTo("No resources found\n");
    }

    @Test
    void waitSeesTheCondition() throws IOException {
        apply(SHARE);
        var process = process("wait", "--for=condition=Ready", "ims", "--all", "-n", "golden-images", "--timeout=60s")
                .start();
        setReady();

        assertThat(process.onExit().join().exitValue()).isZero();
        assertThat(process.inputReader().lines())
                .containsExactly("imageshare.imageshare.dev/ubuntu-24-04 condition met");
    }

    @Test
    void eventsAreListed() throws IOException {
        apply("""
                apiVersion: v1
                kind: Event
                metadata: {name: ubuntu.1, namespace: golden-images}
                involvedObject: {apiVersion: imageshare.dev/v1alpha1, kind: ImageShare, name: ubuntu-24-04, namespace: golden-images}
                type: Normal
                reason: MembersAdded
                message: Added 1 member
                lastTimestamp: "2026-01-01T00:00:00Z"
                """);

        assertThat(kubectl("get", "events", "-n", "golden-images", "--no-headers"))
                .containsPattern("Normal +MembersAdded +imageshare/ubuntu-24-04 +Added 1 member");
        assertThat(kubectl("events", "-n", "golden-images", "--for", "imageshare/ubuntu-24-04"))
                .contains("Added 1 member");
    }

    @Test
    void discoveryNamesWhatIsServed() throws IOException {
        assertThat(kubectl("api-resources", "--no-headers"))
                .containsPattern("imageshares +ims +imageshare.dev/v1alpha1 +true +ImageShare");
        assertThat(kubectl("version")).contains("Server Version: v1.32");
        assertThat(kubectl("wait", "--for=condition=Established", "crd", "--all"))
                .contains("condition met");
    }

    @Test
    void createSendsProtobufForBuiltInKinds() throws IOException {
        assertThat(kubectl("create", "namespace", "golden-images")).isEqualTo("namespace/golden-images created\n");
        assertThat(kubectl("create", "secret", "generic", "clouds", "-n", "golden-images", "--from-literal=a=b"))
                .isEqualTo("secret/clouds created\n");
        assertThat(kubectl("get", "secret", "clouds", "-n", "golden-images", "-o", "jsonpath={.type} {.data.a}"))
                .isEqualTo("Opaque Yg==");
        assertThat(kubectl("create", "configmap", "map", "-n", "golden-images", "--from-literal=a=b"))
                .isEqualTo("configmap/map created\n");
        assertThat(fail("create", "token", "default")).contains("could not find the requested resource");
        assertThat(kubectl("auth", "can-i", "create", "ims")).isEqualTo("yes\n");
    }

    @Test
    void theBaseAndTheSamplesAreBuiltByKustomize() throws IOException {
        assertThat(kubectl("kustomize", "deploy/base").lines().filter(line -> line.startsWith("kind: ")))
                .containsExactlyInAnyOrder(
                        "kind: Namespace",
                        "kind: CustomResourceDefinition",
                        "kind: CustomResourceDefinition",
                        "kind: ServiceAccount",
                        "kind: ClusterRole",
                        "kind: ClusterRole",
                        "kind: ClusterRoleBinding",
                        "kind: ClusterRoleBinding",
                        "kind: Deployment");
        var replicas = Files.createDirectory(Path.of("target").resolve("kustomize-" + UUID.randomUUID()));
        Files.writeString(replicas.resolve("kustomization.yaml"), """
                resources: [../../deploy/base]
                components: [../../deploy/components/replicas]
                """);
        assertThat(kubectl("kustomize", replicas.toString()))
                .contains("kind: PodDisruptionBudget", "name: imageshare-operator-leases", "replicas: 2")
                .containsPattern("name: IMAGESHARE_LEADER_ELECTION\\s+value: \"true\"")
                .containsPattern("name: IMAGESHARE_LOG_FORMAT\\s+value: json");
        assertThat(kubectl("apply", "-k", "deploy/samples").lines())
                .containsExactly(
                        "namespace/golden-images created",
                        "secret/producer-clouds created",
                        "imageshare.imageshare.dev/ubuntu-24-04 created");
        assertThat(kubectl("delete", "--ignore-not-found", "-k", "deploy/samples"))
                .contains("namespace \"golden-images\" deleted");
    }

    private static void setReady() {
        client.resources(ImageShare.class)
                .inNamespace("golden-images")
                .withName("ubuntu-24-04")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), READY);
    }

    private static String apply(String yaml) throws IOException {
        return kubectl("apply", "-f", file(yaml));
    }

    private static String file(String yaml) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "object", ".yaml"), yaml)
                .toString();
    }

    private static String kubectl(String... arguments) throws IOException {
        var outcome = run(process(arguments));
        assertThat(outcome.code()).as(outcome.out()).isZero();
        return outcome.out();
    }

    private static String fail(String... arguments) throws IOException {
        var outcome = run(process(arguments));
        assertThat(outcome.code()).as(outcome.out()).isNotZero();
        return outcome.out();
    }

    private static Outcome run(ProcessBuilder builder) throws IOException {
        var process = builder.start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.onExit().join().exitValue(), out);
    }

    private static ProcessBuilder process(String... arguments) {
        var command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", directory.resolve("kubeconfig").toString());
        builder.environment().put("KUBECACHEDIR", directory.resolve("cache").toString());
        return builder;
    }

    private static boolean isThere() {
        try {
            var process = new ProcessBuilder("kubectl", "version", "--client").start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
