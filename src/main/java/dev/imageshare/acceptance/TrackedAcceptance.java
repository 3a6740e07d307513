package dev.imageshare.acceptance;

import dev.imageshare.reconcile.Schedule;
import java.util.Set;

/** What this process remembers of one ImageAcceptance between passes, besides when the next is due. */
final class TrackedAcceptance extends Schedule {

    /** Images whose answer somebody changed, and that isn't as declared yet. */
    Set<String> changed = Set.of();
}
