package dev.imageshare.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to look again. The SDK's own retry gives up after five tries, so the waits are ours: exponential with jitter, ten
 * minutes at most, and never less than the cloud asked for.
 */
public final class Backoff {

    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration MAX = Duration.ofMinutes(10);

    private final RandomGenerator random;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The wait before the next try after {@code failures} failed ones in a row (at least 1): 80% to 120% of 1s, 2s, 4s … 10m. */
    public Duration afterFailures(int failures) {
        var exponent = Math.min(Math.max(failures, 1) - 1, 20);
        var base = Math.min(FIRST.toMillis() << exponent, MAX.toMillis());
        return Duration.ofMillis(Math.min((long) (base * (0.8 + 0.4 * random.nextDouble())), MAX.toMillis()));
    }

    /** A period with up to 20% added at random, so that many objects of one age don't move together (ORC's rule). */
    public Duration spread(Duration period) {
        return period.plusMillis((long) (period.toMillis() * 0.2 * random.nextDouble()));
    }

    /** A point within a span, for the first of something periodic after a start. */
    public Duration within(Duration span) {
        return Duration.ofMillis((long) (span.toMillis() * random.nextDouble()));
    }
}
