package dev.imageshare.reconcile;

import dev.imageshare.openstack.OpenStackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Makes one call an ID, several at a time. One that is refused doesn't stop the others; what would refuse them all does.
 *
 * @param executor runs the calls beside the pass's own thread; must not be bounded to fewer threads than it is handed
 *     tasks
 * @param parallelism calls at once
 */
public record ParallelCalls(ExecutorService executor, int parallelism) {

    private static final int MAX_SERVER_ERRORS = 8;

    /**
     * Ends early when {@code current} no longer holds.
     *
     * @param ofOne the failures that tell nothing about the other IDs
     * @return what failed, and why; what was not tried isn't in it
     */
    public Map<String, OpenStackException> forEach(
            List<String> ids, Set<OpenStackException.Kind> ofOne, BooleanSupplier current, Consumer<String> call) {
        var failed = new ConcurrentSkipListMap<String, OpenStackException>();
        var next = new AtomicInteger();
        var stop = new AtomicBoolean();
        var serverErrors = new AtomicInteger();
        Runnable worker = () -> {
            int i;
            while (!stop.get() && (i = next.getAndIncrement()) < ids.size()) {
                if (!current.getAsBoolean()) {
                    stop.set(true);
                    return;
                }
                try {
                    call.accept(ids.get(i));
                } catch (OpenStackException e) {
                    failed.put(ids.get(i), e);
                    if (!ofOne.contains(e.kind())
                            || (e.kind() == OpenStackException.Kind.SERVER_ERROR
                                    && serverErrors.incrementAndGet() >= MAX_SERVER_ERRORS)) {
                        stop.set(true);
                    }
                }
            }
        };
        var helpers = new ArrayList<Future<?>>();
        Throwable fault = null;
        try {
            for (var i = 1; i < Math.min(parallelism, ids.size()); i++) {
                helpers.add(executor.submit(worker));
            }
            worker.run();
        } catch (RuntimeException | Error e) {
            stop.set(true);
            fault = e;
        }
        var interrupted = false;
        for (var helper : helpers) {
            // Each of them ends by itself: a call has a time-out. None may go on after the pass.
            while (true) {
                try {
                    helper.get();
                    break;
                } catch (InterruptedException e) {
                    stop.set(true);
                    interrupted = true;
                } catch (ExecutionException e) {
                    stop.set(true);
                    fault = e.getCause();
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (fault != null) {
            throw new IllegalStateException("a call failed by a fault of the operator", fault);
        }
        return failed;
    }
}
