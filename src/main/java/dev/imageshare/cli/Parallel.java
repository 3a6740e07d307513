package dev.imageshare.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Processes many items at once; the clouds' own limits determine the number of requests. */
final class Parallel {

    private static final int THREADS = 32;

    private Parallel() {}

    /** The function's results, in the order of the items. */
    static <T, R> List<R> map(List<T> all, Progress progress, Function<T, R> function) {
        var threads = Executors.newFixedThreadPool(Math.max(1, Math.min(THREADS, all.size())), task -> {
            var thread = new Thread(task, "work");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var futures = new ArrayList<Future<R>>();
            for (var each : all) {
                futures.add(threads.submit(() -> {
                    try {
                        return function.apply(each);
                    } finally {
                        progress.step();
                    }
                }));
            }
            var results = new ArrayList<R>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        } finally {
            threads.shutdownNow();
        }
    }
}
