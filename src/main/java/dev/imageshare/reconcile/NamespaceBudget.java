package dev.imageshare.reconcile;

import java.util.HashMap;
import java.util.Map;

/** How much of something is kept for each namespace: none takes the room of another. */
final class NamespaceBudget {

    private final long most;
    private final Map<String, Long> used = new HashMap<>();

    /** @param most for one namespace */
    NamespaceBudget(long most) {
        this.most = most;
    }

    /** Takes that much, if there is room for it. */
    synchronized boolean take(String namespace, long amount) {
        var now = used.getOrDefault(namespace, 0L) + amount;
        if (now > most) {
            return false;
        }
        used.put(namespace, now);
        return true;
    }

    synchronized void giveBack(String namespace, long amount) {
        used.computeIfPresent(namespace, (n, now) -> now == amount ? null : Long.valueOf(now - amount));
    }
}
