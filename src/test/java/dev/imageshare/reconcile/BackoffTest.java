package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration MAX = Duration.ofMinutes(10);

    /** The ends of what a random number between 0 and 1 can be. */
    private static Backoff always(double random) {
        return new Backoff(new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new AssertionError("not asked for");
            }

            @Override
            public double nextDouble() {
                return random;
            }
        });
    }

    @Test
    void waitsDoubleFromOneSecondToTenMinutes() {
        var middle = always(0.5);

        assertThat(java.util.stream.IntStream.rangeClosed(1, 12)
                        .mapToObj(middle::afterFailures)
                        .map(Duration::toSeconds))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L, 600L, 600L);
    }

    @Test
    void theJitterIsAFifthEitherWay() {
        assertThat(always(0).afterFailures(4)).isEqualTo(Duration.ofMillis(6_400));
        assertThat(always(Math.nextDown(1.0)).afterFailures(4))
                .isBetween(Duration.ofMillis(9_599), Duration.ofMillis(9_600));
    }

    @Property
    void aWaitIsWithinItsBoundsAndTenMinutesAtMost(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE) int failures) {
        var wait = new Backoff(new Random(seed)).afterFailures(failures);

        var base = Math.min(1_000 * Math.pow(2, Math.max(failures, 1) - 1.0), MAX.toMillis());
        assertThat(wait.toMillis()).isBetween((long) (base * 0.8) - 1, (long) (base * 1.2) + 1);
        assertThat(wait).isLessThanOrEqualTo(MAX);
    }

    @Property
    void aPeriodIsSpreadByUpToAFifthAndNeverShortened(
            @ForAll long seed, @ForAll @LongRange(min = 0, max = 10_000_000_000L) long millis) {
        var period = Duration.ofMillis(millis);

        assertThat(new Backoff(new Random(seed)).spread(period)).isBetween(period, period.plusMillis(millis / 5 + 1));
    }

    @Property
    void aPointWithinASpanIsNotAfterIt(@ForAll long seed, @ForAll @LongRange(min = 0, max = 10_000_000L) long millis) {
        var span = Duration.ofMillis(millis);

        assertThat(new Backoff(new Random(seed)).within(span)).isBetween(Duration.ZERO, span);
    }

    @Test
    void manyObjectsDoNotMoveTogether() {
        var backoff = new Backoff(new Random(1));

        assertThat(java.util.stream.Stream.generate(() -> backoff.spread(MAX)).limit(100))
                .doesNotHaveDuplicates();
    }
}
