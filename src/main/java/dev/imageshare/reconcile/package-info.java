/**
 * Shared by the reconcilers of all kinds. Uses the API and OpenStack, and is independent of any kind.
 * <ul>
 * <li>{@link dev.imageshare.reconcile.ObjectReconciler} answers the SDK for every kind.
 * <li>{@link dev.imageshare.reconcile.Passes} runs the passes. The SDK's retry gives up after five attempts and counts
 * a rescheduled error as a success, so retries, back-off and the watchdog that finds overdue objects are ours. {@link
 * dev.imageshare.reconcile.Schedule} determines when an object is due.
 * <li>{@link dev.imageshare.reconcile.FairScheduler} provides fairness. Concurrent passes are limited for each
 * namespace, cloud and Keystone, and one namespace gets at most half of a cloud's: a cloud that hangs, or a namespace
 * with thousands of objects, doesn't block others. A pass that gets no turn ends before it has done anything, and
 * occupies no thread.
 * <li>{@link dev.imageshare.reconcile.CredentialSecrets} caches the Secrets that objects refer to, and maintains the
 * finalizer on those that are needed to revoke.
 * <li>{@link dev.imageshare.reconcile.Proofs} and {@link dev.imageshare.reconcile.FirstLooks} determine what counts
 * between namespaces; the package docs of {@code share} say why.
 * <li>{@link dev.imageshare.reconcile.Reason}, {@link dev.imageshare.reconcile.Problem} and {@link
 * dev.imageshare.reconcile.Conditions} describe what keeps an object from being Ready, according to kstatus; {@link
 * dev.imageshare.reconcile.StatusWriter} writes a status if and only if it changed, and knows its own last write before
 * the watch shows it.
 * </ul>
 */
@NullMarked
package dev.imageshare.reconcile;

import org.jspecify.annotations.NullMarked;
