package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetSummary;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Totals over the statuses of all ProjectSets, for the metrics. A project in two sets counts twice. */
public final class ProjectSetCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private long projects;
    private long absent;
    private long held;
    private long released;
    private long incomplete;

    ProjectSetCensus(Passes<ProjectSet, ?> passes) {
        lateness = passes.survey(this::count);
    }

    private void count(ProjectSet set) {
        var status = set.getStatus();
        states.count(status == null ? null : status.conditions());
        if (status == null) {
            return;
        }
        projects += count(status.summary(), SetSummary::projects);
        absent += count(status.summary(), SetSummary::absent);
        held += count(status.summary(), SetSummary::held);
        released += status.released() == null ? 0 : status.released().size();
        incomplete += Boolean.FALSE.equals(status.complete()) ? 1 : 0;
    }

    private static int count(@Nullable SetSummary summary, ToIntFunction<SetSummary> of) {
        return summary == null ? 0 : of.applyAsInt(summary);
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Projects in sets, including absent ones. */
    public long projects() {
        return projects;
    }

    /** Projects in sets that are no longer declared or matched. */
    public long absent() {
        return absent;
    }

    /** Projects that leave only with approval. */
    public long held() {
        return held;
    }

    /** Projects that left, until all ImageShares have followed. */
    public long released() {
        return released;
    }

    /** Sets that nobody leaves, since some of their lists are incomplete. */
    public long incomplete() {
        return incomplete;
    }
}
