package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;

/** What the statuses of all ImageAcceptances say together; for the metrics. */
public final class AcceptanceCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private long accepted;
    private long pending;
    private long rejected;

    AcceptanceCensus(Passes<ImageAcceptance, ?> passes) {
        lateness = passes.survey(this::count);
    }

    private void count(ImageAcceptance acceptance) {
        var status = acceptance.getStatus();
        states.count(status == null ? null : status.conditions());
        var summary = status == null ? null : status.summary();
        if (summary != null) {
            accepted += summary.accepted();
            pending += summary.pending();
            rejected += summary.rejected();
        }
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Offers that the objects' projects accepted. An offer that two objects match counts twice. */
    public long accepted() {
        return accepted;
    }

    public long pending() {
        return pending;
    }

    public long rejected() {
        return rejected;
    }
}
