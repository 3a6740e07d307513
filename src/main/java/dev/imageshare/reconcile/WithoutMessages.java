package dev.imageshare.reconcile;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stands for an unexpected exception in the log: its class, its stack trace and its causes, but no message, since nobody
 * has seen to it that those hold no secret.
 */
public final class WithoutMessages extends Exception {

    private WithoutMessages(Throwable of, @Nullable Throwable cause) {
        super(of.getClass().getName(), cause);
        setStackTrace(of.getStackTrace());
    }

    public static WithoutMessages of(Throwable fault) {
        return of(fault, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static WithoutMessages of(Throwable fault, Set<Throwable> seen) {
        seen.add(fault);
        var cause = fault.getCause();
        return new WithoutMessages(fault, cause == null || seen.contains(cause) ? null : of(cause, seen));
    }
}
