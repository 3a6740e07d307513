package dev.imageshare.reconcile;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** What this process did since it started; for the metrics. May be used by many threads. */
public final class Counters {

    /** What is counted. */
    public enum Counted {
        /** A pass ended since the Kubernetes API refused or failed a call. */
        PASS_REFUSED,
        /** A look was overdue, and asked for again. */
        LOOK_OVERDUE,
        MEMBER_ADDED,
        MEMBER_REMOVED,
        ANSWER_GIVEN,
        /** A declared member that had been there was gone. */
        MISSING_FOUND,
        MISSING_HEALED,
        /** An undeclared member had come. */
        UNDECLARED_FOUND,
        UNDECLARED_HEALED,
        /** An answer that had been as declared was another one. */
        ANSWER_FOUND,
        ANSWER_HEALED,
        /** A receiver took a message. */
        MESSAGE_SENT,
        /** A receiver did not take a message, which may be tried again. */
        MESSAGE_NOT_TAKEN,
        /** A message was refused for good, or not taken for an hour. */
        MESSAGE_GIVEN_UP
    }

    private final Map<Counted, LongAdder> counts = new EnumMap<>(Counted.class);

    public Counters() {
        for (var deed : Counted.values()) {
            counts.put(deed, new LongAdder());
        }
    }

    public void add(Counted deed, int count) {
        Objects.requireNonNull(counts.get(deed)).add(count);
    }

    /**
     * Counts what others changed, once, however many passes it takes to put it right.
     *
     * @param open what earlier passes found and could not put right
     * @param seen what this pass found
     * @param done what this pass put right
     * @param left what is still to do
     * @return what is open now
     */
    public Set<String> drift(
            Counted found,
            Counted healed,
            Set<String> open,
            Collection<String> seen,
            Set<String> done,
            Collection<String> left) {
        if (open.isEmpty() && seen.isEmpty()) {
            return Set.of();
        }
        var all = new HashSet<>(open);
        all.addAll(seen);
        add(found, all.size() - open.size());
        var known = all.size();
        all.removeIf(done::contains);
        add(healed, known - all.size());
        all.retainAll(Set.copyOf(left));
        return Set.copyOf(all);
    }

    public long of(Counted deed) {
        return Objects.requireNonNull(counts.get(deed)).sum();
    }
}
