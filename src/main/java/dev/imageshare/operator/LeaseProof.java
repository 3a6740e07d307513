package dev.imageshare.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this replica's lead is proven: the Lease, as the API server last showed it, is ours and was renewed lately. The
 * elector alone doesn't do: while the API server can't be reached, its renewal is tried again and again within one call, for
 * twenty seconds, and it notices after another replica may have taken a Lease of fifteen.
 */
final class LeaseProof {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseProof.class);

    private final KubernetesClient client;
    private final Settings.LeaderElection election;
    private final Duration validity;
    private final Clock clock;
    private final LongSupplier nanoTime;

    private volatile long provenUntil;

    /**
     * @param validity how long after a renewal the lead counts as proven; less than the Lease's duration
     * @param clock the one by which this replica renews the Lease
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
        this.provenUntil = nanoTime.getAsLong();
    }

    boolean holds() {
        return provenUntil - nanoTime.getAsLong() > 0;
    }

    /** Reads the Lease. A failure proves nothing; what was proven before holds until its end. */
    void look() {
        var now = clock.instant();
        var nanos = nanoTime.getAsLong();
        try {
            var lease = client.leases()
                    .inNamespace(election.namespace())
                    .withName(election.name())
                    .get();
            var spec = lease == null ? null : lease.getSpec();
            if (spec == null || !election.identity().equals(spec.getHolderIdentity()) || spec.getRenewTime() == null) {
                provenUntil = nanos;
                return;
            }
            var age = Duration.between(spec.getRenewTime().toInstant(), now);
            var left = validity.minus(age.isNegative() ? Duration.ZERO : age);
            provenUntil = nanos + Math.max(left.toNanos(), 0);
        } catch (KubernetesClientException e) {
            LOG.debug("The Lease can't be read: {}", e.getMessage());
        }
    }
}
