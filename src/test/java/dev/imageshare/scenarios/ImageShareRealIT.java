package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

        Namespace.eventually(() ->
                assertThat(team.client.namespaces().withName(team.name).get()).isNull());
        assertThat(openstack.members("producer", image)).isEmpty();
    }
}
