package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The scenarios on real services, and what only those have. */
class ImageShareRealIT extends ImageShareScenarios {

    @Override
    World newWorld() {
        return RealWorld.standard();
    }

    @Test
    void aDeletedNamespaceEndsCleanlyAndItsMembersAreRevoked() {
        assumeTrue(
                ((RealWorld) world()).cluster.hasNamespaceController(), "needs a KUBECONFIG with a controller-manager");
        var team = new Namespace(world());
        var openstack = world().openstack();
        var image = openstack.createImage("producer", "namespace-" + team.name, "shared", List.of());
        team.create(team.share("ubuntu", image, project()));
        team.awaitReady("ubuntu");

        team.client.namespaces().withName(team.name).delete();

        eventually(() ->
                assertThat(team.client.namespaces().withName(team.name).get()).isNull());
        assertThat(openstack.members("producer", image)).isEmpty();
    }

    /** A number that Java's int can't hold; an API server without CEL stores it. */
    @Test
    void aNumberThatIsTooBigIsToldAndHoldsUpNobodyElse() {
        var team = new Namespace(world());
        var openstack = world().openstack();
        var image = openstack.createImage("producer", "big-" + team.name, "shared", List.of());
        var odd = team.client.getKubernetesSerialization().asJson(team.share("odd", image, project()));
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/" + team.name + "/imageshares";
        try {
            team.client.raw(
                    path, "POST", odd.replaceFirst("\"maxRemovals\":(\"[^\"]*\"|\\d+)", "\"maxRemovals\":5000000000"));
        } catch (KubernetesClientException e) {
            assertThat(e.getMessage()).contains("maxRemovals must be a number of members");
            return;
        }

        var share = team.awaitReason("odd", Reason.InvalidSpec);
        assertThat(condition(share, "Ready").message()).contains("maxRemovals must be a number of members, such as 5");
        team.create(team.share("ubuntu", image, project()));
        team.awaitReady("ubuntu");

        // Nobody but the operator writes a status; who does all the same must not end it for everybody.
        var ubuntu = team.client
                .genericKubernetesResources("imageshare.dev/v1alpha1", "ImageShare")
                .inNamespace(team.name)
                .withName("ubuntu");
        ubuntu.subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"summary\":{\"present\":5000000000}}}");
        var later = team.share(
                "later", openstack.createImage("producer", "later-" + team.name, "shared", List.of()), project());
        team.create(later);
        team.awaitReady("later");
        eventually(() -> assertThat(ubuntu.get().<Number>get("status", "summary", "present"))
                .hasToString("1"));
    }
}
