package dev.imageshare.openstack;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * Limits that apply to every cloud of this process.
 *
 * @param connectTimeout for the TCP connection; positive
 * @param callTimeout for one whole request including its body, and for waiting for a free slot before it; positive
 * @param maxInFlightPerEndpoint concurrent requests to one scheme, host and port, over all clouds; at least 1
 * @param answers how much of responses is read and kept
 * @param hosts where entries may point
 * @param authorities trusted in addition to Java's, if a cloud has none of its own
 * @param proxies the way to a cloud
 */
public record CloudSettings(
        Duration connectTimeout,
        Duration callTimeout,
        int maxInFlightPerEndpoint,
        AnswerLimits answers,
        CloudHosts hosts,
        List<X509Certificate> authorities,
        Proxies proxies) {

    public CloudSettings {
        if (!positive(connectTimeout) || !positive(callTimeout) || maxInFlightPerEndpoint < 1) {
            throw new IllegalArgumentException("every limit must be positive");
        }
        authorities = List.copyOf(authorities);
    }

    /**
     * 5 s to connect, 30 s per request, 8 concurrent requests (beyond that Glance only gets slower), limits of
     * responses for this process's heap, any host, Java's CAs only, and no proxy.
     */
    public static CloudSettings defaults() {
        return new CloudSettings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                8,
                AnswerLimits.forHeap(Runtime.getRuntime().maxMemory()),
                CloudHosts.any(),
                List.of(),
                Proxies.none());
    }

    public CloudSettings withCallTimeout(Duration to) {
        return new CloudSettings(connectTimeout, to, maxInFlightPerEndpoint, answers, hosts, authorities, proxies);
    }

    public CloudSettings withMaxInFlightPerEndpoint(int to) {
        return new CloudSettings(connectTimeout, callTimeout, to, answers, hosts, authorities, proxies);
    }

    public CloudSettings withAnswers(AnswerLimits to) {
        return new CloudSettings(connectTimeout, callTimeout, maxInFlightPerEndpoint, to, hosts, authorities, proxies);
    }

    public CloudSettings withHosts(CloudHosts to) {
        return new CloudSettings(
                connectTimeout, callTimeout, maxInFlightPerEndpoint, answers, to, authorities, proxies);
    }

    public CloudSettings withAuthorities(List<X509Certificate> to) {
        return new CloudSettings(connectTimeout, callTimeout, maxInFlightPerEndpoint, answers, hosts, to, proxies);
    }

    public CloudSettings withProxies(Proxies to) {
        return new CloudSettings(connectTimeout, callTimeout, maxInFlightPerEndpoint, answers, hosts, authorities, to);
    }

    private static boolean positive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }
}
