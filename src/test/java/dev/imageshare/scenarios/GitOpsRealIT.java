package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.deploy.ArgoHealth;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What GitOps tools and scripts go by, on objects of a real cluster: {@code kubectl wait}, and Argo CD's health checks. */
class GitOpsRealIT {

    @TempDir
    private Path folder;

    private record Run(int exitCode, String output) {}

    private static Run kubectl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private static String healthOf(Namespace team, String object) throws Exception {
        var shown = kubectl("get", "-n", team.name, object, "-o", "json");
        assertThat(shown.exitCode()).as(shown.output()).isZero();
        JsonNode json = new ObjectMapper().readTree(shown.output());
        return ArgoHealth.of(json).status();
    }

    @Test
    void kubectlWaitsAndArgoCdTellsTheHealthOfRealObjects() throws Exception {
        assumeTrue(System.getenv("KUBECONFIG") != null, "needs a KUBECONFIG for kubectl");
        try (var world = RealWorld.standard()) {
            var team = new Namespace(world);
            var openstack = world.openstack();
            var image = openstack.createImage("producer", "wait-" + UUID.randomUUID(), "shared", List.of());
            var declared = new ArrayList<>(projects(3));
            declared.add(openstack.projectId("consumer-a"));
            var consumer = new Consumer(world, "consumer-a");
            consumer.create(consumer.named("answer", image, MemberAnswer.accepted));
            consumer.awaitReason("answer", Reason.ImageNotFound);
            assertThat(healthOf(consumer.namespace, "ima/answer")).isEqualTo("Progressing");

            team.create(team.share("ubuntu", image, declared));
            var waited = kubectl("wait", "-n", team.name, "--for=condition=Ready", "ims/ubuntu", "--timeout=60s");
            assertThat(waited).isEqualTo(new Run(0, "imageshare.imageshare.dev/ubuntu condition met\n"));
            waited = kubectl(
                    "wait", "-n", consumer.namespace.name, "--for=condition=Ready", "ima/answer", "--timeout=60s");
            assertThat(waited).isEqualTo(new Run(0, "imageacceptance.imageshare.dev/answer condition met\n"));
            waited = kubectl("wait", "-n", team.name, "--for=condition=AllAccepted", "ims/ubuntu", "--timeout=1s");
            assertThat(waited.exitCode()).as(waited.output()).isEqualTo(1);
            assertThat(healthOf(team, "ims/ubuntu")).isEqualTo("Healthy");
            assertThat(healthOf(consumer.namespace, "ima/answer")).isEqualTo("Healthy");

            team.declare("ubuntu", declared.subList(2, 4));
            team.awaitReason("ubuntu", Reason.RemovalHeld);
            assertThat(healthOf(team, "ims/ubuntu")).isEqualTo("Suspended");

            team.create(
                    changed(team.share("no-secret", image, declared), s -> Namespace.withCloud(s, "none", "producer")));
            team.awaitReason("no-secret", Reason.CredentialsNotFound);
            assertThat(healthOf(team, "ims/no-secret")).isEqualTo("Progressing");
            team.create(
                    changed(team.share("twice", image, declared), s -> Namespace.withCloud(s, "clouds", "producer")));
            team.awaitReason("twice", Reason.Conflict);
            assertThat(healthOf(team, "ims/twice")).isEqualTo("Degraded");
        }
    }

    /** As it is, and what a GitOps tool installs of the operator; here by kubectl, where nothing runs pods. */
    @Test
    void theSampleRepositoryIsTakenByARealApiServer() throws Exception {
        assumeTrue(System.getenv("KUBECONFIG") != null, "needs a KUBECONFIG for kubectl");
        try (var cluster = new RealCluster()) {
            for (var name : List.of("golden-images", "team-a")) {
                if (cluster.admin().namespaces().withName(name).get() == null) {
                    assertThat(kubectl("create", "namespace", name).exitCode()).isZero();
                }
            }
            var rendered = kubectl("kustomize", "deploy/gitops/sample-repository");
            assertThat(rendered.exitCode()).as(rendered.output()).isZero();
            var file = Files.writeString(folder.resolve("rendered.yaml"), rendered.output());

            var applied = kubectl("apply", "--validate=false", "-f", file.toString());

            assertThat(applied.exitCode()).as(applied.output()).isZero();
            assertThat(applied.output().lines().map(l -> l.replaceAll(" .*", "")))
                    .containsExactlyInAnyOrder(
                            "imageacceptance.imageshare.dev/golden-images",
                            "imageshare.imageshare.dev/rocky-9-hpc",
                            "imageshare.imageshare.dev/ubuntu-24-04");
            var operator = kubectl("kustomize", "deploy/gitops/operator");
            assertThat(operator.exitCode()).as(operator.output()).isZero();
            var all = Files.writeString(folder.resolve("operator.yaml"), operator.output());
            var crds = kubectl("apply", "--validate=false", "-f", all.toString());
            assertThat(crds.exitCode()).as(crds.output()).isZero();
            assertThat(kubectl("get", "crd", "imageshares.imageshare.dev", "-o", "jsonpath={.metadata.annotations}")
                            .output())
                    .contains("Prune=false,Delete=false", "kustomize.toolkit.fluxcd.io/prune");
            assertThat(kubectl("delete", "-f", file.toString(), "--wait=false").exitCode())
                    .isZero();
            assertThat(kubectl("delete", "-n", RealCluster.NAMESPACE, "deployment", "--all", "--wait=false")
                            .exitCode())
                    .isZero();
        }
    }
}
