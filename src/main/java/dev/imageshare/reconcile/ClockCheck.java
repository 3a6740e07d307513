package dev.imageshare.reconcile;

import dev.imageshare.openstack.ServerClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Holds this process's clock against those of the servers that answer it. Access that ends at a time must not end early
 * because a node's clock is wrong.
 */
public final class ClockCheck {

    /** So far clocks may be apart. */
    static final Duration TOLERANCE = Duration.ofMinutes(2);

    private final Clock clock;
    private final ServerClock apiServer;

    /**
     * The time, and whether to trust it.
     *
     * @param now by this process's clock
     * @param doubt gives why it may be wrong, a clause for people; empty if nothing says so. Asked only where something has
     *     ended by it: dates are read from headers then, and not in each pass
     */
    public record ClockReading(Instant now, Supplier<Optional<String>> doubt) {}

    /** @param apiServer what the Kubernetes API server says */
    public ClockCheck(Clock clock, ServerClock apiServer) {
        this.clock = clock;
        this.apiServer = apiServer;
    }

    /** The time by the Kubernetes API server's word. */
    public ClockReading read() {
        var now = clock.instant();
        return new ClockReading(now, () -> doubt("the Kubernetes API server", apiServer, now));
    }

    /**
     * The time by the word of the Kubernetes API server and of an image service.
     *
     * @param imageService the Glance's whose members are at stake; it speaks for no other
     */
    public ClockReading read(ServerClock imageService) {
        var reading = read();
        return new ClockReading(
                reading.now(),
                () -> reading.doubt().get().or(() -> doubt("the image service", imageService, reading.now())));
    }

    private static Optional<String> doubt(String who, ServerClock server, Instant now) {
        return server.aheadOf(now)
                .filter(ahead -> ahead.abs().compareTo(TOLERANCE) > 0)
                .map(ahead -> "the clock of " + who + " is " + text(ahead.abs())
                        + (ahead.isNegative() ? " behind" : " ahead of") + " the operator's");
    }

    /** In minutes, or days where there are many. */
    private static String text(Duration apart) {
        var minutes = apart.toMinutes();
        var days = minutes / (24 * 60);
        return days > 2 ? days + " days" : minutes + " minutes";
    }
}
