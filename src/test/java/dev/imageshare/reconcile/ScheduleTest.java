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
    void itIsOverdueWhenItsNextLookDidNotComeInTime() {
        schedule.end(NOW, Optional.of(PERIOD));
        assertThat(schedule.isOverdue(NOW.plus(PERIOD), Duration.ofMinutes(5))).isFalse();
        assertThat(schedule.isOverdue(NOW.plus(PERIOD).plusSeconds(301), Duration.ofMinutes(5)))
                .isTrue();
        schedule.end(NOW, Optional.empty());
        assertThat(schedule.isOverdue(NOW.plus(Duration.ofDays(9)), PERIOD)).isFalse();
    }
}
