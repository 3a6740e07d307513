package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.condition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.Reason;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A real Glance with role-based policies, behind a server that lets equal additions race. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrictCloudRealIT {

    private RealWorld world;
    private Clouds clouds;

    @BeforeAll
    void start() {
        world = new RealWorld(RealOpenStackLab.strict());
        clouds = new Clouds(CloudSettings.defaults());
    }

    @AfterAll
    void stop() {
        clouds.close();
        world.close();
    }

    private ImageClient in(String cloud) {
        var config = CloudConfig.parse(world.openstack().cloudsYaml(), cloud, null);
        return clouds.cloud("team", "by-hand", cloud, config).newPass();
    }

    @Test
    void aMemberWithSeveralRowsHasNoAccessWhenItsRemovalIsReported() throws Exception {
        var consumer = world.openstack().projectId("consumer-a");
        var image = imageWithSeveralRowsOf(consumer);
        var team = new Namespace(world);
        var others = ImageShareScenarios.projects(3);
        team.create(team.share("rows", image, others.get(0), others.get(1), others.get(2), consumer));
        team.awaitReady("rows");
        assertThat(in("consumer-a").image(image).id()).isEqualTo(image);

        team.declare("rows", others);
        team.awaitReady("rows");

        assertThat(world.openstack().members("producer", image)).containsOnlyKeys(others.toArray(String[]::new));
        assertThatThrownBy(() -> in("consumer-a").image(image))
                .isInstanceOfSatisfying(
                        OpenStackException.class,
                        e -> assertThat(e.kind()).isEqualTo(OpenStackException.Kind.NOT_FOUND));
    }

    @Test
    void aReaderIsForbiddenToShareAndTheObjectSaysSo() {
        var image = world.openstack().createImage("producer", "reader", "shared", List.of());
        var team = new Namespace(world);
        var share = team.share("reader", image, ImageShareScenarios.projects(2));
        team.create(Namespace.changed(share, spec -> Namespace.withCloud(spec, "clouds", "producer-reader")));

        var refused = team.awaitReason("reader", Reason.Forbidden);
        assertThat(condition(refused, "Ready").message()).contains("403");
        assertThat(condition(refused, "Stalled").reason()).isEqualTo("Forbidden");
        assertThat(world.openstack().members("producer", image)).isEmpty();
    }

    /** It takes two additions that look before either inserts: nearly always within a few images. */
    private String imageWithSeveralRowsOf(String project) throws Exception {
        var threads = Executors.newFixedThreadPool(8);
        try {
            for (var tries = 0; tries < 10; tries++) {
                var image = world.openstack().createImage("producer", "rows", "shared", List.of());
                Callable<Boolean> add = () -> {
                    try {
                        in("producer").createMember(image, project);
                        return true;
                    } catch (OpenStackException e) {
                        return false;
                    }
                };
                threads.invokeAll(Collections.nCopies(8, add));
                List<Member> rows = in("producer").members(image);
                if (rows.size() > 1) {
                    return image;
                }
            }
            throw new AssertionError("no duplicate row in 10 images");
        } finally {
            threads.shutdownNow();
        }
    }
}
