package dev.imageshare.reconcile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whose pass may run now: at most so many at once for one namespace, for one cloud, and for one Keystone, of whose regions
 * each is a cloud; one namespace has at most half of a cloud's and of a Keystone's. Without that a cloud that hangs soon holds
 * every thread, and a thousand objects of one namespace go before everybody else's. A pass that finds no turn ends before it
 * has done anything, and holds no thread; the object is called when it is its turn. Namespaces, and the clouds in them, take
 * turns with each other; the objects of one namespace and cloud go in the order in which they came.
 */
public final class FairScheduler {

    /** It is not this object's turn. Ends the pass; the object is called when it is. */
    static final class NotYetException extends RuntimeException {
        NotYetException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What is counted, and what objects wait for: a namespace alone, a Keystone or one of its clouds alone, or one of these
     * for a namespace.
     */
    private record Lane(
            @Nullable String namespace,
            @Nullable String keystone,
            @Nullable String cloud) {}

    /** An object that waits, or whose turn it is. */
    private static final class WaitingObject {
        final String uid;
        final String namespace;
        final Runnable call;

        /** Its tickets since it began to wait: it keeps its place if it is looked at in between and has to go on waiting. */
        final Map<Lane, Long> tickets = new HashMap<>();

        /** Where it waits; null if it doesn't. */
        @Nullable
        Lane lane;

        /** The lane that it has taken; null if it has no turn. */
        @Nullable
        Lane taken;

        /** What it counts for there. */
        Map<Lane, Integer> limits = Map.of();

        WaitingObject(String uid, String namespace, Runnable call) {
            this.uid = uid;
            this.namespace = namespace;
            this.call = call;
        }
    }

    private final int perNamespace;
    private final int perKeystone;
    private final int perCloud;
    private final Map<String, WaitingObject> taken = new HashMap<>();
    private final Map<Lane, Integer> counts = new HashMap<>();
    private final Map<String, WaitingObject> waiting = new HashMap<>();

    /** Those who wait, by ticket. The lanes are in the order in which they are served; none is empty. */
    private final Map<Lane, TreeMap<Long, WaitingObject>> lanes = new LinkedHashMap<>();

    private long lastTicket;

    /**
     * @param perNamespace passes at once over objects of one namespace, at least 1
     * @param perKeystone passes at once that use clouds of one Keystone, at least 1; half of them, rounded up, for one
     *     namespace
     * @param perCloud passes at once that use one cloud, at least 1; half of them, rounded up, for one namespace
     */
    public FairScheduler(int perNamespace, int perKeystone, int perCloud) {
        if (perNamespace < 1 || perKeystone < 1 || perCloud < 1) {
            throw new IllegalArgumentException("every limit must be at least 1");
        }
        this.perNamespace = perNamespace;
        this.perKeystone = perKeystone;
        this.perCloud = perCloud;
    }

    /** How many objects wait. */
    public synchronized int waiting() {
        return waiting.size();
    }

    synchronized boolean isWaiting(String uid) {
        return waiting.containsKey(uid);
    }

    /**
     * Begins a pass over an object. Never two at once over one.
     *
     * @param call asks for another pass over it; quick, made by any thread
     * @throws NotYetException if the namespace has no turn left
     */
    synchronized Turn begin(String uid, String namespace, Runnable call) {
        if (taken.containsKey(uid)) {
            return new Turn(taken.get(uid)); // it was called
        }
        var entry = waiting.containsKey(uid) ? stopWaiting(uid) : new WaitingObject(uid, namespace, call);
        var lane = new Lane(namespace, null, null);
        if (!takeIfFree(entry, lane)) {
            await(entry, lane);
            throw new NotYetException("namespace " + namespace + " has all its turns; waiting: " + waiting.size());
        }
        return new Turn(entry);
    }

    /** The object is gone: it neither waits nor has a turn. */
    void forget(String uid) {
        List<Runnable> calls = List.of();
        synchronized (this) {
            if (waiting.containsKey(uid)) {
                stopWaiting(uid);
            } else if (taken.containsKey(uid)) {
                leave(taken.get(uid));
                calls = serve();
            }
        }
        calls.forEach(Runnable::run);
    }

    /** One pass's right to run, until it is closed. Used by one thread. */
    public final class Turn implements AutoCloseable {
        private final WaitingObject entry;
        private boolean over;

