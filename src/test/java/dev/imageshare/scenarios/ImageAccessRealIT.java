package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.AccessTeams.awaitReason;
import static dev.imageshare.scenarios.AccessTeams.from;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.cli.Commands;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios on real services, with the rights that the components grant; and people who have those roles only. */
class ImageAccessRealIT extends ImageAccessScenarios {

    private RealCluster cluster;

    @TempDir
    private Path folder;

    @Override
    World newWorld() {
        var world = new RealWorld(
                RealOpenStackLab.standard(), EnumSet.of(OptionalKind.ProjectSet, OptionalKind.ImageAccessRequest));
        cluster = world.cluster;
        cluster.install(Path.of("deploy/roles"));
        return world;
    }

    /** A service account with this role in its namespace, and a file with its kubeconfig. */
    private Path account(String namespace, String name, String role) throws IOException {
        cluster.admin()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        cluster.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("", "ServiceAccount", name, namespace)
                        .build())
                .create();
        var kubeconfig = cluster.kubeconfigOf(namespace, name);
        assumeTrue(kubeconfig.isPresent(), "needs an API server that signs service accounts' tokens");
        return Files.writeString(folder.resolve(name), kubeconfig.get());
    }

    private static KubernetesClient client(Path kubeconfig) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
    }

    private static void isForbidden(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(403));
    }

    @Test
    void peopleWhoHaveTheRolesOnlyDoAllOfItAndNoMore() throws IOException {
        var teams = new AccessTeams(world());
        var a = new Consumer(world(), "consumer-a");
        var b = new Consumer(world(), "consumer-b");
        var project = world().openstack().projectId("consumer-a");
        teams.declare(from(a.namespace, b.namespace), "0%");
        var asker = account(a.namespace.name, "asker", "imageshare-access-requester");
        var approver = account(teams.producer.name, "approver", "imageshare-access-approver");

        try (var client = client(asker)) {
            client.resource(teams.newRequest(a, "ci", "consumer-a", null, AccessTeams.SET))
                    .create();
            isForbidden(() -> client.resources(ProjectSet.class)
                    .inNamespace(teams.producer.name)
                    .list());
            isForbidden(() -> client.resource(teams.newRequest(b, "ci", "consumer-a", null, AccessTeams.SET))
                    .create());
            isForbidden(() -> client.resource(
                            teams.newDecision(a.namespace.name, "ci", null, project, DecisionType.Approved, null))
                    .create());
            assertThat(client.resources(ImageAccessRequest.class)
                            .inNamespace(a.namespace.name)
                            .list()
                            .getItems())
                    .hasSize(1);
        }
        teams.awaitWaiting(a, "ci");
        try (var client = client(approver)) {
            isForbidden(() -> client.resources(ImageAccessRequest.class)
                    .inNamespace(a.namespace.name)
                    .list());
            isForbidden(() -> client.secrets().inNamespace(teams.producer.name).list());
        }
        assertThat(Commands.execute("requests", "--kubeconfig", approver.toString(), "-n", teams.producer.name))
                .isZero();
        assertThat(Commands.execute(
                        "approve",
                        "--kubeconfig",
                        approver.toString(),
                        "-n",
                        teams.producer.name,
                        a.namespace.name + "/ci",
                        "--project",
                        project))
                .isZero();
        teams.awaitMembers(project);
        eventually(() ->
                assertThat(AccessTeams.at(a, "ci").get().getStatus().images()).hasSize(1));
        a.namespace
                .client
                .resource(a.named("ubuntu", teams.image, MemberAnswer.accepted))
                .create();
        eventually(() -> assertThat(teams.members()).containsEntry(project, "accepted"));

        assertThat(Commands.execute(
                        "deny",
                        "--kubeconfig",
                        approver.toString(),
                        "-n",
                        teams.producer.name,
                        a.namespace.name + "/ci",
                        "--set",
                        AccessTeams.SET))
                .isZero();
        teams.awaitMembers();
        awaitReason(a, "ci", Reason.RequestDenied);
        assertThat(cluster.admin()
                        .resources(ImageAccessDecision.class)
                        .inNamespace(teams.producer.name)
                        .list()
                        .getItems())
                .hasSize(2);
    }

    /** Its namespace is deleted, with its request, its Secret and all: what that takes away goes through the set's guard. */
    @Test
    void aNamespaceThatIsDeletedLeavesThroughTheGuardOfTheSet() {
        assumeTrue(cluster.hasNamespaceController(), "needs a controller-manager");
        var teams = new AccessTeams(world());
        var a = new Consumer(world(), "consumer-a");
        var project = world().openstack().projectId("consumer-a");
        teams.declare(AccessTeams.automatic(a.namespace, null), "0%");
        teams.request(a, "ci", "consumer-a", null);
        teams.awaitMembers(project);

        cluster.admin().namespaces().withName(a.namespace.name).delete();
        teams.awaitSet(Reason.RemovalHeld);
        assertThat(teams.members()).containsOnlyKeys(project);
    }
}
