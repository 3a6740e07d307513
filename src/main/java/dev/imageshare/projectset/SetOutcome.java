package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one pass. If the pass ended early, the rest is unknown.
 *
 * @param cloud the origin of the set's Keystone; null if unknown
 * @param plan who is in the set; null if the pass ended before
 * @param problems why the set isn't Ready; empty if it is
 */
record SetOutcome(@Nullable String cloud, @Nullable SetPlan plan, List<Problem> problems) {

    /** A pass that ended with a problem. */
    static SetOutcome failed(Problem problem) {
        return new SetOutcome(null, null, List.of(problem));
    }
}
