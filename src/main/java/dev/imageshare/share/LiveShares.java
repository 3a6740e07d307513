package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Passes over ImageShares that are not being deleted: what surrounds a {@link SharePass} in Kubernetes. */
final class LiveShares {

    private static final Duration HOUR = Duration.ofHours(1);

    private final KubernetesClient client;
    private final CloudAccess clouds;
    private final References references;
    private final Claims claims;
    private final ImageLocks locks;
    private final MemberCalls calls;
    private final Passes<ImageShare, TrackedShare> passes;
    private final StatusWriter<ImageShare, ImageShareStatus> statuses;
    private final ShareEvents events;
    private final Counters counters;
    private final Clock clock;
    private final ClockCheck time;
    private final Backoff backoff;

    /** @param time by which access ends */
    LiveShares(
            KubernetesClient client,
            CloudAccess clouds,
            References references,
            Claims claims,
            ImageLocks locks,
            MemberCalls calls,
            Passes<ImageShare, TrackedShare> passes,
            StatusWriter<ImageShare, ImageShareStatus> statuses,
            ShareEvents events,
            Counters counters,
            Clock clock,
            ClockCheck time,
            Backoff backoff) {
        this.client = client;
        this.clouds = clouds;
        this.references = references;
        this.claims = claims;
        this.locks = locks;
        this.calls = calls;
        this.passes = passes;
        this.statuses = statuses;
        this.events = events;
        this.counters = counters;
        this.clock = clock;
        this.time = time;
        this.backoff = backoff;
    }

    /**
     * One pass.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    Optional<Duration> pass(ImageShare share, TrackedShare tracked, FairScheduler.Turn turn) {
        var now = clock.instant();
        var before = ShareStatus.before(share);
        var violation = tracked.violation(share);
        var outcome = violation
                .map(rule -> ShareOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> lookAtCloud(share, tracked, turn, now));
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        // Before others can see that it has followed: then the names of those who left are forgotten.
        var called = outcome.addedNow().isEmpty() && outcome.removedNow().isEmpty()
                ? Map.<String, String>of()
                : references.projectNames(share);
        var journaled = statuses.freshest(share);
        var written = statuses.writeIfChanged(
                journaled,
                lastSyncTime -> ShareStatus.of(journaled, outcome, stalled, lastSyncTime, now),
                outcome.plan() != null,
                before.lastSyncTime(),
                tracked,
                backoff,
                now);
        var resync = Schedule.resync(share.getSpec().resyncPeriod(), violation.isEmpty());
        var wait = tracked.next(outcome.problems(), resync, stalled, backoff, now);
        if (!Objects.equals(before.members(), written.getStatus().members())) {
            references.followed(written);
        }
        events.looked(written, before, outcome, called, tracked.lastLook(before.lastSyncTime()), now);
        if (!tracked.reportedOtherClouds && claims.isElsewhere(written)) {
            tracked.reportedOtherClouds = true; // once a process
            events.isElsewhere(written);
        }
        return noLaterThanTheNextEnd(outcome, wait, now);
    }

    private ShareOutcome lookAtCloud(ImageShare share, TrackedShare tracked, FairScheduler.Turn turn, Instant now) {
        ImageClient images;
        try {
            images = clouds.newPass(
                    share.getMetadata().getNamespace(),
                    share.getSpec().cloudCredentialsRef(),
                    turn,
                    () -> passes.isCurrent(share));
        } catch (ProblemException e) {
            return ShareOutcome.failed(e.problem());
        }
        var reading = time.read(images.clock());
        var declared = references.resolve(share, ShareStatus.before(share), reading);
        var outcome = new SharePass(
                        share,
                        declared,
                        images,
                        tracked.contention,
                        references.goneProjects(share),
                        plan -> tracked.heldNames.of(plan, references.projectNames(share), images),
                        claims,
                        mandate(share, declared, reading),
                        new ShareSecuring(share, locks, clouds.secrets(), passes, statuses, now),
                        now)
                .run(imageDue(share, tracked, now), new MemberWriter(calls, tracked.memberQuota));
        count(outcome, tracked);
        if (outcome.imageRead()) {
            tracked.imageDue = now.plus(backoff.spread(HOUR));
        }
        if (outcome.has(Reason.NotImageOwner)) {
            withdraw(share);
        }
        return outcome;
    }

    private RemovalMandate mandate(ImageShare share, Declaration declared, ClockCheck.ClockReading reading) {
        var before = ShareStatus.before(share);
        var refersToAny = References.any(share.getSpec());
        var refersToSets = !SetSources.references(share.getSpec()).isEmpty();
        return new ShareMandate(
                share,
                passes,
                client,
                events,
                () -> !refersToAny || declared.equals(references.resolve(share, before, reading)),
                () -> !refersToSets
                        || declared.equals(references.resolve(share, before, reading, name -> askForSet(share, name))));
    }

    private SetReferent askForSet(ImageShare share, String name) {
        return SetReferent.of(Optional.ofNullable(client.resources(ProjectSet.class)
                .inNamespace(share.getMetadata().getNamespace())
                .withName(name)
                .get()));
    }

    /** It was believed to own its image, and doesn't: others may go on. */
    private void withdraw(ImageShare share) {
        var others = claims.othersOf(share);
        claims.withdraw(share);
        if (!Conditions.has(ShareStatus.before(share).conditions(), Conditions.READY, Reason.NotImageOwner)) {
            others.forEach(passes::nudge);
        }
    }

    private void count(ShareOutcome outcome, TrackedShare tracked) {
        counters.add(Counted.MEMBER_ADDED, outcome.addedNow().size());
        counters.add(Counted.MEMBER_REMOVED, outcome.removedNow().size());
        var left = outcome.plan();
        if (left != null) {
            tracked.missing = counters.drift(
                    Counted.MISSING_FOUND,
                    Counted.MISSING_HEALED,
                    tracked.missing,
                    outcome.drift().missing(),
                    outcome.addedNow(),
                    left.add());
            tracked.undeclared = counters.drift(
                    Counted.UNDECLARED_FOUND,
                    Counted.UNDECLARED_HEALED,
                    tracked.undeclared,
                    outcome.drift().undeclared(),
                    outcome.removedNow(),
                    Stream.concat(left.remove().stream(), left.held().stream()).toList());
        }
    }

    /** Once an hour; after a start at some time within the hour, so that many objects don't ask at once. */
    private boolean imageDue(ImageShare share, TrackedShare tracked, Instant now) {
        var isReady = Conditions.find(ShareStatus.before(share).conditions(), Conditions.READY)
                .filter(c -> c.status() == Condition.Status.True)
                .isPresent();
        if (tracked.imageDue == null) {
            tracked.imageDue = now.plus(backoff.within(HOUR));
        }
        return tracked.isAskedFor(share) || !isReady || !tracked.imageDue.isAfter(now);
    }

    /** Access ends when it is due, not a resync later; but a cloud that said how long to wait is left alone until then. */
    private static Optional<Duration> noLaterThanTheNextEnd(
            ShareOutcome outcome, Optional<Duration> wait, Instant now) {
        var declaration = outcome.declaration();
        if (declaration == null
                || outcome.problems().stream().anyMatch(p -> p.retryAfter().isPresent())) {
            return wait;
        }
        return declaration
                .nextEnd()
                .map(end -> Duration.between(now, end))
                .filter(left -> wait.isEmpty() || left.compareTo(wait.get()) < 0)
                .or(() -> wait);
    }
}
