package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.StateCounts;

/** Totals over the statuses of all ImageAccessRequests, for the metrics. */
public final class ImageAccessRequestCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private long waiting;

    ImageAccessRequestCensus(Passes<ImageAccessRequest, ?> passes) {
        lateness = passes.survey(this::count);
    }

    private void count(ImageAccessRequest request) {
        var conditions = RequestStatus.before(request).conditions();
        states.count(conditions);
        waiting += Conditions.has(conditions, Conditions.READY, Reason.AwaitingApproval) ? 1 : 0;
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Requests that wait for a decision. */
    public long waiting() {
        return waiting;
    }
}
