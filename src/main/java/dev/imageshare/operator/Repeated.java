package dev.imageshare.operator;

import dev.imageshare.reconcile.WithoutMessages;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repeated timer task. A timer silently drops a task that ends with an exception or an Error: here each is logged,
 * the remaining steps run, and the task runs again next time.
 */
final class Repeated implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Repeated.class);

    private final String name;
    private final LongSupplier nanoTime;
    private final List<Runnable> steps;
    private volatile long lastEnd;
    private @Nullable Class<?> lastFailure;

    /**
     * @param name for the log
     * @param nanoTime a monotonic clock
     * @param steps run in this order, each even if others failed
     */
    Repeated(String name, LongSupplier nanoTime, Runnable... steps) {
        this.name = name;
        this.nanoTime = nanoTime;
        this.steps = List.of(steps);
        this.lastEnd = nanoTime.getAsLong();
    }

    /** How long ago it last ended, or was created. */
    Duration age() {
        return Duration.ofNanos(nanoTime.getAsLong() - lastEnd);
    }

    @Override
    public void run() {
        @Nullable Throwable failure = null;
        for (var step : steps) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        lastEnd = nanoTime.getAsLong();
        try {
            log(failure);
        } catch (RuntimeException | Error e) {
            // Nothing is left to report it with.
        }
    }

    /** Once, as long as the failure is the same: it may recur every second. */
    private void log(@Nullable Throwable failure) {
        var kind = failure == null ? null : failure.getClass();
        if (failure != null && !Objects.equals(kind, lastFailure)) {
            LOG.atError()
                    .addKeyValue("task", name)
                    .setCause(WithoutMessages.of(failure))
                    .log("A repeated task failed because of a bug in the operator; it continues");
        }
        lastFailure = kind;
    }
}
