/**
 * The plan: which members an image gains and loses. Pure: no I/O, no clock, no state, independent of HTTP and
 * Kubernetes. The reconciler, the unmanaged mode and the command line all use this one function.
 *
 * <p>{@link dev.imageshare.membership.MembershipPlan#of} compares what is {@link dev.imageshare.membership.Desired
 * desired} with what was {@link dev.imageshare.membership.Observed observed}, using what the object's status {@link
 * dev.imageshare.membership.Memory recorded}. Additions are always made. A removal takes access away, and adding the
 * member again doesn't restore its acceptance, so the {@link dev.imageshare.membership.Guard guard} holds removals:
 * <ul>
 * <li>of members that existed before the object was first in sync with the image ({@code NOT_ADOPTED}): the first
 * commit removes nobody;
 * <li>beyond {@code maxRemovals} ({@code TOO_MANY}). A percentage is of the members that the object may remove, and its
 * base is recorded until nothing is held, so that it can't be used up step by step;
 * <li>that would leave the image without any member ({@code LEAVES_NONE});
 * <li>of what a source of the declaration resolved to before it changed ({@code SOURCE_CHANGED}), and all removals
 * while a source is unresolved ({@code UNRESOLVED}): nobody edited the object;
 * <li>of what an object declares whose claim has lapsed ({@code CLAIM_UNPROVEN});
 * <li>while somebody else keeps changing the members ({@code CONTENDED}).
 * </ul>
 *
 * <p>Members that left a source with its own guard were checked there, and aren't counted again. Members that were
 * declared until a time, which a pass saw before it passed, need no approval.
 *
 * <p>Removals are held together, under a hash of the object's UID and generation, the image and the removals. An
 * approval of that hash approves exactly these. Unresolved sources and contention can't be overridden by an approval.
 */
@NullMarked
package dev.imageshare.membership;

import org.jspecify.annotations.NullMarked;
