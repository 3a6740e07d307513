package dev.imageshare.openstack;

import java.util.HashMap;
import java.util.Map;

/**
 * The memory that responses take while they are read, over all namespaces. Nobody waits for it, so nobody can be
 * blocked: a call that finds none left fails and is retried later. The first {@value #FREE} bytes of each response are
 * free, and small responses always get through; their number is bounded by the operator's threads.
 *
 * <p>A namespace may always hold a fortieth of the total, half a MiB in the deployment, so as many namespaces as there
 * are threads (20) can do so at once. Beyond that, it may hold a quarter of what is then left, so that one namespace
 * alone gets at most a fifth of the total.
 */
final class AnswerBudget {
    static final int FREE = 64 << 10;
    private static final int OWN = 40;
    private static final int PART = 4;

    private final long total;
    private final long own;
    private final Map<String, Long> held = new HashMap<>();
    private long beyond;

    /** @param total bytes; positive */
    AnswerBudget(long total) {
        this.total = total;
        this.own = total / OWN;
    }

    /** A response starts to come in. */
    Lease lease(String namespace) {
        return new Lease(namespace);
    }

    private synchronized boolean take(String namespace, long bytes) {
        long before = held.getOrDefault(namespace, 0L);
        long after = before + bytes;
        long more = beyond(after) - beyond(before);
        if (more > 0 && beyond(after) > (total - beyond - more) / PART) {
            return false;
        }
        held.put(namespace, after);
        beyond += more;
        return true;
    }

    private long beyond(long held) {
        return Math.max(0, held - own);
    }

    private synchronized void giveBack(String namespace, long bytes) {
        long before = held.getOrDefault(namespace, 0L);
        long after = before - bytes;
        beyond -= beyond(before) - beyond(after);
        if (after == 0) {
            held.remove(namespace);
        } else {
            held.put(namespace, after);
        }
    }

    /** Bytes that are held now, without the free ones. */
    synchronized long held() {
        return held.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What one response holds; used by one thread. */
    final class Lease implements AutoCloseable {
        private final String namespace;
        private long used;
        private long taken;

        private Lease(String namespace) {
            this.namespace = namespace;
        }

        /** Takes this many more bytes. Returns false, and changes nothing, if there is no room for them. */
        boolean use(long bytes) {
            // in blocks: checking the shared account for each word of a response would cost more than the word
            long missing = used + bytes - FREE - taken;
            if (missing > 0) {
                long block = Math.max(missing, FREE);
                if (!take(namespace, block)) {
                    return false;
                }
                taken += block;
            }
            used += bytes;
            return true;
        }

        long used() {
            return used;
        }

        /** What was used so far is no longer used; what it held is kept for what comes next. */
        void backTo(long before) {
            used = before;
        }

        @Override
        public void close() {
            if (taken > 0) {
                giveBack(namespace, taken);
                taken = 0;
            }
        }
    }
}
