package dev.imageshare.openstack;

import java.time.Duration;

/**
 * A request to OpenStack that was tried and has ended; for the metrics.
 *
 * @param cloud the host and port that it was for
 * @param call its method, and its path with placeholders
 * @param outcome the response's status, or the name of the {@link OpenStackException.Kind} if there was no complete
 *     response
 * @param took how long it took, without the wait for a free slot
 */
public record FinishedRequest(String cloud, String call, String outcome, Duration took) {}
