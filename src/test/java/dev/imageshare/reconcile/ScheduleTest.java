package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PERIOD = Duration.ofMinutes(10);

    private final Backoff backoff = new Backoff(new Random(1));
    private final Schedule schedule = new Schedule();

    private Duration wait(boolean stalled, Problem... problems) {
        return schedule.next(List.of(problems), PERIOD, stalled, backoff, NOW).orElseThrow();
    }

    private static Problem problem(Reason reason) {
        return Problem.of(reason, "message");
    }

    @Test
    void inOrderItIsLookedAtEachPeriodAndUpToAFifthLater() {
        assertThat(wait(false)).isBetween(PERIOD, PERIOD.multipliedBy(6).dividedBy(5));
        assertThat(schedule.next(List.of(), Duration.ZERO, false, backoff, NOW).orElseThrow())
                .as("what it claims has to be proven")
                .isBetween(Duration.ofHours(1), Duration.ofMinutes(73));
    }

    /** A process that is awake looks at several for less than if it is woken for each. */
    @Test
    void looksOfManyObjectsFallOnTheSameMoments() {
        var now = NOW.plusNanos(123_456_789);
        var due = Stream.generate(() -> schedule.next(List.of(), PERIOD, false, backoff, now))
                .limit(10_000)
                .map(wait -> now.plus(wait.orElseThrow()))
                .map(Instant::toEpochMilli)
                .collect(Collectors.toSet());

        assertThat(due).hasSizeBetween(500, 601); // of two minutes in fifths of a second
        assertThat(due).allMatch(millis -> millis % 200 == 0);
    }

    @Test
    void failuresInARowWaitLongerUntilOneSucceedsOrTheSpecChanges() {
        schedule.begin(1);
        var first = wait(false, problem(Reason.CloudUnreachable));
        wait(false, problem(Reason.CloudUnreachable));
        wait(false, problem(Reason.CloudUnreachable));
        assertThat(wait(false, problem(Reason.CloudUnreachable))).isGreaterThan(first.multipliedBy(4));

        schedule.begin(2);
        assertThat(wait(false, problem(Reason.CloudUnreachable))).isLessThan(Duration.ofSeconds(2));
    }

    /** A watch that is behind makes one pass after the other void, and each of them asks the cloud. */
    @Test
    void voidPassesInARowAreNoStorm() {
        schedule.begin(1);
        var waits = Stream.generate(() -> schedule.afterVoid(backoff)).limit(30).toList();

        assertThat(waits.get(0)).isLessThan(Duration.ofSeconds(1));
        assertThat(waits.stream().reduce(Duration.ZERO, Duration::plus)).isGreaterThan(Duration.ofHours(1));
        schedule.counted();
        assertThat(schedule.afterVoid(backoff)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void whatNeedsAPersonIsLookedAtEachPeriodAllTheSame() {
        assertThat(wait(false, problem(Reason.Forbidden))).isGreaterThanOrEqualTo(PERIOD);
        assertThat(schedule.next(List.of(problem(Reason.Forbidden)), Duration.ZERO, false, backoff, NOW))
                .hasValueSatisfying(w -> assertThat(w).isGreaterThanOrEqualTo(Schedule.STALLED_PERIOD));
    }

    @Test
    void theCloudIsLeftAloneAsLongAsItAsks() {
        var asked = Duration.ofMinutes(30);
        assertThat(wait(false, new Problem(Reason.RateLimited, "message", Optional.of(asked))))
                .isEqualTo(asked);
    }

    @Test
    void aSecretIsWaitedForFiveMinutesAndARestartDoesNotBeginAnew() {
        var missing = List.of(problem(Reason.CredentialsNotFound));
        assertThat(schedule.graceIsOver(missing, null, NOW)).isFalse();
        assertThat(schedule.graceIsOver(missing, null, NOW.plusSeconds(299))).isFalse();
        assertThat(schedule.graceIsOver(missing, null, NOW.plusSeconds(300))).isTrue();

        var before = List.of(new Condition(
                Conditions.STALLED, Condition.Status.True, "CredentialsNotFound", "message", NOW.toString(), 1));
        assertThat(new Schedule().graceIsOver(missing, before, NOW)).isTrue();

        assertThat(schedule.graceIsOver(List.of(), null, NOW.plusSeconds(301))).isFalse();
        assertThat(schedule.graceIsOver(missing, null, NOW.plusSeconds(302))).isFalse();
    }

    @Test
    void lastSyncTimeIsWrittenByItselfAnHourAfterItWasWritten() {
        assertThat(schedule.touchDue(NOW.minusSeconds(60).toString(), backoff, NOW))
                .isFalse();
        assertThat(schedule.touchDue(null, backoff, NOW.plusSeconds(3_540))).isTrue();
        schedule.touched(backoff, NOW.plusSeconds(3_540));
        assertThat(schedule.touchDue(null, backoff, NOW.plusSeconds(7_000))).isFalse();
    }

    @Test
    void othersAreAskedOnceAGenerationAndAfterARestartOnlyIfTheStatusIsOlder() {
        schedule.begin(3);
        assertThat(schedule.isNewToOthers(2L)).as("edited while no process ran").isTrue();
        assertThat(schedule.isNewToOthers(2L)).as("the pass failed").isFalse();
        schedule.begin(4);
        assertThat(schedule.isNewToOthers(4L)).as("the fault was told for it").isTrue();

        var ofAnotherProcess = new Schedule();
        ofAnotherProcess.begin(4);
        assertThat(ofAnotherProcess.isNewToOthers(4L)).isFalse();
        var ofANewObject = new Schedule();
        ofANewObject.begin(1);
        assertThat(ofANewObject.isNewToOthers(null)).isFalse();
    }

    @Test
    void failuresOfOneGenerationCountOverItsPasses() {
        schedule.begin(1);
        schedule.afterFailure(backoff);
        schedule.afterFailure(backoff);
        schedule.begin(1);
        assertThat(schedule.failures()).isEqualTo(2);
        schedule.begin(2);
        assertThat(schedule.failures()).isZero();
    }

    @Test
    void aPassThatFoundAllInOrderEndsTheRow() {
        wait(false, problem(Reason.CloudUnreachable));
        wait(false, problem(Reason.CloudUnreachable));
        assertThat(schedule.failures()).isEqualTo(2);
        wait(false);
        assertThat(schedule.failures()).isZero();
    }

    @Test
    void eachFailureDoublesTheWaitUpToTenMinutes() {
        var waits =
                Stream.generate(() -> schedule.afterFailure(backoff)).limit(12).toList();

        for (var i = 0; i < waits.size(); i++) {
            var base = Duration.ofSeconds(Math.min(600, 1L << i));
            assertThat(waits.get(i))
                    .isBetween(
                            base.multipliedBy(8).dividedBy(10),
                            base.multipliedBy(12).dividedBy(10))
                    .isLessThanOrEqualTo(Duration.ofMinutes(10));
        }
    }

    @Test
    void fiveVoidPassesAreFollowedAtOnceAndANewGenerationHasFiveMore() {
        schedule.begin(1);
        for (var i = 0; i < 5; i++) {
            assertThat(schedule.afterVoid(backoff)).isEqualTo(Duration.ofMillis(100));
        }
        assertThat(schedule.afterVoid(backoff)).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_200));
        assertThat(schedule.afterVoid(backoff)).isBetween(Duration.ofMillis(1_600), Duration.ofMillis(2_400));

        schedule.begin(1);
        assertThat(schedule.afterVoid(backoff)).isGreaterThan(Duration.ofSeconds(3));
        schedule.begin(2);
        assertThat(schedule.afterVoid(backoff)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void theWatchdogKnowsWhenItWasLookedAtAndWhenItWillBe() {
        assertThat(schedule.last()).isNull();
        assertThat(schedule.next()).isNull();

        schedule.end(NOW, Optional.of(PERIOD));
        assertThat(schedule.last()).isEqualTo(NOW);
        assertThat(schedule.next()).isEqualTo(NOW.plus(PERIOD));
        schedule.end(NOW.plus(PERIOD), Optional.empty());
        assertThat(schedule.last()).isEqualTo(NOW.plus(PERIOD));
        assertThat(schedule.next()).as("when something changes").isNull();
    }

    @Test
    void anObjectWithoutAPeriodIsLookedAtHourlyAndOneWithABrokenOneEachTenMinutes() {
        assertThat(Schedule.period("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Schedule.period("0s")).isEqualTo(Duration.ofHours(1));
        assertThat(Schedule.period("soon")).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void eachReasonThatGetsGraceHasItsOwnAndWhatNeedsNoneHasNone() {
        var secret = problem(Reason.CredentialsNotFound);
        var image = problem(Reason.ImageNotFound);
        assertThat(schedule.graceIsOver(List.of(secret), null, NOW)).isFalse();
        assertThat(schedule.graceIsOver(List.of(secret, image), null, NOW.plusSeconds(200)))
                .isFalse();
        assertThat(schedule.graceIsOver(List.of(image), null, NOW.plusSeconds(400)))
                .as("the image's own began later")
                .isFalse();
        assertThat(schedule.graceIsOver(List.of(image, problem(Reason.CloudUnreachable)), null, NOW.plusSeconds(500)))
                .isTrue();
        assertThat(schedule.graceIsOver(List.of(problem(Reason.Forbidden)), null, NOW.plusSeconds(9_999)))
                .isFalse();
    }

    @Test
    void duringTheGraceTheNextLookComesWhenItEndsAtTheLatestAndAfterItEachPeriod() {
        var missing = problem(Reason.CredentialsNotFound);
        schedule.graceIsOver(List.of(missing), null, NOW);
        for (var i = 0; i < 20; i++) {
            schedule.afterFailure(backoff);
        }
        var later = NOW.plusSeconds(290);
        assertThat(schedule.next(List.of(missing), PERIOD, false, backoff, later))
                .contains(Duration.ofSeconds(10));

        assertThat(schedule.next(List.of(missing), PERIOD, true, backoff, NOW.plusSeconds(300)))
                .hasValueSatisfying(wait -> assertThat(wait)
                        .isBetween(PERIOD, PERIOD.multipliedBy(13).dividedBy(10)));
    }

    @Test
    void ofSeveralProblemsTheOneThatHealsByItselfSetsThePaceAndTheLongestRequestToWaitHolds() {
        assertThat(wait(false, problem(Reason.Forbidden), problem(Reason.CloudUnreachable)))
                .isLessThan(Duration.ofSeconds(2));
        assertThat(wait(
                        false,
                        new Problem(Reason.RateLimited, "message", Optional.of(Duration.ofMinutes(20))),
                        new Problem(Reason.RateLimited, "message", Optional.of(Duration.ofMinutes(30))),
                        problem(Reason.CloudUnreachable)))
                .isEqualTo(Duration.ofMinutes(30));
        assertThat(wait(false, new Problem(Reason.Forbidden, "message", Optional.of(Duration.ofSeconds(1)))))
                .as("asked for less than is waited anyway")
                .isGreaterThanOrEqualTo(PERIOD);
    }

    @Test
    void afterAStartLastSyncTimesThatAreOverdueAreSpreadOverAnHour() {
        assertThat(new Schedule().touchDue(NOW.minusSeconds(3_599).toString(), backoff, NOW))
                .isFalse();
        for (var overdue :
                new String[] {null, "yesterday", NOW.minusSeconds(3_600).toString()}) {
            var fresh = new Schedule();
            assertThat(fresh.touchDue(overdue, backoff, NOW)).as(overdue).isFalse();
            assertThat(fresh.touchDue(overdue, backoff, NOW.plusSeconds(3_600)))
                    .as(overdue)
                    .isTrue();
        }
        schedule.touched(backoff, NOW);
        assertThat(schedule.touchDue(null, backoff, NOW.plusSeconds(3_599))).isFalse();
        assertThat(schedule.touchDue(null, backoff, NOW.plusSeconds(4_320))).isTrue();
    }
}
