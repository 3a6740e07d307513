package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pass over a set has come to; one that ends early leaves the rest unknown. */
final class SetOutcome {

    /** The origin of the set's Keystone; null if this pass didn't learn it. */
    @Nullable
    String cloud;

    /** Who is in the set; null if this pass didn't get that far. */
    @Nullable
    SetPlan plan;

    /** What keeps the set from being Ready; none: it is. */
    final List<Problem> problems = new ArrayList<>();

    static SetOutcome failed(Problem problem) {
        var outcome = new SetOutcome();
        outcome.problems.add(problem);
        return outcome;
    }
}
