package dev.imageshare.openstack;

import java.util.HashMap;
import java.util.Map;

/**
 * The memory that answers take while they are read, over all namespaces. Nobody waits for it, so nobody can be made to: who
 * finds none left fails, and comes again. The first {@value #FREE} bytes of each answer are free, and small answers always
 * get through; their number is bounded by the operator's threads.
 *
 * <p>A namespace may always hold a fortieth of the whole, half a MiB in the deployment: as many namespaces as there are
 * threads (20) can do so at once. What it holds beyond that may be a quarter of what is then left, so that one alone comes
 * to a fifth of the whole, and nobody takes it all.
 */
final class AnswerBudget {
    static final int FREE = 64 << 10;
    private static final int OWN = 40;
    private static final int PART = 4;

    private final long whole;
    private final long own;
    private final Map<String, Long> held = new HashMap<>();
    private long beyond;

    /** @param whole bytes; positive */
    AnswerBudget(long whole) {
        this.whole = whole;
        this.own = whole / OWN;
    }

    /** An answer begins to come in. */
    Lease lease(String namespace) {
        return new Lease(namespace);
    }

    private synchronized boolean take(String namespace, long bytes) {
        long before = held.getOrDefault(namespace, 0L);
        long after = before + bytes;
        long more = beyond(after) - beyond(before);
        if (more > 0 && beyond(after) > (whole - beyond - more) / PART) {
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

    /** Bytes that are held now, but for the free ones. */
    synchronized long held() {
        return held.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What one answer holds; used by one thread. */
    final class Lease implements AutoCloseable {
        private final String namespace;
        private long used;
        private long taken;

        private Lease(String namespace) {
            this.namespace = namespace;
        }

        /** Takes so many more bytes; false if there is no room for them, and nothing has changed then. */
        boolean use(long bytes) {
            // by the block: a look at the common account for each word of an answer would cost more than the word
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

        /** What was used since is used no more, and what it held is kept for what comes next. */
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
