package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster's objects tell, without a cloud and beside one. */
class ClusterReportTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final KubernetesClient client = api.client();

    @TempDir
    private Path folder;

    private Path kubeconfig;
    private String image;

    @BeforeEach
    void start() {
        kubeconfig = CommandRun.write(folder.resolve("kubeconfig"), api.kubeconfig());
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
        cloud.addMember("producer", image, A);
        cloud.addMember("producer", image, B);
        namespace("team-a");
        namespace("team-b");
    }

    @AfterEach
    void stop() {
        client.close();
        api.close();
        cloud.close();
    }

    private void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    private void share(String namespace, String name, String status) {
        client.resource(Serialization.unmarshal("""
                        apiVersion: imageshare.dev/v1alpha1
                        kind: ImageShare
                        metadata: {name: %s, namespace: %s}
                        spec:
                          cloudCredentialsRef: {secretName: s, cloudName: producer}
                          image: {id: %s}
                          members: [{projectID: %s}]
                        """.formatted(name, namespace, image, A), ImageShare.class))
                .create();
        if (!status.isEmpty()) {
            client.resources(ImageShare.class)
                    .inNamespace(namespace)
                    .withName(name)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + status + "}");
        }
    }

    private String status() {
        return """
                {"image": {"id": "%s", "name": "ubuntu", "owner": "%s", "region": "RegionOne", "visibility": "shared",
                           "status": "active"},
                 "lastSyncTime": "2026-01-02T03:04:05Z",
                 "summary": {"desired": 2, "present": 3, "accepted": 1, "pending": 1, "rejected": 1, "undeclared": 1},
                 "members": [
                   {"projectID": "%s", "status": "accepted", "declared": true, "added": true,
                    "updatedAt": "2026-01-01T00:00:00Z"},
                   {"projectID": "%s", "status": "rejected", "declared": false, "added": false,
                    "updatedAt": "2026-01-01T00:00:00Z"},
                   {"projectID": "%s", "declared": true, "added": false}]}
                """.formatted(image, cloud.projectId("images"), A, B, "c".repeat(32));
    }

    @Test
    void theStatusOfObjectsIsToldWithItsAge() {
        share("team-a", "ubuntu", status());
        share("team-b", "new", "");

        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", kubeconfig);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().map(l -> l.replaceAll(" {2,}", "|")))
                .contains(
                        "ubuntu|" + image + "|" + A + "|accepted|2026-01-01T00:00:00Z|yes|team-a/ubuntu, team-b/new",
                        "ubuntu|" + image + "|" + B + "|rejected|2026-01-01T00:00:00Z|yes, by ID|nobody",
                        "note: team-a/ubuntu lists 2 of the image's 3 members; --cloud tells all.",
                        "note: Not told, since the operator has found no image for them yet: team-b/new.",
                        "note: As the operator last saw it; the oldest look is of 2026-01-02T03:04:05Z.");
        assertThat(run.lastLine())
                .isEqualTo(
                        "Total: 1 image, 2 memberships of 2 projects: 1 accepted, 0 pending, 1 rejected; 1 declared by"
                                + " nobody.");
        assertThat(cloud.requests()).isEmpty();
        assertThat(CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", kubeconfig, "-n", "team-b")
                        .out())
                .doesNotContain("team-a");
    }

    @Test
    void glancesTruthIsJoinedWithWhoDeclaresIt() throws IOException {
        share("team-a", "ubuntu", status());
        share("team-b", "twin", "");
        var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());

        var run = CommandRun.of(
                "report",
                "--clouds",
                clouds,
                "--cloud",
                "producer",
                "--from-cluster",
                "--kubeconfig",
                kubeconfig,
                "-o",
                "json");

        var rows = new ObjectMapper().readTree(run.out()).get("rows");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).get("declaredBy").toString()).isEqualTo("[\"team-a/ubuntu\",\"team-b/twin\"]");
        assertThat(rows.get(1).get("declaredBy")).isEmpty();
    }

    /** Between namespaces each URL is a cloud of its own; only an administrator can know better. */
    @Test
    void oneImageAtSeveralUrlsMayBeOneCloud() {
        var at = "\"region\": \"RegionOne\", \"cloud\": \"%s\",";
        share("team-a", "ubuntu", status().replace("\"region\": \"RegionOne\",", at.formatted("https://k:443")));
        share("team-a", "again", status().replace("\"region\": \"RegionOne\",", at.formatted("https://other:443")));
        var alone = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", kubeconfig);
        assertThat(alone.out()).doesNotContain("--same-cloud");

        share(
                "team-b",
                "ubuntu",
                status().replace("\"region\": \"RegionOne\",", at.formatted("https://10.0.0.5:5000")));
        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", kubeconfig);

        assertThat(run.out())
                .contains("note: Images of the same ID, owner and region are shared from several namespaces at"
                        + " https://10.0.0.5:5000,https://k:443,https://other:443. If these URLs are one cloud, start the"
                        + " operator with --same-cloud=https://10.0.0.5:5000,https://k:443,https://other:443.");
    }

    @Test
    void aClusterThatCannotBeAskedIsOneLine() {
        var closed = CommandRun.write(
                folder.resolve("closed"),
                api.kubeconfig().replaceAll("(server: \"?)[^\"\\n]*", "$1http://127.0.0.1:1"));

        for (var run : List.of(
                CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", closed),
                CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", folder.resolve("none")),
                CommandRun.of(
                        "report", "--cloud", "", "--from-cluster", "--kubeconfig", kubeconfig, "--context", "none"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1).doesNotContain("Exception");
            assertThat(run.out()).isEmpty();
        }
    }
}
