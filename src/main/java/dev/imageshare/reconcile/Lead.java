package dev.imageshare.reconcile;

import java.util.function.BooleanSupplier;

/**
 * What this process may do, as one of several replicas. Each is asked right before.
 *
 * @param work whether it may look after objects and change members
 * @param tell whether it may write what it did; when it was asked to stop, it still may for the passes in flight
 */
public record Lead(BooleanSupplier work, BooleanSupplier tell) {}
