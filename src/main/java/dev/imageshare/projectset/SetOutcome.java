package dev.imageshare.projectset;

import dev.imageshare.reconcile.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The result of one pass. If the pass ended early, the rest is unknown.
 *
 * @param cloud the origin of the set's Keystone; null if unknown
 * @param plan who is in the set; null if the pass ended before
 * @param applications what the requests came to; null if that is unknown
 * @param problems why the set isn't Ready; empty if it is
 */
record SetOutcome(
        @Nullable String cloud,
        @Nullable SetPlan plan,
        @Nullable Applications applications,
        List<Problem> problems) {

    /** The same, with one more problem. */
    SetOutcome with(Problem problem) {
        return new SetOutcome(
                cloud,
                plan,
                applications,
                Stream.concat(problems.stream(), Stream.of(problem)).toList());
    }

    /** A pass that ended with a problem. */
    static SetOutcome failed(Problem problem) {
        return new SetOutcome(null, null, null, List.of(problem));
    }
}
