package dev.imageshare.share;

import dev.imageshare.reconcile.ParallelCalls;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How member calls are run.
 *
 * @param parallel runs several at once
 * @param pause waits that long, or returns early with the thread's interrupt flag set
 */
public record MemberCalls(ParallelCalls parallel, Consumer<Duration> pause) {}
