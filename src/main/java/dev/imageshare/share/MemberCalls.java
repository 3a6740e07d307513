package dev.imageshare.share;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * How member calls are run.
 *
 * @param executor runs calls beside a pass's own thread; must not be bounded to fewer threads than it is handed tasks
 * @param pause waits that long, or returns early with the thread's interrupt flag set
 */
public record MemberCalls(ExecutorService executor, Consumer<Duration> pause) {}
