package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Mandate;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Passes over ImageAcceptances that are not being deleted: what surrounds an {@link AcceptancePass} in Kubernetes. */
final class LiveAcceptances {

    private final CloudAccess clouds;
    private final Precedence precedence;
    private final ParallelCalls parallel;
    private final Passes<ImageAcceptance, TrackedAcceptance> passes;
    private final StatusWriter<ImageAcceptance, ImageAcceptanceStatus> statuses;
    private final AcceptanceEvents events;
    private final Counters counters;
    private final Clock clock;
    private final Backoff backoff;

    /** Whether the object is still the one that the pass is about. */
    private record AcceptanceMandate(Passes<ImageAcceptance, TrackedAcceptance> passes, ImageAcceptance acceptance)
            implements Mandate {
        @Override
        public boolean holds() {
            return passes.isCurrent(acceptance);
        }

        @Override
        public boolean leads() {
            return passes.isLeading();
        }
    }

    LiveAcceptances(
            CloudAccess clouds,
            Precedence precedence,
            ParallelCalls parallel,
            Passes<ImageAcceptance, TrackedAcceptance> passes,
            StatusWriter<ImageAcceptance, ImageAcceptanceStatus> statuses,
            AcceptanceEvents events,
            Counters counters,
            Clock clock,
            Backoff backoff) {
        this.clouds = clouds;
        this.precedence = precedence;
        this.parallel = parallel;
        this.passes = passes;
        this.statuses = statuses;
        this.events = events;
        this.counters = counters;
        this.clock = clock;
        this.backoff = backoff;
    }

    /**
     * One pass.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    Optional<Duration> pass(ImageAcceptance acceptance, TrackedAcceptance tracked, FairScheduler.Turn turn) {
        var now = clock.instant();
        var before = AcceptanceStatus.before(acceptance);
        var violation = AcceptanceRules.violation(acceptance.getSpec(), acceptance.getStatus());
        var outcome = violation
                .map(rule -> AcceptanceOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> lookAtCloud(acceptance, tracked, turn, now));
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        var written = statuses.writeIfChanged(
                acceptance,
                lastSyncTime -> AcceptanceStatus.of(acceptance, outcome, stalled, lastSyncTime, now),
                outcome.offers() != null,
                before.lastSyncTime(),
                tracked,
                backoff,
                now);
        events.looked(written, before, outcome);
        var resync = Schedule.resync(acceptance.getSpec().resyncPeriod(), violation.isEmpty());
        return tracked.next(outcome.problems(), resync, stalled, backoff, now);
    }

    private AcceptanceOutcome lookAtCloud(
            ImageAcceptance acceptance, TrackedAcceptance tracked, FairScheduler.Turn turn, Instant now) {
        var mandate = new AcceptanceMandate(passes, acceptance);
        try {
            var client = clouds.newPass(
                    acceptance.getMetadata().getNamespace(),
                    acceptance.getSpec().cloudCredentialsRef(),
                    turn,
                    mandate::holds);
            var outcome = new AcceptancePass(acceptance, client, precedence, mandate, now).run(parallel);
            count(outcome, tracked);
            return outcome;
        } catch (ProblemException e) {
            return AcceptanceOutcome.failed(e.problem());
        }
    }

    private void count(AcceptanceOutcome outcome, TrackedAcceptance tracked) {
        counters.add(Counted.ANSWER_GIVEN, outcome.answeredNow().size());
        tracked.changed = counters.drift(
                Counted.ANSWER_FOUND,
                Counted.ANSWER_HEALED,
                tracked.changed,
                outcome.changed(),
                outcome.answeredNow(),
                outcome.changed());
    }
}
