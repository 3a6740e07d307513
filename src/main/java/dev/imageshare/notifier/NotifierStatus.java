package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.notifier.TrackedNotifier.DoneParcel;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Derives a status from what a pass did and the status before. Pure. */
final class NotifierStatus {

    private NotifierStatus() {}

    /**
     * The status after a pass.
     *
     * @param problems what keeps the object from being Ready; none: it is
     * @param stalled whether a reason that gets some grace has had it
     * @param progress what is remembered from now on; null keeps what the status has
     * @param done messages that are done with since the status was written
     */
    static ImageNotifierStatus of(
            ImageNotifier notifier,
            List<Problem> problems,
            boolean stalled,
            ImageNotifierStatus.@Nullable NotifierProgress progress,
            List<DoneParcel> done,
            Instant now) {
        var before = notifier.getStatus();
        long generation = notifier.getMetadata().getGeneration();
        var isSuspended = notifier.getSpec().suspend();
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, now)
                .ready(
                        problems,
                        isSuspended ? Reason.Suspended : Reason.Synced,
                        () -> isSuspended
                                ? "Suspended, so nothing is sent. To resume, set spec.suspend to false: what happened meanwhile"
                                        + " is told then, as far as it still holds."
                                : "Recipients are told what happens to the ImageShares.",
                        List.of(),
                        stalled)
                .build();
        var sent = done.stream().filter(parcel -> parcel.sentAt() != null).count();
        var last = done.stream()
                .map(DoneParcel::sentAt)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ImageNotifierStatus(
                generation,
                count(before == null ? null : before.sent(), sent),
                count(before == null ? null : before.failed(), done.size() - sent),
                last.orElse(before == null ? null : before.lastSentTime()),
                progress != null ? progress : before == null ? null : before.progress(),
                conditions);
    }

    /** Whoever may write statuses could write anything into one. */
    private static Long count(@Nullable Long before, long more) {
        return Stream.of(before == null ? 0 : before, 0L).max(Long::compare).get() + more;
    }
}
