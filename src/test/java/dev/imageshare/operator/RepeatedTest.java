package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepeatedTest {

    private final AtomicLong nanos = new AtomicLong();

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, StackOverflowError.class, NoClassDefFoundError.class})
    void whateverItEndsWithTheRestAndTheNextTimeCome(Class<? extends Throwable> failure) throws Exception {
        var timer = Executors.newSingleThreadScheduledExecutor();
        var first = new AtomicInteger();
        var second = new AtomicInteger();
        try {
            var unused = timer.scheduleWithFixedDelay(
                    new Repeated(
                            "test",
                            nanos::get,
                            () -> {
                                first.incrementAndGet();
                                RepeatedTest.<RuntimeException>raise(failure);
                            },
                            second::incrementAndGet),
                    0,
                    1,
                    TimeUnit.MILLISECONDS);
            await().until(() -> first.get() > 2 && second.get() > 2);
        } finally {
            timer.shutdownNow();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Class<? extends Throwable> failure) throws T {
        try {
            throw (T) failure.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void itKnowsHowLongAgoItLastEnded() {
        var repeated = new Repeated("test", nanos::get, () -> {});
        nanos.addAndGet(Duration.ofMinutes(6).toNanos());
        assertThat(repeated.age()).isEqualTo(Duration.ofMinutes(6));

        repeated.run();
        assertThat(repeated.age()).isZero();
    }
}
