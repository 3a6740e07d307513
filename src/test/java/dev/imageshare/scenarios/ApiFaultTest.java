package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** FaultMatrixTest has every fault, for many tries; here that it is the operator's own path, and not the SDK's. */
    @Test
    void aFinalizerThatIsRefusedIsToldAndAddedInTheEnd() {
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/" + team.name + "/imageshares/new";
        world.api.refuse("PATCH", path, 403, 3);
        team.create(team.share("new", image, declared));

        var share = team.awaitReason("new", Reason.KubernetesRefused);
        assertThat(share.getFinalizers()).isEmpty();
        eventually(() -> assertThat(team.events("new")).contains("KubernetesRefused"));
        team.at("watched").delete();
        team.awaitReady("new");
    }

    @Test
    void aNewObjectWhoseStatusIsRefusedTooIsToldInAnEventAndNamedByThoseWhoWaitForIt() {
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/" + team.name + "/imageshares/new";
        var refused = new AtomicBoolean(true);
        world.api.intercept((method, asked) -> refused.get() && method.equals("PATCH") && asked.startsWith(path)
                ? ApiFault.FORBIDDEN_403.get()
                : null);
        team.create(team.share("new", image, declared));
        eventually(() -> assertThat(team.events("new")).contains("KubernetesRefused"));

        team.at("watched").delete();
        eventually(() -> assertThat(
                        Conditions.find(team.at("watched").get().getStatus().conditions(), Conditions.READY)
                                .orElseThrow()
                                .message())
                .contains("ImageShare " + team.name + "/new"));

        refused.set(false);
        team.awaitGone("watched");
        team.awaitReady("new");
        assertThat(world.cloud.members("producer", image)).hasSize(4);
    }

    /** The SDK hands out the new object as the one that is gone, and forgets it. */
    @Test
    void anObjectThatTakesTheNameOfOneThatGoesIsLookedAt() {
        var offered = world.cloud.createImage("producer", "offered", "shared", List.of());
        var consumer = consumerThatAnswers(offered);
        for (var i = 0; i < 30; i++) {
            world.api.delete(ImageAcceptance.class, consumer.at("answer").get());
            world.api.create(ImageAcceptance.class, consumer.named("answer", offered, MemberAnswer.accepted));
            consumer.awaitReason("answer", Reason.Synced);
        }
    }

    @Test
    void anObjectThatTookTheNameOfAnotherWhileTheApiServerWasAwayIsLookedAt() {
        var offered = world.cloud.createImage("producer", "offered", "shared", List.of());
        var consumer = consumerThatAnswers(offered);
        var before = consumer.at("answer").get();
        world.api.goAway();
        world.api.delete(ImageAcceptance.class, before);
        world.api.create(ImageAcceptance.class, consumer.named("answer", offered, MemberAnswer.accepted));
        world.api.comeBack();

        consumer.awaitReason("answer", Reason.Synced);
    }

    private Consumer consumerThatAnswers(String offered) {
        world.cloud.addMember("producer", offered, world.cloud.projectId("consumer-a"));
        var consumer = new Consumer(team.client, world.cloud, "consumer-a");
        consumer.create(consumer.named("answer", offered, MemberAnswer.accepted));
        consumer.awaitReason("answer", Reason.Synced);
        return consumer;
    }

    private void theNewWishIsCarriedOut() {
        team.declare("watched", declared.subList(0, 3));

        eventually(() -> assertThat(world.cloud.members("producer", image)).hasSize(3));
        team.awaitReady("watched");
    }
}
