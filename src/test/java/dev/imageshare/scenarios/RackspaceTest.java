package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedRackspace;
import dev.imageshare.operator.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The cloud that this project was first wanted for, in its own API's shapes. */
class RackspaceTest {

    @Test
    void membersAreAddedListedAndRemoved() {
        try (var world = new EmbeddedWorld(Settings.defaults());
                var rackspace = new EmbeddedRackspace(world.cloud)) {
            var team = new Namespace(world);
            team.secret("rax", Map.of("clouds.yaml", rackspace.cloudsYaml("producer")));
            var image = world.cloud.createImage("producer", "golden", "shared", List.of());
            var a = EmbeddedRackspace.account("consumer-a");
            var b = EmbeddedRackspace.account("consumer-b");
            team.create(Namespace.changed(
                    team.share("ubuntu", image, a, b), spec -> Namespace.withCloud(spec, "rax", "rax")));

            var status = team.awaitReady("ubuntu").getStatus();
            assertThat(status.image().owner()).isEqualTo("110011");
            assertThat(status.image().region()).isEqualTo("DFW");
            assertThat(team.answers("ubuntu")).isEqualTo(Map.of(a, "pending", b, "pending"));
            assertThat(world.cloud.members("producer", image))
                    .containsOnlyKeys(world.cloud.projectId("consumer-a"), world.cloud.projectId("consumer-b"));

            team.declare("ubuntu", List.of(a));
            team.approveIfAsked("ubuntu");
            eventually(() -> {
                team.approveIfAsked("ubuntu");
                assertThat(world.cloud.members("producer", image))
                        .containsOnlyKeys(world.cloud.projectId("consumer-a"));
            });
            team.at("ubuntu").delete();
            team.awaitGone("ubuntu");
            assertThat(world.cloud.members("producer", image)).isEmpty();
            assertThat(rackspace.calls())
                    .contains(
                            "POST /v2.0/tokens",
                            "GET /",
                            "POST /v2/110011/images/" + image + "/members",
                            "DELETE /v2/110011/images/" + image + "/members/" + b);
        }
    }
}
