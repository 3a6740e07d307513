package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberCounts;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.reconcile.AnswerCounts;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.StateCounts;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the statuses of all ImageShares say together; for the metrics. Nothing of it is kept. */
public final class ShareCensus {

    /** What ends within this time is counted as expiring. */
    public static final Duration SOON = Duration.ofDays(7);

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private final Set<String> images = new HashSet<>();
    private AnswerCounts answers = AnswerCounts.NONE;
    private long missing;
    private long undeclared;
    private long removalsHeld;
    private long deletionsHeld;
    private long expiring;
    private final String soon;
    private long fullest;
    private long atAnotherUrl;
    private @Nullable String oldestPending;

    /** @param claims null before the start */
    ShareCensus(Passes<ImageShare, ?> passes, @Nullable Claims claims, Instant now) {
        soon = now.plus(SOON).toString();
        lateness = passes.survey(share -> {
            count(share);
            if (claims != null && claims.isElsewhere(share)) {
                atAnotherUrl++;
            }
        });
    }

    private void count(ImageShare share) {
        var status = share.getStatus();
        states.count(status == null ? null : status.conditions());
        if (status == null) {
            return;
        }
        countHeld(share, status);
        var summary = status.summary();
        if (summary == null) {
            return;
        }
        if (status.nextExpiry() != null && status.members() != null) {
            // As text they are in the order of time.
            expiring += status.members().stream()
                    .filter(m -> m.declared()
                            && m.expiresAt() != null
                            && m.expiresAt().compareTo(soon) <= 0)
                    .count();
        }
        missing += Math.max(0, summary.desired() - (summary.present() - summary.undeclared()));
        // Two objects may declare members of one image.
        if (status.image() == null || images.add(status.image().id())) {
            count(status, summary);
        }
    }

    private void count(ImageShareStatus status, MemberCounts summary) {
        answers = answers.plus(summary.accepted(), summary.pending(), summary.rejected());
        undeclared += summary.undeclared();
        fullest = Math.max(fullest, summary.present());
        if (summary.pending() > 0 && status.members() != null) {
            for (var member : status.members()) {
                var since = member.updatedAt() == null ? member.createdAt() : member.updatedAt();
                // As text they are in the order of time: parsing a million of them would take a second.
                if (member.status() == MemberAnswer.pending
                        && since != null
                        && (oldestPending == null || since.compareTo(oldestPending) < 0)) {
                    oldestPending = since;
                }
            }
        }
    }

    private void countHeld(ImageShare share, ImageShareStatus status) {
        if (share.isMarkedForDeletion()) {
            if (Conditions.has(status.conditions(), Conditions.READY, Reason.RemovalHeld)) {
                deletionsHeld++;
            }
        } else if (status.plan() != null
                && status.plan().remove() != null
                && share.getSpec() != null
                && share.getSpec().managementPolicy() == ManagementPolicy.managed) {
            removalsHeld += status.plan().remove().size();
        }
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Members of all images; an image of several objects counts once. */
    public AnswerCounts answers() {
        return answers;
    }

    /** Declared projects that are no members yet, by object. */
    public long missing() {
        return missing;
    }

    /** Members of all images that the object, or one of several, doesn't declare. */
    public long undeclared() {
        return undeclared;
    }

    /** Declared projects whose access ends within {@link #SOON}, by object. */
    public long expiring() {
        return expiring;
    }

    /** Members whose removal is held; of one object at most as many as its status lists. */
    public long removalsHeld() {
        return removalsHeld;
    }

    /** Objects whose deletion is held. */
    public long deletionsHeld() {
        return deletionsHeld;
    }

    /** Objects whose image another namespace shares in a cloud at another URL, which may be the same cloud. */
    public long atAnotherUrl() {
        return atAnotherUrl;
    }

    /** The members of the image that has most. */
    public long fullest() {
        return fullest;
    }

    /** Since when the member is pending that is so for longest. */
    public Optional<Instant> oldestPending() {
        try {
            return Optional.ofNullable(oldestPending).map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty(); // a status that somebody else wrote may hold any text
        }
    }
}
