package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
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
import java.util.Map;
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
    private boolean leading = true;
    private final Passes<ImageShare, Schedule> passes = new Passes<>(
            share -> null, Schedule::new, turns, () -> leading, clock, new Backoff(new Random(1)), counters);
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

    // ---------------------------------------------------------- how a pass ends

    @Test
    void aPassThatWasVoidIsFollowedAtOnceAndNothingIsTold() {
        assertThat(pass(() -> {
                    throw new PassAbandonedException("for a test");
                }))
                .contains(Duration.ofMillis(100));
        assertThat(told).isEmpty();
        assertThat(counters.of(Counted.PASS_REFUSED)).isZero();
    }

    @Test
    void aPassThatWasNotVoidEndsTheRowOfThoseThatWere() {
        for (var i = 0; i < 5; i++) {
            pass(() -> {
                throw new PassAbandonedException("for a test");
            });
        }
        pass(Optional::empty);

        assertThat(pass(() -> {
                    throw new PassAbandonedException("for a test");
                }))
                .contains(Duration.ofMillis(100));
    }

    @Test
    void whoWaitsForItsTurnIsCalledAndLookedAtWithinFiveMinutesAnyway() {
        var other = turns.begin("another", "team", () -> {});
        assertThat(pass(() -> {
                    throw new AssertionError("it isn't its turn");
                }))
                .contains(Duration.ofMinutes(5));
        assertThat(asked).isEmpty();

        other.close();
        assertThat(asked).hasSize(1);
    }

    @Test
    void aFaultOfTheOperatorIsToldWithoutItsWordsAndTriedAgain() {
        var wait = pass(() -> {
            throw new IllegalStateException("outer", new ArithmeticException("secret"));
        });

        assertThat(wait)
                .hasValueSatisfying(w -> assertThat(w).isBetween(Duration.ofMillis(800), Duration.ofSeconds(2)));
        assertThat(told).singleElement().satisfies(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InternalError);
            assertThat(problem.message()).contains("(ArithmeticException)").doesNotContain("secret");
        });
    }

    @Test
    void anErrorIsAFaultToo() {
        assertThat(pass(() -> {
                    throw new StackOverflowError();
                }))
                .isPresent();
        assertThat(told).hasSize(1);
    }

    @Test
    void aFaultWhoseCausesGoInACircleIsToldToo() {
        var first = new IllegalStateException("first");
        first.initCause(new IllegalStateException("second", first));
        pass(() -> {
            throw first;
        });

        assertThat(told).hasSize(1);
    }

    @Test
    void whatCanNotBeToldFailsNoPass() {
        var wait = passes.run(
                share,
                passes.begin(share),
                turn -> {
                    throw new IllegalStateException();
                },
                problem -> {
                    throw new IllegalStateException("the status can't be written");
                });
        assertThat(wait).isPresent();
    }

    @Test
    void whoNoLongerLeadsTellsNothing() {
        leading = false;
        refused(refusal(403));

        assertThat(told).isEmpty();
        assertThat(passes.isLeading()).isFalse();
    }

    // ----------------------------------------------------------- still the same

    @Test
    void anObjectIsCurrentAsLongAsItIsTheSameWishOfTheSameObjectAndThisProcessLeads() {
        assertThat(passes.isCurrent(share)).isTrue();
        assertThat(passes.isCurrent(share("other"))).as("not there").isFalse();

        var before = share("ubuntu");
        assertThat(passes.isStill(before, share)).isTrue();
        before.getMetadata().setGeneration(2L);
        assertThat(passes.isStill(before, share)).as("edited").isFalse();
        before = share("ubuntu");
        before.getMetadata().setUid("another");
        assertThat(passes.isStill(before, share)).as("another of its name").isFalse();
        before = share("ubuntu");
        before.getMetadata().setDeletionTimestamp("2026-11-21T19:00:00Z");
        assertThat(passes.isStill(before, share)).as("one is being deleted").isFalse();

        leading = false;
        assertThat(passes.isCurrent(share)).isFalse();
    }

    @Test
    void whatAsksForAPassIsAWishOrAPersonAndNotAStatus() {
        var now = share("ubuntu");
        now.getMetadata().setResourceVersion("8");
        assertThat(Passes.asksForAPass(now, share)).isFalse();

        now.getMetadata().setGeneration(2L);
        assertThat(Passes.asksForAPass(now, share)).isTrue();
        now = share("ubuntu");
        now.getMetadata().setUid("another");
        assertThat(Passes.asksForAPass(now, share)).isTrue();
        now = share("ubuntu");
        now.getMetadata().setDeletionTimestamp("2026-11-21T19:00:00Z");
        assertThat(Passes.asksForAPass(now, share)).isTrue();
        now = share("ubuntu");
        now.getMetadata().setAnnotations(Map.of(Annotations.LOOK_NOW, "1"));
        assertThat(Passes.asksForAPass(now, share)).isTrue();
        var before = share("ubuntu");
        before.getMetadata().setAnnotations(Map.of(Annotations.LOOK_NOW, "1"));
        assertThat(Passes.asksForAPass(now, before)).isFalse();
    }

    // -------------------------------------------------------------- more of the watchdog

    @Test
    void withoutTheLeadNothingIsOverdue() {
        clock.move(Duration.ofHours(1));
        leading = false;
        assertThat(watch()).isZero();
        assertThat(passes.isRunning()).isFalse();
        assertThat(passes.naming(new CredentialSecrets.SecretKey("team", "clouds")))
                .isEmpty();
    }

    @Test
    void whatWentWithoutOurKnowingIsForgotten() {
        var gone = share("gone");
        passes.begin(gone);
        var named = new ArrayList<String>();

        assertThat(passes.watch(PATIENCE, named::add)).isZero();
        assertThat(named).containsExactly("uid-of-gone");
        assertThat(passes.forget("uid-of-gone")).isEmpty();
    }

    @Test
    void theLatenessIsThatOfTheLastLookAndOfTheNextOne() {
        assertThat(passes.survey(object -> {})).isEqualTo(new Passes.Lateness(Duration.ZERO, Duration.ZERO));
        pass(() -> Optional.of(Duration.ofMinutes(10)));
        clock.move(Duration.ofMinutes(12));
        assertThat(passes.survey(object -> {}))
                .isEqualTo(new Passes.Lateness(Duration.ofMinutes(12), Duration.ofMinutes(2)));

        pass(Optional::empty);
        clock.move(Duration.ofHours(9));
        assertThat(passes.survey(object -> {}))
                .as("looked at only when it changes")
                .isEqualTo(new Passes.Lateness(Duration.ZERO, Duration.ZERO));
    }

    // ------------------------------------------------------------- what is remembered

    @Test
    void aNewGenerationBeginsAnewAndAForgottenObjectToo() {
        var schedule = passes.begin(share);
        schedule.afterFailure(new Backoff(new Random(1)));
        assertThat(passes.begin(share).failures()).isEqualTo(1);
        share.getMetadata().setGeneration(2L);
        assertThat(passes.begin(share)).isSameAs(schedule);
        assertThat(schedule.failures()).isZero();

        turns.begin(share.getMetadata().getUid(), "team", () -> {});
        assertThat(passes.forget(share.getMetadata().getUid())).containsSame(schedule);
        turns.begin("another", "team", () -> {}).close(); // its turn is free
        assertThat(passes.begin(share)).isNotSameAs(schedule);
    }

    @Test
    void anObjectThatCameLaterIsDueSinceThen() {
        pass(Optional::empty);
        clock.move(Duration.ofHours(1));
        var later = share("later");
        var objects = new Passes<ImageShare, Schedule>(
                s -> null, Schedule::new, turns, () -> true, clock, new Backoff(new Random(1)), counters);
        objects.eventSources(
                new InMemoryCache<>(List.of(share, later)), new CredentialSecrets(client, Set.of(), false));
        objects.run(share, objects.begin(share), turn -> Optional.empty(), told::add);
        clock.move(Duration.ofMinutes(2));
        later.getMetadata().setCreationTimestamp(clock.instant().toString());
        clock.move(Duration.ofMinutes(3));

        var seen = new ArrayList<ImageShare>();
        assertThat(objects.survey(seen::add))
                .isEqualTo(new Passes.Lateness(Duration.ofMinutes(3), Duration.ofMinutes(3)));
        assertThat(seen).containsExactly(share, later);
    }

    @Test
    void anObjectIsFoundByTheSecretThatItNames() {
        var naming = new Passes<ImageShare, Schedule>(
                s -> s == share ? new CloudCredentialsRef("clouds", "producer") : new CloudCredentialsRef(null, null),
                Schedule::new,
                turns,
                () -> true,
                clock,
                new Backoff(new Random(1)),
                counters);
        naming.eventSources(
                new InMemoryCache<>(List.of(share, share("other"))), new CredentialSecrets(client, Set.of(), false));
        var key = new CredentialSecrets.SecretKey("team", "clouds");
        assertThat(naming.secretKey(share)).contains(key);
        assertThat(naming.secretKey(share("other"))).isEmpty();
        assertThat(passes.secretKey(share)).isEmpty();
        assertThat(naming.naming(key)).as("before the first pass").isEmpty();

        naming.run(share, naming.begin(share), turn -> Optional.empty(), told::add);
        assertThat(naming.naming(key)).containsExactly(share);
    }

    @Test
    void aPassCanBeAskedFor() {
        passes.nudge(share);
        passes.nudge(ResourceID.fromResource(share));

        assertThat(asked).hasSize(2);
    }

    @Test
    void outsideOfAPassTriesGoOnAtMostTenMinutesApart() {
        var execution = Passes.retry().initExecution();
        for (var i = 0; i < 100; i++) {
            assertThat(execution.nextDelay())
                    .hasValueSatisfying(delay -> assertThat(delay).isBetween(1L, 600_000L));
        }
    }

    @Test
    void anOlderWishIsNotCurrent() {
        assertThat(passes.isLeading()).isTrue();
        var older = share("ubuntu");
        older.getMetadata().setGeneration(0L);

        assertThat(passes.isCurrent(older)).isFalse();
    }
}
