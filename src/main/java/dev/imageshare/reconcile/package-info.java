/**
 * What the reconcilers of all kinds share. Knows the API and OpenStack, and no kind.
 *
 * <ul>
 *   <li>{@link dev.imageshare.reconcile.ObjectReconciler} answers the SDK for every kind.
 *   <li>{@link dev.imageshare.reconcile.Passes} runs the passes. The SDK's retry gives up after five tries and counts a rescheduled
 *       error as a success, so retries, back-off and the watchdog that finds overdue objects are ours.
 *       {@link dev.imageshare.reconcile.Schedule} says when an object is due.
 *   <li>{@link dev.imageshare.reconcile.FairScheduler} is fairness. Passes at once are limited for each namespace, cloud and Keystone, and one
 *       namespace has at most half of a cloud's: a cloud that hangs, or a namespace with thousands of objects, holds up nobody else.
 *       A pass that finds no turn ends before it has done anything, and holds no thread.
 *   <li>{@link dev.imageshare.reconcile.CredentialSecrets} keeps the Secrets that objects name, and the finalizer on those that will be
 *       needed to revoke.
 *   <li>{@link dev.imageshare.reconcile.Proofs} and {@link dev.imageshare.reconcile.FirstLooks} say what counts between namespaces; the
 *       package docs of {@code share} say why.
 *   <li>{@link dev.imageshare.reconcile.Reason}, {@link dev.imageshare.reconcile.Problem} and
 *       {@link dev.imageshare.reconcile.Conditions} say what keeps an object from being Ready, by kstatus' rules;
 *       {@link dev.imageshare.reconcile.StatusWriter} writes a status if, and only if, it changed, and knows its own last write before
 *       the watch shows it.
 * </ul>
 */
@NullMarked
package dev.imageshare.reconcile;

import org.jspecify.annotations.NullMarked;
