package dev.imageshare.openstack;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * Limits that hold for every cloud of this process.
 *
 * @param connectTimeout for the TCP connection; positive
 * @param callTimeout for one whole request, its body included, and for waiting for a free place before it; positive
 * @param maxInFlightPerEndpoint requests at once to one scheme, host and port, over all clouds; at least 1
 * @param maxBodyBytes the longest answer that is read, after decompression; at least 1
 * @param authorities trusted beside Java's, where a cloud names none of its own
 * @param proxies the way to a cloud
 */
public record CloudSettings(
        Duration connectTimeout,
        Duration callTimeout,
        int maxInFlightPerEndpoint,
        long maxBodyBytes,
        List<X509Certificate> authorities,
        Proxies proxies) {

    public CloudSettings {
        if (!positive(connectTimeout) || !positive(callTimeout) || maxInFlightPerEndpoint < 1 || maxBodyBytes < 1) {
            throw new IllegalArgumentException("every limit must be positive");
        }
        authorities = List.copyOf(authorities);
    }

    /** With Java's authorities only, and no proxy. */
    public CloudSettings(Duration connectTimeout, Duration callTimeout, int maxInFlightPerEndpoint, long maxBodyBytes) {
        this(connectTimeout, callTimeout, maxInFlightPerEndpoint, maxBodyBytes, List.of(), Proxies.none());
    }

    /** 5 s to connect, 30 s a request, 8 requests at once (beyond that Glance only gets slower), 32 MiB. */
    public static CloudSettings defaults() {
        return new CloudSettings(Duration.ofSeconds(5), Duration.ofSeconds(30), 8, 32L << 20);
    }

    private static boolean positive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }
}
