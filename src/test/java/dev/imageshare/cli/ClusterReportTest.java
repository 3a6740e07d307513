package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
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

    @TempDir
    private Path folder;

    private CommandCluster cluster;

    @BeforeEach
    void start() {
        cluster = new CommandCluster(folder);
        cluster.cloud.addMember("producer", cluster.image, A);
        cluster.cloud.addMember("producer", cluster.image, B);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void share(String namespace, String name, String status) {
        cluster.create(cluster.share(namespace, name, A), ImageShare.class);
        if (!status.isEmpty()) {
            cluster.status(namespace, name, status);
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
                """.formatted(cluster.image, cluster.cloud.projectId("images"), A, B, "c".repeat(32));
    }

    /** As people call them, without a Keystone that shows names to administrators only. */
    @Test
    void projectSetsNameTheProjects() {
        cluster.api.installCrds(Path.of("crds/project-sets"));
        share("team-a", "ubuntu", status());
        cluster.create("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: consumers, namespace: team-a}
                spec: {projects: [{projectID: %s, name: team-x}]}
                """.formatted(A), ProjectSet.class);
        cluster.client
                .resources(ProjectSet.class)
                .inNamespace("team-a")
                .withName("consumers")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"projects\": [{\"projectID\": \"%s\", \"name\": \"team-x\"}]}}".formatted(A));

        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", cluster.kubeconfig);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern(A + " +team-x +accepted");
    }

    /** What a set says counts beside it only: another namespace can have any status, and another cloud other projects. */
    @Test
    void aProjectThatKeystoneNoLongerHasIsToldAsSuch() throws IOException {
        cluster.api.installCrds(Path.of("crds/project-sets"));
        var keystone = "https://keystone.example.com:443";
        share("team-a", "ubuntu", status().replace("\"region\":", "\"cloud\": \"" + keystone + "\", \"region\":"));
        set("team-a", keystone, A);
        set("team-b", keystone, B);
        set("team-a", "https://other.example.com:443", B);

        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", cluster.kubeconfig);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern(A + " +team-x \\(not in Keystone\\) +accepted")
                .containsPattern(B + " +team-x +rejected");
        assertThat(run.lastLine()).endsWith("1 declared by nobody; 1 of projects not in Keystone.");
        var json = new ObjectMapper()
                .readTree(CommandRun.of(
                                "report",
                                "--cloud",
                                "",
                                "--from-cluster",
                                "--kubeconfig",
                                cluster.kubeconfig,
                                "-o",
                                "json")
                        .out());
        assertThat(json.at("/rows/0/notInKeystone").asBoolean()).isTrue();
        assertThat(json.at("/rows/1").has("notInKeystone")).isFalse();
        assertThat(json.at("/total/notInKeystone").asInt()).isEqualTo(1);
    }

    private void set(String namespace, String keystone, String project) {
        var name = "set-" + Integer.toHexString((keystone + project).hashCode());
        cluster.create("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: %s, namespace: %s}
                spec: {projects: []}
                """.formatted(name, namespace), ProjectSet.class);
        cluster.client
                .resources(ProjectSet.class)
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"cloud\": \"%s\", \"projects\": [{\"projectID\": \"%s\", \"name\": \"team-x\", \"gone\": true}]}}"
                                .formatted(keystone, project));
    }

    @Test
    void aMemberWhoseTimeHasComeIsNotDeclared() {
        var share = cluster.share("team-a", "ubuntu", A, B);
        cluster.create(
                share.replace("projectID: " + B, "projectID: " + B + ", expiresAt: \"2026-01-01T00:00:00Z\""),
                ImageShare.class);

        var run = CommandRun.of(
                "report",
                "--clouds",
                CommandRun.write(folder.resolve("clouds.yaml"), cluster.cloud.cloudsYaml()),
                "--cloud",
                "producer",
                "--from-cluster",
                "--kubeconfig",
                cluster.kubeconfig);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern(A + ".*team-a/ubuntu").containsPattern(B + ".*nobody");
    }

    @Test
    void theStatusOfObjectsIsToldWithItsAge() {
        share("team-a", "ubuntu", status());
        share("team-b", "new", "");

        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", cluster.kubeconfig);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().map(l -> l.replaceAll(" {2,}", "|")))
                .contains(
                        "ubuntu|" + cluster.image + "|" + A
                                + "|accepted|2026-01-01T00:00:00Z|yes|team-a/ubuntu, team-b/new",
                        "ubuntu|" + cluster.image + "|" + B + "|rejected|2026-01-01T00:00:00Z|yes, by ID|nobody",
                        "note: team-a/ubuntu lists 2 of the image's 3 members; use --cloud for all.",
                        "note: Not reported, since the operator has found no image for them yet: team-b/new.",
                        "note: As last seen by the operator; the oldest pass was at 2026-01-02T03:04:05Z.");
        assertThat(run.lastLine())
                .isEqualTo(
                        "Total: 1 image, 2 memberships of 2 projects: 1 accepted, 0 pending, 1 rejected; 1 declared by"
                                + " nobody.");
        assertThat(cluster.cloud.requests()).isEmpty();
        assertThat(CommandRun.of(
                                "report",
                                "--cloud",
                                "",
                                "--from-cluster",
                                "--kubeconfig",
                                cluster.kubeconfig,
                                "-n",
                                "team-b")
                        .out())
                .doesNotContain("team-a");
    }

    @Test
    void glancesTruthIsJoinedWithWhoDeclaresIt() throws IOException {
        share("team-a", "ubuntu", status());
        share("team-b", "twin", "");
        var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cluster.cloud.cloudsYaml());

        var run = CommandRun.of(
                "report",
                "--clouds",
                clouds,
                "--cloud",
                "producer",
                "--from-cluster",
                "--kubeconfig",
                cluster.kubeconfig,
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
        var alone = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", cluster.kubeconfig);
        assertThat(alone.out()).doesNotContain("--same-cloud");

        share(
                "team-b",
                "ubuntu",
                status().replace("\"region\": \"RegionOne\",", at.formatted("https://10.0.0.5:5000")));
        var run = CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", cluster.kubeconfig);

        assertThat(run.out())
                .contains("note: Images of the same ID, owner and region are shared from several namespaces at"
                        + " https://10.0.0.5:5000,https://k:443,https://other:443. If these URLs are one cloud, start the"
                        + " operator with --same-cloud=https://10.0.0.5:5000,https://k:443,https://other:443.");
    }

    @Test
    void aClusterThatCannotBeAskedIsOneLine() {
        var closed = CommandRun.write(
                folder.resolve("closed"),
                cluster.api.kubeconfig().replaceAll("(server: \"?)[^\"\\n]*", "$1http://127.0.0.1:1"));

        for (var run : List.of(
                CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", closed),
                CommandRun.of("report", "--cloud", "", "--from-cluster", "--kubeconfig", folder.resolve("none")),
                CommandRun.of(
                        "report",
                        "--cloud",
                        "",
                        "--from-cluster",
                        "--kubeconfig",
                        cluster.kubeconfig,
                        "--context",
                        "none"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1).doesNotContain("Exception");
            assertThat(run.out()).isEmpty();
        }
    }
}
