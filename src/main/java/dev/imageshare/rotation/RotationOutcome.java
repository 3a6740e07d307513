package dev.imageshare.rotation;

import dev.imageshare.reconcile.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a live set found.
 *
 * @param plan what is shared, and what is to be done; null if the pass didn't get that far
 * @param problems what keeps the set from being Ready; none if it is
 */
record RotationOutcome(@Nullable RotationPlan plan, List<Problem> problems) {

    RotationOutcome {
        problems = List.copyOf(problems);
    }

    /** A pass that found nothing out. */
    static RotationOutcome failed(Problem problem) {
        return new RotationOutcome(null, List.of(problem));
    }
}
