package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ProjectSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests are listed, and decided about what was listed. */
class DecisionCommandsTest {

    private static final String PROJECT = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";

    @TempDir
    private Path folder;

    private CommandCluster cluster;

    @BeforeEach
    void start() {
        cluster = new CommandCluster(folder);
        cluster.api.installCrds(Path.of("crds/project-sets"));
        cluster.api.installCrds(Path.of("crds/access-requests"));
        cluster.create("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: partners, namespace: golden-images}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  requests: {from: [{namespace: team-a}]}
                """, ProjectSet.class);
        status("""
                {"requests": [
                  {"namespace": "team-a", "name": "ci", "uid": "0f0f3a52-6c0e", "projectID": "%s",
                   "projectName": "team\\u001b[31m", "since": "2026-11-27T08:00:00Z", "reason": "CI runners"}]}
                """.formatted(PROJECT));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void status(String json) {
        cluster.client
                .resources(ProjectSet.class)
                .inNamespace("golden-images")
                .withName("partners")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + json + "}");
    }

    private CommandRun run(String command, String... more) {
        var all = new ArrayList<Object>(List.of(command, "--kubeconfig", cluster.kubeconfig, "-n", "golden-images"));
        all.addAll(List.of(more));
        return CommandRun.of(all.toArray());
    }

    private List<ImageAccessDecision> decisions() {
        return cluster.client
                .resources(ImageAccessDecision.class)
                .inNamespace("golden-images")
                .list()
                .getItems();
    }

    @Test
    void whatWaitsIsListedOnLinesOfItsOwn() {
        var run = run("requests");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().toList()).hasSize(2);
        assertThat(run.out())
                .contains("team-a/ci", "partners", "2026-11-27T08:00:00Z", PROJECT, "CI runners")
                .doesNotContain("\u001b");

        status("{\"requests\": null}");
        assertThat(run("requests").out()).isEmpty();
        assertThat(run("requests").err()).contains("no request waits");
        assertThat(run("requests", "--all-namespaces").exitCode()).isEqualTo(1);
    }

    @Test
    void anApprovalIsAboutTheRequestAndItsProvenProject() {
        var run = run("approve", "team-a/ci", "--until", "2099-12-31T00:00:00Z", "--message", "Welcome");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("approved: project " + PROJECT).contains("golden-images/partners");

        assertThat(decisions()).singleElement().satisfies(decision -> {
            var spec = decision.getSpec();
            assertThat(spec.requestRef().namespace()).isEqualTo("team-a");
            assertThat(spec.requestRef().name()).isEqualTo("ci");
            assertThat(spec.requestRef().uid()).isEqualTo("0f0f3a52-6c0e");
            assertThat(spec.projectSetRef().name()).isEqualTo("partners");
            assertThat(spec.projectID()).isEqualTo(PROJECT);
            assertThat(spec.decision()).isEqualTo(DecisionType.Approved);
            assertThat(spec.expiresAt()).isEqualTo("2099-12-31T00:00:00Z");
            assertThat(spec.message()).isEqualTo("Welcome");
        });
        assertThat(run("approve", "team-a/ci").err()).contains("that was decided before");
    }

    @Test
    void whatDoesNotWaitIsNotApproved() {
        assertThat(run("approve", "team-a/cd").err()).contains("no request team-a/cd waits");
        assertThat(run("approve", "ci").err()).contains("ci is not a request");
        assertThat(run("approve", "team-a/ci", "--project", "another").err()).contains("not of another");
        assertThat(run("approve", "team-a/ci", "--until", "2020-01-01T00:00:00Z")
                        .err())
                .contains("a time to come");
        assertThat(run("approve", "team-a/ci", "--until", "tomorrow").err()).contains("a time to come");
        assertThat(decisions()).isEmpty();
    }

    @Test
    void aDenialEndsWhatWasApprovedToo() {
        assertThat(run("deny", "team-a/ci", "--message", "Ask again").out()).startsWith("denied: request team-a/ci");
        assertThat(run("deny", "team-a/cd").err()).contains("name its ProjectSet with --set");
        assertThat(run("deny", "team-a/cd", "--set", "partners").exitCode()).isZero();

        assertThat(decisions())
                .hasSize(2)
                .allSatisfy(
                        decision -> assertThat(decision.getSpec().decision()).isEqualTo(DecisionType.Denied));
        assertThat(decisions())
                .filteredOn(decision -> decision.getSpec().requestRef().name().equals("cd"))
                .singleElement()
                .satisfies(
                        decision -> assertThat(decision.getSpec().projectID()).isNull());
    }
}
