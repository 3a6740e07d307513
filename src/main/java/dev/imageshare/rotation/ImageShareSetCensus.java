package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.CloudState;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImageCounts;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What the statuses of all ImageShareSets say together; for the metrics. An image in two sets counts twice. */
public final class ImageShareSetCensus {

    private final StateCounts states = new StateCounts();
    private final Passes.Lateness lateness;
    private long current;
    private long kept;
    private long retiring;
    private long held;
    private long incomplete;

    ImageShareSetCensus(Passes<ImageShareSet, ?> passes) {
        lateness = passes.survey(this::count);
    }

    private void count(ImageShareSet set) {
        var status = set.getStatus();
        states.count(status == null ? null : status.conditions());
        if (status == null) {
            return;
        }
        current += count(status.summary(), ImageCounts::current);
        kept += count(status.summary(), ImageCounts::kept);
        retiring += count(status.summary(), ImageCounts::retiring);
        held += count(status.summary(), ImageCounts::held);
        if (status.clouds() != null) {
            incomplete += status.clouds().stream().filter(CloudState::complete).count()
                            < status.clouds().size()
                    ? 1
                    : 0;
        }
    }

    private static int count(@Nullable ImageCounts summary, ToIntFunction<ImageCounts> of) {
        return summary == null ? 0 : of.applyAsInt(summary);
    }

    public StateCounts states() {
        return states;
    }

    public Passes.Lateness lateness() {
        return lateness;
    }

    /** Images that are the newest of their families. */
    public long current() {
        return current;
    }

    /** Older images that are kept. */
    public long kept() {
        return kept;
    }

    /** Images that are shared for a while more. */
    public long retiring() {
        return retiring;
    }

    /** ImageShares that are deleted once a person approves it. */
    public long held() {
        return held;
    }

    /** Sets of which a cloud's images could not be listed. */
    public long incomplete() {
        return incomplete;
    }
}
