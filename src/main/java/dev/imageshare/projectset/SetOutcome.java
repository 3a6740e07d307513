package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a live set found. A pass that ended early leaves the rest unknown.
 *
 * @param cloud the origin of the set's Keystone; null if the pass didn't learn it
 * @param plan who is in the set; null if the pass didn't get that far
 * @param problems what keeps the set from being Ready; none if it is
 */
record SetOutcome(@Nullable String cloud, @Nullable SetPlan plan, List<Problem> problems) {

    /** A pass that found nothing out. */
    static SetOutcome failed(Problem problem) {
        return new SetOutcome(null, null, List.of(problem));
    }
}
