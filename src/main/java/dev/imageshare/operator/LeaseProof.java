package dev.imageshare.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this replica's leadership is proven: the Lease, as the API server last returned it, is ours and was renewed
 * recently, and no other replica's leadership can still be proven. The elector alone isn't sufficient: while the API
 * server can't be reached, it retries its renewal within one call for twenty seconds, and notices only after another
 * replica may have taken a Lease of fifteen. It also compares a time written by one machine with the clock of another.
 * Here only what this replica has observed counts, and when, by its monotonic clock; the other clock may jump freely.
 */
final class LeaseProof {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseProof.class);

    /**
     * @param latest the same moment as {@code until} by the other clock, for a machine that was asleep
     */
    private record LeaseSeen(long until, Instant latest) {}

    private record Renewal(String holder, Instant time) {}

    private static final Renewal NOBODY = new Renewal("", Instant.MIN);

    private final KubernetesClient client;
    private final Settings.LeaderElection election;
    private final Duration validity;
    private final Clock clock;
    private final LongSupplier nanoTime;

    private volatile LeaseSeen proof;
    private volatile long othersUntil;

    /** The newest renewal that was observed, and when first; null before the first read. */
    private @Nullable Renewal seen;

    private long seenAt;

    /**
     * @param validity how long after a renewal leadership counts as proven; less than the Lease's duration
     * @param clock the one with which this replica renews the Lease
     * @param nanoTime a monotonic clock
     */
    LeaseProof(
            KubernetesClient client,
            Settings.LeaderElection election,
            Duration validity,
            Clock clock,
            LongSupplier nanoTime) {
        this.client = client;
        this.election = election;
        this.validity = validity;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.proof = new LeaseSeen(nanoTime.getAsLong(), Instant.MIN);
        this.othersUntil = nanoTime.getAsLong();
    }

    boolean holds() {
        var now = nanoTime.getAsLong();
        var mine = proof;
        return mine.until - now > 0
                && othersUntil - now <= 0
                && !clock.instant().isAfter(mine.latest);
    }

    /** Reads the Lease. A failure proves nothing; what was proven before is valid until it expires. */
    synchronized void look() {
        var now = clock.instant();
        var nanos = nanoTime.getAsLong();
        try {
            var lease = client.leases()
                    .inNamespace(election.namespace())
                    .withName(election.name())
                    .get();
            var spec = lease == null ? null : lease.getSpec();
            if (spec == null
                    || spec.getRenewTime() == null
                    || spec.getHolderIdentity() == null
                    || spec.getHolderIdentity().isEmpty()) {
                see(NOBODY, now, nanos);
            } else {
                see(new Renewal(spec.getHolderIdentity(), spec.getRenewTime().toInstant()), now, nanos);
            }
        } catch (RuntimeException e) {
            // Any error: if the reads stopped, this replica would never lead again.
            LOG.debug("The Lease can't be read: {}", e.getMessage());
        }
    }

    /** The Lease has been released: whoever releases it writes nothing any more. */
    void givenBack() {
        othersUntil = nanoTime.getAsLong();
    }

    private void see(Renewal renewal, Instant now, long nanos) {
        var isNew = !renewal.equals(seen);
        if (isNew) {
            seen = renewal;
            seenAt = nanos;
        }
        if (election.identity().equals(renewal.holder)) {
            var age = Duration.between(renewal.time, now);
            var byClock = validity.minus(age.isNegative() ? Duration.ZERO : age);
            var bySight = validity.minusNanos(nanos - seenAt);
            var left = byClock.compareTo(bySight) < 0 ? byClock : bySight;
            proof = new LeaseSeen(nanos + Math.max(left.toNanos(), 0), now.plus(left));
            return;
        }
        proof = new LeaseSeen(nanos, Instant.MIN);
        if (isNew && !renewal.equals(NOBODY)) {
            othersUntil = nanoTime.getAsLong() + validity.toNanos();
        }
    }
}
