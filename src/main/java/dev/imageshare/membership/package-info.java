/**
 * The plan: which members an image gets and loses. Pure: no I/O, no clock, no state; knows neither HTTP nor Kubernetes.
 * The reconciler, the unmanaged mode and the command line all use this one function.
 *
 * <p>{@link dev.imageshare.membership.MembershipPlan#of} compares what is {@link dev.imageshare.membership.Desired desired} with
 * what was {@link dev.imageshare.membership.Observed observed}, by what the object's status
 * {@link dev.imageshare.membership.Memory remembers}. Additions are always made. A removal takes access away, and adding the
 * member again doesn't bring its acceptance back, so the {@link dev.imageshare.membership.Guard guard} holds removals:
 *
 * <ul>
 *   <li>of members that were there before the object was once in order with the image ({@code NOT_ADOPTED}): the first commit
 *       takes nobody away;
 *   <li>beyond {@code maxRemovals} ({@code TOO_MANY}). A percentage is of the members that the object may remove, and what it
 *       was first taken of is remembered until nothing is held, so that it can't be used up step by step;
 *   <li>that would leave the image without any member ({@code LEAVES_NONE});
 *   <li>of what a source of the declaration stood for before it changed ({@code SOURCE_CHANGED}), and all while a source can't be
 *       told ({@code UNRESOLVED}): nobody edited the object;
 *   <li>of what an object declares whose claim has lapsed ({@code CLAIM_UNPROVEN});
 *   <li>while somebody else keeps changing the members ({@code CONTENDED}).
 * </ul>
 *
 * <p>What left a source that has a guard of its own was judged there, and isn't counted again. What was declared until a time, as a
 * pass saw before that time came, needs no approval.
 *
 * <p>What is held is held as a whole, under a hash of the object's UID and generation, the image and the removals. A person who
 * approves that hash approves exactly these. The last two of the list need more than an approval.
 */
@NullMarked
package dev.imageshare.membership;

import org.jspecify.annotations.NullMarked;