        private Turn(WaitingObject entry) {
            this.entry = entry;
        }

        /**
         * The pass is about to use this cloud; before it has done anything.
         *
         * @param keystone names its Keystone
         * @param cloud names it: what hangs together has one name
         * @throws NotYetException if the cloud or its Keystone has no turn left; then this one is over
         */
        void use(String keystone, String cloud) {
            List<Runnable> calls;
            synchronized (FairScheduler.this) {
                var lane = new Lane(entry.namespace, keystone, cloud);
                if (lane.equals(entry.taken)) {
                    return;
                }
                leave(entry);
                over = !takeIfFree(entry, lane);
                if (over) {
                    await(entry, lane);
                }
                calls = serve();
            }
            calls.forEach(Runnable::run);
            if (over) {
                throw new NotYetException(cloud + " has all its turns; waiting: " + waiting());
            }
        }

        @Override
        public void close() {
            if (!over) {
                over = true;
                List<Runnable> calls;
                synchronized (FairScheduler.this) {
                    leave(entry);
                    calls = serve();
                }
                calls.forEach(Runnable::run);
            }
        }
    }

    private void await(WaitingObject entry, Lane lane) {
        entry.lane = lane;
        waiting.put(entry.uid, entry);
        lanes.computeIfAbsent(lane, l -> new TreeMap<>())
                .put(entry.tickets.computeIfAbsent(lane, l -> ++lastTicket), entry);
    }

    private WaitingObject stopWaiting(String uid) {
        var entry = Objects.requireNonNull(waiting.remove(uid));
        var lane = Objects.requireNonNull(entry.lane);
        entry.lane = null;
        var queue = Objects.requireNonNull(lanes.get(lane));
        queue.remove(entry.tickets.get(lane));
        if (queue.isEmpty()) {
            lanes.remove(lane);
        }
        return entry;
    }

    private boolean takeIfFree(WaitingObject entry, Lane lane) {
        var limits = limits(lane);
        if (!areFree(limits)) {
            return false;
        }
        entry.taken = lane;
        entry.limits = limits;
        taken.put(entry.uid, entry);
        limits.keySet().forEach(counted -> counts.merge(counted, 1, Integer::sum));
        return true;
    }

    private void leave(WaitingObject entry) {
        if (taken.remove(entry.uid, entry)) {
            entry.taken = null;
            entry.limits
                    .keySet()
                    .forEach(
                            counted -> counts.computeIfPresent(counted, (key, count) -> count == 1 ? null : count - 1));
        }
    }

    /** Gives what is free to those whose turn it is, so that nobody waits for what is free. The calls are made without the lock. */
    private List<Runnable> serve() {
        var calls = new ArrayList<Runnable>();
        for (var lane = nextFree(); lane != null; lane = nextFree()) {
            var queue = Objects.requireNonNull(lanes.remove(lane));
            var entry = queue.pollFirstEntry().getValue();
            if (!queue.isEmpty()) {
                lanes.put(lane, queue); // behind the others
            }
            waiting.remove(entry.uid);
            entry.lane = null;
            if (!takeIfFree(entry, lane)) {
                throw new IllegalStateException("a lane that was free is not");
            }
            calls.add(entry.call);
        }
        return calls;
    }

    private @Nullable Lane nextFree() {
        return lanes.keySet().stream()
                .filter(lane -> areFree(limits(lane)))
                .findFirst()
                .orElse(null);
    }

    private boolean areFree(Map<Lane, Integer> limits) {
        return limits.entrySet().stream().allMatch(limit -> counts.getOrDefault(limit.getKey(), 0) < limit.getValue());
    }

    /** What a pass there counts for, and how many there may be of each. */
    private Map<Lane, Integer> limits(Lane lane) {
        var namespace = new Lane(lane.namespace, null, null);
        return lane.cloud == null
                ? Map.of(namespace, perNamespace)
                : Map.of(
                        namespace,
                        perNamespace,
                        new Lane(null, lane.keystone, null),
                        perKeystone,
                        new Lane(lane.namespace, lane.keystone, null),
                        half(perKeystone),
                        new Lane(null, lane.keystone, lane.cloud),
                        perCloud,
                        lane,
                        half(perCloud));
    }

    private static int half(int limit) {
        return (limit + 1) / 2;
    }
}
