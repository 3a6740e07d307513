package dev.imageshare.operator;

import dev.imageshare.openstack.FinishedRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Counts and times requests to OpenStack. Whoever writes a Secret controls the hosts and what they answer, so both are
 * bounded: the first hosts that respond have their own label, and all others share one.
 */
final class RequestMetrics implements Consumer<FinishedRequest> {

    static final String OTHER = "other";
    static final int MOST_CLOUDS = 20;

    private static final Set<String> STATUSES = Set.of(
            "200", "201", "204", "300", "400", "401", "403", "404", "409", "413", "429", "500", "502", "503", "504");

    private final Set<String> clouds = ConcurrentHashMap.newKeySet();
    private final MeterRegistry registry;

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void accept(FinishedRequest request) {
        var answered = Character.isDigit(request.outcome().charAt(0));
        var cloud = cloud(request.cloud(), answered);
        Counter.builder("imageshare.openstack.requests")
                .description("Requests to Keystone and Glance, by the status of the response or why there was none")
                .tags("cloud", cloud, "call", request.call(), "outcome", outcome(request.outcome()))
                .register(registry)
                .increment();
        Timer.builder("imageshare.openstack.request.duration")
                .description("How long requests to Keystone and Glance took")
                .tags("cloud", cloud, "call", request.call())
                .register(registry)
                .record(request.took());
    }

    /** Hosts that never responded get no label: there can be any number of made-up ones. */
    private String cloud(String host, boolean answered) {
        if (clouds.contains(host)) {
            return host;
        }
        if (!answered) {
            return OTHER;
        }
        synchronized (clouds) {
            return clouds.contains(host) || (clouds.size() < MOST_CLOUDS && clouds.add(host)) ? host : OTHER;
        }
    }

    private static String outcome(String given) {
        if (STATUSES.contains(given)) {
            return given;
        }
        if (Character.isDigit(given.charAt(0))) {
            return given.length() == 3 && given.charAt(0) <= '5' ? given.charAt(0) + "xx" : OTHER;
        }
        return given.toLowerCase(Locale.ROOT);
    }
}
