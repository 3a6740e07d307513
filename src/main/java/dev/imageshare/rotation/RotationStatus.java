package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;

import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Derives a status from a pass's outcome and the status before. Pure. */
final class RotationStatus {

    private static final ImageShareSetStatus EMPTY =
            new ImageShareSetStatus(null, null, null, null, null, null, null, null, null);

    private RotationStatus() {}

    /** The status that a pass found; an empty one of a set that has none. */
    static ImageShareSetStatus before(ImageShareSet set) {
        return set.getStatus() == null ? EMPTY : set.getStatus();
    }

    /**
     * The status after a pass. One that didn't come to a plan, or that is suspended, leaves the set's memory as it was.
     *
     * @param stalled whether a reason that gets some grace has had it
     * @param lastSyncTime when all was last listed, or null to keep what the status says
     */
    static ImageShareSetStatus of(
            ImageShareSet set, RotationOutcome outcome, boolean stalled, @Nullable Instant lastSyncTime, Instant now) {
        var before = before(set);
        long generation = set.getMetadata().getGeneration();
        var plan = outcome.plan();
        var conditions = new Conditions(before.conditions(), generation, now)
                .ready(
                        outcome.problems(),
                        set.getSpec().suspend() ? Reason.Suspended : Reason.Synced,
                        () -> inOrder(set, requireNonNull(plan)),
                        plan == null ? List.of() : plan.notes(),
                        stalled)
                .build();
        var lastSync = lastSyncTime == null
                ? before.lastSyncTime()
                : lastSyncTime.truncatedTo(ChronoUnit.SECONDS).toString();
        if (plan == null || set.getSpec().suspend()) {
            return new ImageShareSetStatus(
                    generation,
                    before.selection(),
                    before.summary(),
                    plan == null ? before.clouds() : plan.clouds(),
                    before.images(),
                    before.released(),
                    // What was held for another generation can't be approved any more, but it was held all the same.
                    before.plan(),
                    lastSync,
                    conditions);
        }
        return new ImageShareSetStatus(
                generation,
                plan.selection(),
                plan.summary(),
                plan.clouds(),
                plan.images(),
                plan.release().isEmpty() ? null : plan.release(),
                plan.held(),
                lastSync,
                conditions);
    }

    private static String inOrder(ImageShareSet set, RotationPlan plan) {
        if (set.getSpec().suspend()) {
            return "Suspended, so no ImageShare is made, changed or deleted: "
                    + (plan.isSettled()
                            ? "all is as declared."
                            : plan.create().size() + " would be made, "
                                    + plan.rewrite().size() + " changed, "
                                    + plan.delete().size() + " deleted.")
                    + " To resume, set spec.suspend to false.";
        }
        var counts = plan.summary();
        var clouds = requireNonNull(set.getSpec().clouds()).size();
        return counts.images() + (counts.images() == 1 ? " image" : " images") + " in " + clouds
                + (clouds == 1 ? " cloud: " : " clouds: ") + counts.current() + " current, " + counts.kept() + " kept, "
                + counts.retiring() + " retiring.";
    }
}
