package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Passes over ImageShareSets that are not being deleted: what surrounds an {@link ImageShareSetPass} in Kubernetes. */
final class LiveRotations {

    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private final KubernetesClient client;
    private final CloudAccess clouds;
    private final SetShares shares;
    private final Function<ImageShareSpec, Optional<String>> shareRules;
    private final ShareMaker maker;
    private final BooleanSupplier clockTrusted;
    private final Passes<ImageShareSet, TrackedRotation> passes;
    private final StatusWriter<ImageShareSet, ImageShareSetStatus> statuses;
    private final RotationEvents events;
    private final Clock clock;
    private final Backoff backoff;

    /**
     * @param shareRules the first rule that an ImageShare's spec breaks, if it breaks one
     * @param clockTrusted whether this process's clock agrees with others'; if not, nothing retires
     */
    LiveRotations(
            KubernetesClient client,
            CloudAccess clouds,
            SetShares shares,
            Function<ImageShareSpec, Optional<String>> shareRules,
            ShareMaker maker,
            BooleanSupplier clockTrusted,
            Passes<ImageShareSet, TrackedRotation> passes,
            StatusWriter<ImageShareSet, ImageShareSetStatus> statuses,
            RotationEvents events,
            Clock clock,
            Backoff backoff) {
        this.client = client;
        this.clouds = clouds;
        this.shares = shares;
        this.shareRules = shareRules;
        this.maker = maker;
        this.clockTrusted = clockTrusted;
        this.passes = passes;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
        this.backoff = backoff;
    }

    /**
     * One pass.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    Optional<Duration> pass(ImageShareSet set, TrackedRotation tracked, FairScheduler.Turn turn) {
        var now = clock.instant();
        var before = RotationStatus.before(set);
        var own = new HashMap<String, ImageShare>();
        shares.of(
                        set.getMetadata().getNamespace(),
                        ShareNames.label(set.getMetadata().getName()))
                .forEach(share -> own.put(share.getMetadata().getName(), share));
        var violation = ImageShareSetRules.violation(set.getSpec(), shareRules);
        var outcome = violation
                .map(rule -> RotationOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> lookAtClouds(set, own, tracked, turn, now));
        var plan = outcome.plan();
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        // Before anything is made or deleted: what is wanted, and what is let go, is what ImageShares go by.
        var written = statuses.writeIfChanged(
                set,
                lastSyncTime -> RotationStatus.of(set, outcome, stalled, lastSyncTime, now),
                plan != null && plan.isComplete(),
                before.lastSyncTime(),
                tracked,
                backoff,
                now);
        events.looked(written, before, outcome);
        var isDone = true;
        if (plan != null && !set.getSpec().suspend()) {
            isDone = new PlannedWrites(client, maker, passes, written, own).run(plan);
            if (plan.isSettled()) {
                tracked.forgetReadings();
            }
        }
        var resync = Schedule.resync(set.getSpec().resyncPeriod(), violation.isEmpty());
        var wait = tracked.next(outcome.problems(), resync, stalled, backoff, now);
        return !isDone ? Optional.of(AT_ONCE) : plan == null ? wait : noLaterThanTheNextRetirement(plan, wait, now);
    }

    private RotationOutcome lookAtClouds(
            ImageShareSet set,
            Map<String, ImageShare> own,
            TrackedRotation tracked,
            FairScheduler.Turn turn,
            Instant now) {
        if (isAskedFor(set, tracked)) {
            tracked.forgetReadings();
        }
        BooleanSupplier current = () -> passes.isCurrent(set);
        return new ImageShareSetPass(
                        set,
                        own,
                        ref -> clouds.newPass(set.getMetadata().getNamespace(), ref, turn, current),
                        clouds.sameClouds()::cloud,
                        clockTrusted,
                        current,
                        tracked,
                        now)
                .run();
    }

    /** A person who edits the set, or asks for a look, wants to know how it is now. */
    private static boolean isAskedFor(ImageShareSet set, TrackedRotation tracked) {
        return tracked.isAskedFor(set)
                || !Objects.equals(
                        RotationStatus.before(set).observedGeneration(),
                        set.getMetadata().getGeneration());
    }

    /** One retires when it is due, not a resync later. */
    private static Optional<Duration> noLaterThanTheNextRetirement(
            RotationPlan plan, Optional<Duration> wait, Instant now) {
        return plan.untilRetirement()
                .map(due -> Duration.between(now, due).plusMillis(1))
                .filter(left -> !left.isNegative() && (wait.isEmpty() || left.compareTo(wait.get()) < 0))
                .or(() -> wait);
    }
}
