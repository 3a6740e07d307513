/**
 * {@code ImageShare}: the producer's side.
 *
 * <h2>One pass</h2>
 *
 * {@link dev.imageshare.share.ImageShareReconciler} answers the SDK. {@code LiveShares} makes one pass over a live object: it asks for a
 * login, resolves what the object refers to, has a {@code SharePass} run, writes the status, and says when the next pass is due. The
 * {@code SharePass} locates the image ({@code ImageLocator}), lists its members, plans
 * ({@link dev.imageshare.membership.MembershipPlan}), has the plan carried out ({@code PlanExecution}, {@code MemberWriter}), and
 * reports. Each step gives a record ({@code ImageLook}, {@code MemberChanges}); one method merges them into the {@code ShareOutcome}, of
 * which {@code ShareStatus} derives the status, and {@code ShareEvents} events and log lines. A pass that finds nothing to do is one
 * request to Glance and no write.
 *
 * <p>Before each write a pass asks its {@code ShareMandate} whether the object, its references and the leadership still are as it took
 * them. {@code ShareSecuring} takes the image's lock, keeps the Secret that a deletion will need, and writes down what must not be
 * forgotten.
 *
 * <p>What a spec declares comes from {@code Source}s: its own members, and the objects that it refers to ({@code OrcSources}). Each says
 * what it names, what it named before by the status, and whether it can be told now; {@code Declaration} merges them. The status says
 * which source declares a member.
 *
 * <p>Before the first addition the status says which members are about to be added, and before the first removal which were
 * approved: a process that is killed in between must not take its own members for somebody else's. Before each round of removals
 * the API server confirms the object, since a watch can be behind.
 *
 * <h2>Claims: several objects, one image</h2>
 *
 * Of two objects for one image of which one is {@code Authoritative}, the older works and the younger is in {@code Conflict}. Who
 * counts is a question of trust: anybody can write a status, and a cloud says whatever its owner likes. So {@code Claims} counts,
 * between namespaces, only what a pass of this process has proven ({@link dev.imageshare.reconcile.Proofs}): a login at that Keystone,
 * and an image that the project owns. An image is the same between namespaces only in the same cloud ({@code CloudImage}); within
 * one, whatever the URL.
 *
 * <ul>
 *   <li>A proof lapses after an hour, or after three periods of its object. A lapsed claim keeps nobody from working, but what its
 *       object declares is removed only with an approval.
 *   <li>A process that has just started has proven nothing. Until the first pass over each object that may have a claim, five
 *       minutes at most, nobody takes its place and nobody's members are removed
 *       ({@link dev.imageshare.reconcile.FirstLooks}).
 *   <li>{@code ImageLocks} lets one pass at a time work on an image.
 * </ul>
 *
 * <h2>Deletion</h2>
 *
 * {@code ShareDeletions} makes the passes over objects that go. {@code Revocation} removes what the object declares or added, and nothing that another live object declares. It waits for objects
 * of its namespace that were never looked at, since one may be its successor in a rename. {@code MassDeletion} holds many at once: a
 * pruned application or a deleted namespace isn't a wish to lock everybody out. What can't be revoked makes the object wait; access is
 * never left behind in silence.
 */
@NullMarked
package dev.imageshare.share;

import org.jspecify.annotations.NullMarked;
