package dev.imageshare.projectset;

import dev.imageshare.reconcile.Schedule;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one ProjectSet between passes, besides when the next is due. */
final class TrackedSet extends Schedule {

    /** What a person last asked for a look with; null if nobody did. */
    @Nullable
    String lookNow;
}
