package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Condition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many objects of one kind are in which state, and why. States and reasons are this project's own, so few. */
public final class StateCounts {

    /**
     * A state, in kstatus' words.
     *
     * @param ready {@code Ready}, {@code Reconciling}, {@code Stalled}, or {@code Unknown} where nobody has looked yet
     * @param reason that of the condition {@code Ready}, or {@code Unknown}
     */
    public record ReadyState(String ready, String reason) {}

    private static final String UNKNOWN = "Unknown";
    private static final ReadyState NOT_KNOWN = new ReadyState(UNKNOWN, UNKNOWN);

    private final Map<ReadyState, Integer> counts = new LinkedHashMap<>();

    public StateCounts() {
        for (var reason : Reason.values()) {
            switch (reason.kind()) {
                case READY -> counts.put(new ReadyState(Conditions.READY, reason.name()), 0);
                case RECONCILING -> counts.put(new ReadyState(Conditions.RECONCILING, reason.name()), 0);
                case STALLED -> counts.put(new ReadyState(Conditions.STALLED, reason.name()), 0);
                case STALLED_AFTER_GRACE -> {
                    counts.put(new ReadyState(Conditions.RECONCILING, reason.name()), 0);
                    counts.put(new ReadyState(Conditions.STALLED, reason.name()), 0);
                }
            }
        }
        counts.put(NOT_KNOWN, 0);
    }

    /** Counts one object. */
    public void count(@Nullable List<Condition> conditions) {
        var state = state(conditions);
        // Whoever may write statuses could write anything into one.
        counts.merge(counts.containsKey(state) ? state : NOT_KNOWN, 1, Integer::sum);
    }

    private static ReadyState state(@Nullable List<Condition> conditions) {
        var ready = Conditions.find(conditions, Conditions.READY);
        if (ready.isEmpty()) {
            return NOT_KNOWN;
        }
        var is = ready.get().status() == Condition.Status.True
                ? Conditions.READY
                : Conditions.find(conditions, Conditions.STALLED).isPresent()
                        ? Conditions.STALLED
                        : Conditions.RECONCILING;
        return new ReadyState(is, String.valueOf(ready.get().reason()));
    }

    /** Every state there can be, those of no object too, always in one order. */
    public Map<ReadyState, Integer> all() {
        return counts;
    }
}
