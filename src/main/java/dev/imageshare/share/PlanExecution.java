package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Memory;
import dev.imageshare.membership.Observed;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Carries out one plan. It ends early once the object changes, another one takes charge of the image, or this process no longer
 * leads.
 */
final class PlanExecution {

    private static final String QUOTA_HINT =
            " The image has as many members as Glance allows (image_member_quota, 128 by"
                    + " default; those who rejected it count too): declare fewer, or ask for a higher quota.";

    static final Problem UNCONFIRMED = Problem.of(
            Reason.Progressing,
            "The Kubernetes API did not confirm that the object is unchanged, so no member was removed. The"
                    + " operator tries again.");

    /** Plans again while a plan is carried out: other objects may change meanwhile. */
    interface Replanner {
        MembershipPlan plan(Observed observed, Memory memory);
    }

    private final ImageShare share;
    private final CloudImage image;
    private final ImageClient client;
    private final MemberWriter writer;
    private final Claims claims;
    private final Contention contention;
    private final RemovalMandate mandate;
    private final Consumer<MemberChanges> journal;
    private final Memory memory;

    /** How far it has come. */
    private List<Member> members;

    private final Set<String> added;
    private final Set<String> addedNow = new TreeSet<>();
    private final Set<String> removedNow = new TreeSet<>();
    private final List<Problem> problems = new ArrayList<>();
    private MembershipPlan left;

    /**
     * @param share the object, with the status that the pass began with
     * @param listed the members as they were just listed
     * @param added those of them that the object made members
     * @param plan what to do
     * @param journal writes down how far it has come, before something is done that must not be forgotten
     */
    PlanExecution(
            ImageShare share,
            ImageLook.ListedMembers listed,
            Set<String> added,
            MembershipPlan plan,
            ImageClient client,
            MemberWriter writer,
            Claims claims,
            Contention contention,
            RemovalMandate mandate,
            Consumer<MemberChanges> journal) {
        this.share = share;
        this.image = listed.at();
        this.memory = listed.memory();
        this.members = listed.members();
        this.added = new TreeSet<>(added);
        this.left = plan;
        this.client = client;
        this.writer = writer;
        this.claims = claims;
        this.contention = contention;
        this.mandate = mandate;
        this.journal = journal;
    }

    private Set<String> present() {
        return MemberWriter.projects(members);
    }

    private Observed observed() {
        return Observed.of(image.image().imageId(), image.image().owner(), present());
    }

    /** Adds, then removes; where the quota refuses additions, removes first and then adds the rest. To be called once. */
    MemberChanges run(Replanner planner) {
        try {
            left = carryOut(left, planner);
            return changes(true);
        } catch (OpenStackException e) {
            problems.add(Problem.of(e));
            return changes(false);
        }
    }

    private MemberChanges changes(boolean isWhole) {
        return new MemberChanges(
                members,
                Set.copyOf(added),
                Collections.unmodifiableSet(addedNow),
                Collections.unmodifiableSet(removedNow),
                left,
                List.copyOf(problems),
                isWhole);
    }

    private MembershipPlan carryOut(MembershipPlan plan, Replanner planner) {
        var observed = observed();
        var recorded = ShareStatus.projects(share.getStatus(), MemberInfo::added);
        added.addAll(plan.add());
        if (!recorded.containsAll(plan.add()) || !memory.approved().containsAll(plan.approved())) {
            journal(plan);
        }
        var additions = add(plan.add(), memory.added());

        // Planned again with what could be added; what a percentage is of doesn't grow with what this pass adds.
        var approved = new HashSet<>(memory.approved());
        approved.addAll(plan.approved());
        var frozen =
                new Memory(memory.adopted(), memory.added(), approved, memory.ended(), OptionalInt.of(plan.baseline()));
        var state = observed.afterAdditions(
                additions.added().keySet(), additions.failed().keySet());
        var next = planner.plan(state, frozen);
        if (!next.remove().isEmpty() && isInCharge()) {
            if (!approved.containsAll(next.approved())) {
                journal(next);
            }
            state = remove(state, next);
            var refused = additions.failedWith(OpenStackException.Kind.QUOTA_EXCEEDED);
            if (!refused.isEmpty() && !removedNow.isEmpty() && isInCharge()) {
                var done = additions.added().keySet();
                additions =
                        add(plan.add().stream().filter(p -> !done.contains(p)).toList(), memory.added());
                state = state.afterAdditions(
                        additions.added().keySet(), additions.failed().keySet());
            }
        } else if (!additions.failedWith(OpenStackException.Kind.CONFLICT).isEmpty()) {
            // "Duplicated" is success only when a list shows the member.
            members = Member.distinct(client.members(image.image().imageId()));
            state = observed().afterAdditions(Set.of(), additions.failed().keySet());
        }
        reportFailures("added", reallyFailed(additions));
        if (!isInCharge()) {
            problems.add(Problem.of(
                    Reason.Progressing,
                    mandate.leads()
                            ? "This object or another one of the image changed meanwhile, so the pass has ended early. Another"
                                    + " one follows."
                            : "The operator is stopping, or another replica leads now, so the pass has ended early. The one"
                                    + " that leads next goes on."));
        }
        added.retainAll(presentOrMaybe(state.members(), additions));
        return planner.plan(state, frozen);
    }

