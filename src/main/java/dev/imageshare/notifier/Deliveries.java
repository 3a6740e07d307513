package dev.imageshare.notifier;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that hand messages over, apart from those of passes: a receiver that hangs holds up its own namespace only. */
public final class Deliveries implements AutoCloseable {

    /** Messages under way at once. */
    private static final int THREADS = 16;

    /** Of these, those of one namespace. */
    private static final int PER_NAMESPACE = 2;

    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), new Daemons());

    private final Map<String, Integer> running = new HashMap<>();

    /**
     * Runs a task, if there is room for it.
     *
     * @return false if there is none now
     */
    boolean run(String namespace, Runnable task) {
        synchronized (running) {
            if (running.getOrDefault(namespace, 0) >= PER_NAMESPACE) {
                return false;
            }
            running.merge(namespace, 1, Integer::sum);
        }
        try {
            threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    ended(namespace);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            ended(namespace);
            return false;
        }
    }

    private void ended(String namespace) {
        synchronized (running) {
            running.computeIfPresent(namespace, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** How many messages are under way. */
    public int underWay() {
        synchronized (running) {
            return running.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** What is under way may end; nothing new begins. */
    @Override
    public void close() {
        threads.shutdown();
    }

    private static final class Daemons implements ThreadFactory {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable task) {
            var thread = new Thread(task, "notify-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }
}
