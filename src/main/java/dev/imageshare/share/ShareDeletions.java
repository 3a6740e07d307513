package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Passes over ImageShares that are being deleted: what surrounds a {@link Revocation} in Kubernetes. */
final class ShareDeletions {

    private final KubernetesClient client;
    private final CloudAccess clouds;
    private final References references;
    private final Claims claims;
    private final Predicate<ImageShare> undecided;
    private final MassDeletion massDeletion;
    private final ImageLocks locks;
    private final MemberCalls calls;
    private final Passes<ImageShare, TrackedShare> passes;
    private final StatusWriter<ImageShare, ImageShareStatus> statuses;
    private final ShareEvents events;
    private final Counters counters;
    private final Clock clock;
    private final Backoff backoff;

    ShareDeletions(
            KubernetesClient client,
            CloudAccess clouds,
            References references,
            Claims claims,
            Predicate<ImageShare> undecided,
            MassDeletion massDeletion,
            ImageLocks locks,
            MemberCalls calls,
            Passes<ImageShare, TrackedShare> passes,
            StatusWriter<ImageShare, ImageShareStatus> statuses,
            ShareEvents events,
            Counters counters,
            Clock clock,
            Backoff backoff) {
        this.client = client;
        this.clouds = clouds;
        this.references = references;
        this.claims = claims;
        this.undecided = undecided;
        this.massDeletion = massDeletion;
        this.locks = locks;
        this.calls = calls;
        this.passes = passes;
        this.statuses = statuses;
        this.events = events;
        this.counters = counters;
        this.clock = clock;
        this.backoff = backoff;
    }

    /**
     * One pass: revokes, and takes off the finalizer once nothing is left to revoke.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    Optional<Duration> pass(ImageShare share, TrackedShare tracked, FairScheduler.Turn turn) {
        var now = clock.instant();
        if (tracked.deletionSeen == null) {
            tracked.deletionSeen = now;
        }
        long generation = share.getMetadata().getGeneration();
        if (tracked.released != generation) {
            var result = revoke(share, tracked, turn, now);
            reportRevoked(share, tracked, result.revoked());
            if (result instanceof RevocationResult.Unfinished unfinished) {
                return keepWaiting(share, tracked, unfinished, now);
            }
            if (result instanceof RevocationResult.Released released) {
                events.kept(share, released.kept(), released.keptBecause());
            }
            if (!result.revoked().isEmpty()) {
                massDeletion.done(share);
            }
            tracked.released = generation;
        }
        statuses.removeFinalizer(share, ImageShareReconciler.FINALIZER);
        release(share);
        events.deleted(share, tracked.revoked.size());
        return Optional.empty();
    }

    private RevocationResult revoke(ImageShare share, TrackedShare tracked, FairScheduler.Turn turn, Instant now) {
        var mandate = new ShareMandate(share, passes, client, events, () -> true, () -> true);
        return new Revocation(
                        share,
                        () -> clouds.newPass(
                                share.getMetadata().getNamespace(),
                                share.getSpec().cloudCredentialsRef(),
                                turn,
                                mandate::holds),
                        new MemberWriter(calls, tracked.memberQuota),
                        claims,
                        mandate,
                        new ShareSecuring(share, locks, clouds.secrets(), passes, statuses, now),
                        () -> undecided.test(share),
                        () -> massDeletion.judge(share, tracked.deletionSeen == null ? now : tracked.deletionSeen))
                .run();
    }

    /** Once each: a pass that failed after a removal may be followed by one that finds the member gone. */
    private void reportRevoked(ImageShare share, TrackedShare tracked, Collection<String> members) {
        var revoked = new TreeSet<>(members);
        revoked.removeAll(tracked.revoked);
        tracked.revoked.addAll(revoked);
        counters.add(Counted.MEMBER_REMOVED, revoked.size());
        events.revoked(share, revoked, revoked.isEmpty() ? Map.of() : references.projectNames(share));
    }

    private Optional<Duration> keepWaiting(
            ImageShare share, TrackedShare tracked, RevocationResult.Unfinished unfinished, Instant now) {
        var before = ShareStatus.before(share);
        var outcome = ShareOutcome.failed(unfinished.problem());
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        var next = ShareStatus.of(share, outcome, stalled, null, now);
        if (unfinished instanceof RevocationResult.AwaitingApproval held) {
            next = ShareStatus.held(next, held.hash());
        }
        if (!next.equals(share.getStatus())) {
            statuses.write(share, next);
        }
        events.waits(share, before, unfinished.problem());
        return unfinished instanceof RevocationResult.Settling settling
                ? Optional.of(settling.period())
                : tracked.next(outcome.problems(), Schedule.STALLED_PERIOD, stalled, backoff, now);
    }

    /** The object goes: others may do what it kept them from, and its Secret isn't needed for it any more. */
    private void release(ImageShare share) {
        var others = claims.othersOf(share);
        claims.withdraw(share);
        others.forEach(passes::nudge);
        passes.secretKey(share).ifPresent(key -> {
            var isNeeded = passes.naming(key).stream()
                    .filter(other -> !other.getMetadata()
                            .getUid()
                            .equals(share.getMetadata().getUid()))
                    .anyMatch(Claims::needsSecret);
            if (!isNeeded) {
                clouds.secrets().release(key);
            }
        });
    }
}
