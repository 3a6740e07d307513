package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.reconcile.Counters.Counted;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassesTest {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final MovableClock clock = new MovableClock();
    private final Counters counters = new Counters();
    private final FairScheduler turns = new FairScheduler(1, 1, 1);
    private final Passes<ImageShare, Schedule> passes =
            new Passes<>(share -> null, Schedule::new, turns, () -> true, clock, new Backoff(new Random(1)), counters);
    private final ImageShare share = share("ubuntu");
    private final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(Config.empty()).build())
            .build(); // nothing is asked of it
    private final List<Event> asked = new ArrayList<>();
    private final List<Problem> told = new ArrayList<>();

    @BeforeEach
    void start() {
        passes.eventSources(new InMemoryCache<>(List.of(share)), new CredentialSecrets(client, Set.of(), false))
                .forEach(source -> {
                    source.setEventHandler(asked::add);
                    source.start();
                });
    }

    @AfterEach
    void close() {
        client.close();
    }

    private ImageShare share(String name) {
        var object = new ImageShare();
        object.getMetadata().setNamespace("team");
        object.getMetadata().setName(name);
        object.getMetadata().setUid("uid-of-" + name);
        object.getMetadata().setGeneration(1L);
        object.getMetadata().setCreationTimestamp(clock.instant().toString());
        return object;
    }

    private Optional<Duration> pass(Supplier<Optional<Duration>> work) {
        return passes.run(share, passes.begin(share), turn -> work.get(), told::add);
    }

    private Duration refused(KubernetesClientException refusal) {
        return pass(() -> {
                    throw refusal;
                })
                .orElseThrow();
    }

    private static KubernetesClientException refusal(int code) {
        return new KubernetesClientException(
                new StatusBuilder().withCode(code).withMessage("no, because").build());
    }

    private int watch() {
        return passes.watch(PATIENCE, uid -> {});
    }

    // ------------------------------------------------------------------ watchdog

    @Test
    void anObjectThatNeverHadAPassIsAskedForAlsoIfTheSdkForgotIt() {
        assertThat(watch()).as("just created").isZero();
        clock.move(Duration.ofSeconds(301));

        assertThat(watch()).isEqualTo(1);
        assertThat(asked).singleElement().isInstanceOf(ResourceEvent.class);
        assertThat(counters.of(Counted.LOOK_OVERDUE)).isEqualTo(1);
        assertThat(passes.survey(object -> {}))
                .isEqualTo(new Passes.Lateness(Duration.ofSeconds(301), Duration.ofSeconds(301)));
    }

    @Test
    void anObjectIsOverdueWhenItsNextLookDidNotComeInTime() {
        pass(() -> Optional.of(Duration.ofMinutes(10)));
        clock.move(Duration.ofMinutes(15));
        assertThat(watch()).isZero();
        clock.move(Duration.ofSeconds(1));
        assertThat(watch()).isEqualTo(1);

        pass(Optional::empty);
        clock.move(Duration.ofDays(9));
        assertThat(watch()).as("looked at when something changes").isZero();
    }

    @Test
    void anObjectThatWaitsForItsTurnIsNotLost() {
        turns.begin("another", "team", () -> {});
        pass(Optional::empty);
        clock.move(Duration.ofHours(1));

        assertThat(watch()).isZero();
    }

    // ------------------------------------------------------------------ refusals

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 413, 422})
    void whatIsRefusedIsToldAtOnceInTheWordsOfTheApiServer(int code) {
        refused(refusal(code));

        assertThat(told).singleElement().satisfies(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.KubernetesRefused);
            assertThat(problem.message()).contains("(" + code + "): no, because.");
        });
        assertThat(counters.of(Counted.PASS_REFUSED)).isEqualTo(1);
    }

    @Test
    void whatFailsIsToldWhenItFailedThriceInARow() {
        refused(refusal(500));
        refused(new KubernetesClientException("reset", new IOException("reset")));
        assertThat(told).isEmpty();

        refused(new KubernetesClientException("reset", new IOException("reset")));
        assertThat(told)
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("failed a call: IOException."));
    }

    @Test
    void howeverOftenACallIsRefusedAnotherTryComesWithinTenMinutes() {
        for (var i = 0; i < 1_000; i++) {
            assertThat(refused(refusal(403))).isBetween(Duration.ofMillis(800), Duration.ofMinutes(10));
        }
    }

    @Test
    void anObjectThatTookTheNameOfOneThatWentIsLookedAt() {
        assertThat(passes.isThere(share)).isTrue();
        passes.forgotten(ResourceID.fromResource(share));
        assertThat(asked).singleElement().isInstanceOf(ResourceEvent.class);

        assertThat(passes.isThere(share("other"))).isFalse();
        passes.forgotten(ResourceID.fromResource(share("other")));
        assertThat(asked).hasSize(1);
    }
}
