package dev.imageshare.access;

import dev.imageshare.reconcile.Schedule;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one request between passes. Used by one pass at a time. */
final class TrackedRequest extends Schedule {

    /** What its set was told of last; null: nothing yet. */
    private @Nullable SeenBySet seen;

    /**
     * What a set goes by.
     *
     * @param isOpen whether it may wait for a person
     */
    record SeenBySet(
            Admission admission,
            AccessVerdict verdict,
            @Nullable ProvenRequest proof,
            boolean isOpen) {}

    /** Whether a set has to look again because of this; asked once a pass. */
    boolean isNew(SeenBySet now) {
        var isNew = !now.equals(seen);
        seen = now;
        return isNew;
    }
}
