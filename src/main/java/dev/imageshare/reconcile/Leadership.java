package dev.imageshare.reconcile;

import java.util.function.BooleanSupplier;

/**
 * What this process may do, as one of several replicas. Each is asked right before.
 *
 * @param mayReconcile whether it may reconcile objects and change members
 * @param mayWriteStatus whether it may write what it did; when it was asked to stop, it still may for the passes in flight
 */
public record Leadership(BooleanSupplier mayReconcile, BooleanSupplier mayWriteStatus) {}
