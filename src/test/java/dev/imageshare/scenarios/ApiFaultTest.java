package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.operator.Settings;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the API server's lists and watches, which are the SDK's to bear: no wish may be lost by them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiFaultTest {

    private EmbeddedWorld world;
    private Namespace team;
    private String image;
    private List<String> declared;

    @BeforeAll
    void start() {
        world = new EmbeddedWorld(Settings.defaults());
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @BeforeEach
    void newTeam() {
        team = new Namespace(world.api.sparedClient(), world.cloud.cloudsYaml());
        image = world.cloud.createImage("producer", "watched", "shared", List.of());
        declared = ImageShareScenarios.projects(4);
        team.create(team.share("watched", image, declared));
        team.awaitReady("watched");
    }

    @AfterEach
    void end() {
        world.api.intercept((method, path) -> null);
        team.client.close();
    }

    @Test
    void aWatchThatEndsLosesNoWish() {
        world.api.endWatches();

        theNewWishIsCarriedOut();
    }

    @ParameterizedTest
    @EnumSource(
            value = ApiFault.class,
            names = {"GONE_410", "RATE_LIMITED_429", "SERVER_ERROR_500", "RESET_BEFORE"})
    void aWatchThatIsRefusedForAWhileLosesNoWish(ApiFault fault) {
        var left = new AtomicInteger(6);
        world.api.intercept((method, path) ->
                ApiCall.of(method, path).filter(ApiCall.WATCH::equals).isPresent() && left.getAndDecrement() > 0
                        ? fault.get()
                        : null);
        world.api.endWatches();
        team.declare("watched", declared.subList(0, 3));
        eventually(() -> assertThat(left.get()).isNotPositive());

        eventually(() -> assertThat(world.cloud.members("producer", image)).hasSize(3));
    }

    @ParameterizedTest
    @EnumSource(
            value = ApiFault.class,
            names = {"RATE_LIMITED_429", "SERVER_ERROR_500", "RESET_BEFORE"})
    void aListThatFailsAfterAWatchWasTooOldIsReadAgain(ApiFault fault) {
        var gone = new AtomicInteger(3);
        var left = new AtomicInteger(3);
        world.api.intercept((method, path) -> {
            var call = ApiCall.of(method, path).orElse(null);
            if (call == ApiCall.WATCH && gone.getAndDecrement() > 0) {
                return ApiFault.GONE_410.get();
            }
            return call == ApiCall.LIST && left.getAndDecrement() > 0 ? fault.get() : null;
        });
        world.api.endWatches();

        theNewWishIsCarriedOut();
    }

    @Test
    void anApiServerThatComesBackFindsTheOperatorWorking() {
        world.api.goAway();
        world.cloud.clearRequests();
        eventually(() -> assertThat(world.cloud.requests())
                .filteredOn(c -> c.path().contains(image))
                .hasSizeGreaterThanOrEqualTo(2));
        world.api.comeBack();

        theNewWishIsCarriedOut();
    }

    @Test
    void nobodyIsRemovedWhileTheApiServerIsAway() {
        var foreign = ImageShareScenarios.projects(1).get(0);
        world.api.goAway();
        world.cloud.addMember("producer", image, foreign); // drift, which a pass would heal
        world.cloud.clearRequests();
        eventually(() -> assertThat(world.cloud.requests())
                .filteredOn(c -> c.path().equals("/v2/images/" + image + "/members"))
                .hasSizeGreaterThanOrEqualTo(2));
        assertThat(world.cloud.requests()).noneMatch(c -> c.method().equals("DELETE"));
        world.api.comeBack();

        eventually(() -> assertThat(world.cloud.members("producer", image)).doesNotContainKey(foreign));
    }

    private void theNewWishIsCarriedOut() {
        team.declare("watched", declared.subList(0, 3));

        eventually(() -> assertThat(world.cloud.members("producer", image)).hasSize(3));
        team.awaitReady("watched");
    }
}
