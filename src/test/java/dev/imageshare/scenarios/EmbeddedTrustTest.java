package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedTrustTest extends TrustScenarios {

    private EmbeddedWorld world;

    @Override
    World newWorld() {
        world = new EmbeddedWorld(Settings.defaults());
        return world;
    }

    /** A former version wrote neither where an image was seen nor which spec.image led to it. */
    @Test
    void aStatusOfAFormerVersionGoesOnWorkingWithoutAWrite() {
        var team = new Namespace(world);
        var image = world.cloud.createImage("producer", "golden-" + team.name, "shared", List.of());
        var consumer = world.cloud.projectId("consumer-a");
        team.create(team.share("ubuntu", image, consumer));
        var now = team.awaitReady("ubuntu").getStatus().image();
        assertThat(now.cloud()).isEqualTo(world.cloud.authUrl().replace("/v3", ""));
        assertThat(now.reference()).isNotNull();
        world.stopOperator();
        team.at("ubuntu").subresource("status").patch(PatchContext.of(PatchType.JSON), """
                [{"op": "remove", "path": "/status/image/cloud"}, {"op": "remove", "path": "/status/image/reference"}]
                """);
        world.api.clearRequests();
        world.cloud.clearRequests();

        world.startOperator();
        eventually(() -> assertThat(world.cloud.requests())
                .filteredOn(call -> call.path().endsWith(image + "/members"))
                .hasSizeGreaterThanOrEqualTo(3));

        assertThat(world.cloud.requests())
                .filteredOn(call -> call.path().contains(image))
                .allMatch(call -> call.method().equals("GET"));
        assertThat(world.api.requests())
                .filteredOn(request -> request.path().contains(team.name + "/imageshares"))
                .filteredOn(request -> !request.method().equals("GET"))
                .hasSizeLessThanOrEqualTo(1);

        // What it revokes is what the status remembers.
        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        assertThat(world.cloud.members("producer", image)).isEmpty();
    }
}
