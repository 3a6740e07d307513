package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.embedded.EmbeddedKubernetes.Request;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.operator.Settings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is not to cost more unnoticed: requests, logins, connections and writes, on the SDK's own threads. */
class CostsTest {

    private static final int OBJECTS = 24;
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(3);

    private final Settings settings = Settings.defaults();
    private final EmbeddedWorld world = new EmbeddedWorld(settings);
    private final Namespace team = new Namespace(world);
    private final long begun = System.nanoTime();

    @BeforeEach
    void objectsInOrder() {
        for (var i = 0; i < OBJECTS; i++) {
            var image = world.cloud.createImage("producer", "costs-" + i, "shared", List.of());
            var share = team.share("costs-" + i, image, ImageShareScenarios.projects(5));
            share.setSpec(everyTenMinutes(share.getSpec()));
            team.create(share);
        }
        IntStream.range(0, OBJECTS).forEach(i -> team.awaitReady("costs-" + i));
        world.stopOperator(); // which ends what is under way
    }

    private static ImageShareSpec everyTenMinutes(ImageShareSpec spec) {
        return new ImageShareSpec(
                spec.cloudCredentialsRef(), spec.image(), spec.members(), null, null, null, null, "10m");
    }

    @AfterEach
    void close() {
        world.startOperator(); // since the world stops it
        world.close();
    }

    private List<Call> calls(String method, String end) {
        return world.cloud.requests().stream()
                .filter(c -> c.method().equals(method) && c.path().endsWith(end))
                .toList();
    }

    private Stream<Request> byOperator() {
        return world.api.requests().stream().filter(r -> r.userAgent() != null);
    }

    /** No more are open at once than requests may be in flight; one that was idle for three seconds is not used again. */
    private void assertFewConnections() {
        var drops = (System.nanoTime() - begun) / KEEP_ALIVE.toNanos();
        assertThat((long) world.cloud.connectionsToGlance())
                .isBetween(1L, settings.clouds().maxInFlightPerEndpoint() * (1 + drops));
    }

    @Test
    void newObjectsLogInOnceAndShareConnections() {
        assertThat(calls("POST", "/auth/tokens")).hasSize(1);
        assertThat(calls("POST", "/members")).hasSize(5 * OBJECTS);
        assertThat(world.cloud.requests()).hasSizeBetween(1 + 7 * OBJECTS, 1 + 8 * OBJECTS);
        assertFewConnections();
    }

    @Test
    void aStartIsOneRequestAnObjectOneLoginAndNoWrite() {
        world.cloud.clearRequests();
        world.api.clearRequests();

        world.startOperator();
        eventually(() -> assertThat(calls("GET", "/members")).hasSizeGreaterThanOrEqualTo(OBJECTS));
        world.stopOperator();

        assertThat(calls("POST", "/auth/tokens")).hasSize(1);
        assertThat(calls("GET", "/members")).extracting(Call::path).doesNotHaveDuplicates();
        assertThat(world.cloud.requests()).hasSize(1 + OBJECTS);
        assertFewConnections();
        assertThat(byOperator()).filteredOn(r -> !r.method().equals("GET")).isEmpty();
        assertThat(byOperator().collect(Collectors.groupingBy(Request::path, Collectors.counting())))
                .as("of each kind a list and a watch, which is asked for by WebSocket first; nothing for each object")
                .containsOnly(
                        entry("/api/v1/secrets", 3L),
                        entry("/apis/imageshare.dev/v1alpha1/imageshares", 3L),
                        entry("/apis/imageshare.dev/v1alpha1/imageacceptances", 3L));
    }
}
