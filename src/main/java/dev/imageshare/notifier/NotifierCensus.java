package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;

/** What the statuses of all ImageNotifiers say together; for the metrics. */
public final class NotifierCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;

    NotifierCensus(Passes<ImageNotifier, ?> passes) {
        lateness = passes.survey(notifier -> states.count(
                notifier.getStatus() == null ? null : notifier.getStatus().conditions()));
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }
}