    /** Whether the pass may go on writing: other objects can change while it does. */
    private boolean isInCharge() {
        return mandate.holds() && claims.conflict(share, image).isEmpty();
    }

    /** Asks the API server before members are removed: a watch can be behind, and what it knows be reverted. */
    private boolean isConfirmed() {
        if (!isInCharge()) {
            return false;
        }
        var awaited = claims.awaited(share, image);
        if (!awaited.isEmpty()) {
            problems.add(awaiting(awaited));
            return false;
        }
        var confirmed = mandate.isConfirmed();
        if (!confirmed) {
            problems.add(UNCONFIRMED);
        }
        return confirmed;
    }

    /** Why nothing is removed yet: others may declare the members, which only their first pass can prove. */
    static Problem awaiting(List<ImageShare> awaited) {
        return Problem.of(
                Reason.Progressing,
                "No member is removed until the operator, which has just started, has looked at other objects that may"
                        + " declare members of this image: "
                        + EventRecorder.names(
                                awaited.stream().map(CreationOrder::name).toList())
                        + ". That takes five minutes at most.");
    }

    private static Set<String> presentOrMaybe(Set<String> present, MemberWriter.Additions additions) {
        var all = new HashSet<>(present);
        additions.failed().forEach((project, failure) -> {
            if (failure.outcomeUnknown()) {
                all.add(project);
            }
        });
        return all;
    }

    /**
     * Says in the status which members are about to be added, so that a kill can't make them foreign, and which removals
     * are approved, so that a restart needs no second approval. An Authoritative object that was in sync needs the former too: it
     * may become Additive or be deleted before it is looked at again, and only members that it added are announced to their projects.
     */
    private void journal(MembershipPlan plan) {
        left = plan;
        var progress = Problem.of(
                Reason.Progressing,
                "Adding " + plan.add().size() + " and removing " + plan.remove().size() + " members.");
        journal.accept(
                new MemberChanges(members, Set.copyOf(added), Set.of(), Set.of(), plan, List.of(progress), false));
    }

    private MemberWriter.Additions add(List<String> projects, Set<String> addedBefore) {
        var additions =
                writer.add(client, image.image().imageId(), projects, present().size(), () -> isInCharge());
        addedNow.addAll(additions.added().keySet());
        contention.added(additions.added().keySet());
        var now = new ArrayList<>(members);
        now.addAll(additions.added().values());
        members = Member.distinct(now);
        added.addAll(additions.added().keySet());
        additions.failed().forEach((project, failure) -> {
            // Somebody else added it between our list and our POST, unless an earlier POST of ours did, unseen.
            if (!failure.outcomeUnknown() && !addedBefore.contains(project)) {
                added.remove(project);
            }
        });
        return additions;
    }

    private Observed remove(Observed observed, MembershipPlan plan) {
        var removals = writer.remove(
                client,
                image.image().imageId(),
                plan.remove(),
                new MemberWriter.RemovalPermit(
                        () -> isConfirmed(),
                        () -> isInCharge(),
                        project ->
                                claims.standing(share, image).declaredByOthers().mayName(project)));
        removedNow.addAll(removals.removed());
        contention.removed(removals.removed());
        reportFailures("removed", removals.failed());
        if (removals.unread().isPresent()) {
            throw removals.unread().get();
        }
        if (!removals.remaining().isEmpty()) {
            problems.add(Problem.of(
                    Reason.PartiallySynced,
                    "Glance said that it removed these members, but still lists them: "
                            + EventRecorder.names(removals.remaining()) + ". The operator tries again."));
        }
        if (removals.members() == null) {
            return observed;
        }
        members = Member.distinct(removals.members());
        return observed().afterAdditions(Set.of(), observed.failedAdditions());
    }

    /** "Duplicated" is success only when a list shows the member. */
    private Map<String, OpenStackException> reallyFailed(MemberWriter.Additions additions) {
        var present = present();
        var failed = new TreeMap<>(additions.failed());
        failed.entrySet()
                .removeIf(e -> e.getValue().kind() == OpenStackException.Kind.CONFLICT && present.contains(e.getKey()));
        return failed;
    }

    /** One problem a reason, naming each member that failed. */
    private void reportFailures(String done, Map<String, OpenStackException> failed) {
        Problem.ofMany("Not " + done, failed).stream()
                .map(p -> p.reason() == Reason.QuotaExceeded ? p.saying(QUOTA_HINT) : p)
                .forEach(problems::add);
    }
}
