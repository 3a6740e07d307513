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
    public record State(String ready, String reason) {}

    private static final String UNKNOWN = "Unknown";
    private static final State NOT_KNOWN = new State(UNKNOWN, UNKNOWN);

    private final Map<State, Integer> counts = new LinkedHashMap<>();

    public StateCounts() {
        for (var reason : Reason.values()) {
            switch (reason.kind()) {
                case READY -> counts.put(new State(Conditions.READY, reason.name()), 0);
                case RECONCILING -> counts.put(new State(Conditions.RECONCILING, reason.name()), 0);
                case STALLED -> counts.put(new State(Conditions.STALLED, reason.name()), 0);
                case SOON_STALLED -> {
                    counts.put(new State(Conditions.RECONCILING, reason.name()), 0);
                    counts.put(new State(Conditions.STALLED, reason.name()), 0);
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

    private static State state(@Nullable List<Condition> conditions) {
        var ready = Conditions.find(conditions, Conditions.READY);
        if (ready.isEmpty()) {
            return NOT_KNOWN;
        }
        var is = ready.get().status() == Condition.Status.True
                ? Conditions.READY
                : Conditions.find(conditions, Conditions.STALLED).isPresent()
                        ? Conditions.STALLED
                        : Conditions.RECONCILING;
        return new State(is, String.valueOf(ready.get().reason()));
    }

    /** Every state there can be, those of no object too, always in one order. */
    public Map<State, Integer> all() {
        return counts;
    }
}
