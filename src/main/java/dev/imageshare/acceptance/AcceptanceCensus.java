package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.reconcile.AnswerCounts;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;

/** What the statuses of all ImageAcceptances say together; for the metrics. */
public final class AcceptanceCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private AnswerCounts answers = AnswerCounts.NONE;

    AcceptanceCensus(Passes<ImageAcceptance, ?> passes) {
        lateness = passes.survey(this::count);
    }

    private void count(ImageAcceptance acceptance) {
        var status = acceptance.getStatus();
        states.count(status == null ? null : status.conditions());
        var summary = status == null ? null : status.summary();
        if (summary != null) {
            answers = answers.plus(summary.accepted(), summary.pending(), summary.rejected());
        }
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Offers to the objects' projects; one that two objects match counts twice. */
    public AnswerCounts answers() {
        return answers;
    }
}
