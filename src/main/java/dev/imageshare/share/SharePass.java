package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.membership.Desired;
import dev.imageshare.membership.Guard;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.MembershipPlan.Hold;
import dev.imageshare.membership.Memory;
import dev.imageshare.membership.Observed;
import dev.imageshare.membership.Policy;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Seniority;
import dev.imageshare.reconcile.VoidPassException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look at one live object: resolve the image, read the member list, plan, check, carry out. What it finds is left in
 * an {@link Outcome}, also when it ends early.
 */
final class SharePass {

    private static final String QUOTA_HINT =
            " The image has as many members as Glance allows (image_member_quota, 128 by"
                    + " default; those who rejected it count too): declare fewer, or ask for a higher quota.";

    /** What a pass needs from its surroundings; each call is quick. */
    interface Surroundings {
        /** Takes the image for this pass alone; ends the pass if another one has it. */
        void enter(CloudImage image);

        /** The object's Secret will be needed to revoke its members. */
        void holdSecret();

        /** Whether the object is still the one that this pass is about, and this process still leads. */
        boolean current();

        /** Whether this process still leads. */
        boolean leads();

        /** Whether the API server says that the object is current, too; false also if it can't be asked. */
        boolean confirmed();

        /** Writes the status as far as it is known, before something is done that must not be forgotten. */
        void journal(Outcome outcome);
    }

    static final Problem UNCONFIRMED = Problem.of(
            Reason.Progressing,
            "The Kubernetes API did not confirm that this is still what is wished, so no member was removed. It is tried"
                    + " again.");

    private final ImageShare share;
    private final ImageShareSpec spec;
    private final @Nullable ImageShareStatus before;
    private final ImageClient client;
    private final ImageResolver resolver;
    private final Contention contention;
    private final Claims claims;
    private final Surroundings surroundings;
    private final Declaration declaration;
    private final Instant now;
    private final Outcome outcome = new Outcome();

    private @Nullable Image image;
    private @Nullable Found found;
    private @Nullable Planner planner;
    private Optional<String> contended = Optional.empty();
    /** What other objects declare that isn't known for certain, whether it counts now or did once. */
    private Claims.Declared doubtful = Claims.Declared.NOTHING;

    /** The image whose members were read, and what the status remembers of it. */
    private record Found(CloudImage image, Memory memory) {
        ImageKey key() {
            return image.image();
        }
    }

    /**
     * @param share the object, whose spec has passed {@link SpecRules}
     * @param declaration what it declares, its references resolved as far as they can be
     */
    SharePass(
            ImageShare share,
            Declaration declaration,
            ImageClient client,
            Contention contention,
            Claims claims,
            Surroundings surroundings,
            Instant now) {
        this.share = share;
        this.spec = share.getSpec();
        this.before = share.getStatus();
        this.client = client;
        this.resolver = new ImageResolver(client);
        this.contention = contention;
        this.claims = claims;
        this.surroundings = surroundings;
        this.now = now;
        this.declaration = declaration;
        outcome.declaration = declaration;
    }

    /** Whether the image was read in this pass. */
    boolean hasReadImage() {
        return image != null;
    }

    /**
     * Looks, plans, and carries the plan out.
     *
     * @param imageDue whether the image is to be read even if nothing else asks for it
     */
    Outcome run(boolean imageDue, MemberWriter writer) {
        find(imageDue);
        if (spec.suspend()) {
            return preview();
        }
        attempt(() -> {
            if (decide()) {
                carryOut(writer);
                conclude();
                if (isManaged()
                        && outcome.problems.isEmpty()
                        && !Objects.requireNonNull(outcome.plan).isEmpty()) {
                    outcome.problems.add(Problem.of(
                            Reason.Progressing,
                            "The members changed while they were worked on; they are looked at again."));
                }
            }
        });
        return outcome;
    }

    /** Looks only: the image and its members, which prove what this object claims. */
    void find(boolean imageDue) {
        attempt(() -> look(imageDue));
    }

    /** After {@link #find}: what {@link #run} would begin with, of which nothing is done. */
    Outcome preview() {
        attempt(() -> {
            if (decide()) {
                conclude();
            }
        });
        return outcome;
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (ProblemException e) {
            outcome.problems.add(e.problem());
        } catch (OpenStackException e) {
            outcome.problems.add(Problem.of(e));
        }
    }

    private void look(boolean imageDue) {
        var known = before == null ? null : before.image();
        var located = new ImageLocator(share, declaration, resolver).locate(known, imageDue);
        var imageId = located.id();
        image = located.image();
        var scope = client.scope();
        var key = new ImageKey(imageId, scope.projectId(), scope.region());
        var cloudImage = claims.at(scope.cloud(), key);
        surroundings.enter(cloudImage);
        if (image != null) {
            // Also if its members can't be listed: whose image it is counts for others.
            claims.prove(share, cloudImage);
            outcome.image = resolver.info(image, Objects.requireNonNull(spec.image()));
            ImageResolver.requireShared(image);
        }
        try {
            outcome.members = Member.distinct(client.members(imageId));
        } catch (OpenStackException e) {
            if (image == null
                    && (e.kind() == OpenStackException.Kind.FORBIDDEN
                            || e.kind() == OpenStackException.Kind.NOT_FOUND)) {
                look(true); // the image says why
                return;
            }
            throw e;
        }
        if (outcome.image == null) {
            outcome.image = Objects.requireNonNull(known);
        }
        claims.prove(share, cloudImage);
        surroundings.holdSecret();

        var memory = ShareStatus.memory(before, key, share.getMetadata().getGeneration());
        outcome.added.addAll(memory.added());
        outcome.added.retainAll(present());
        outcome.adopted = memory.adopted();
        noteNames();
        found = new Found(cloudImage, memory);
    }

    private Set<String> present() {
        return MemberWriter.projects(Objects.requireNonNull(outcome.members));
    }

    private boolean isManaged() {
        return spec.managementPolicy() == ManagementPolicy.managed;
    }

    /** Makes the plan; gives false if there is nothing to make one of. */
    private boolean decide() {
        if (found == null) {
            return false;
        }
        var key = found.key();
        var cloudImage = found.image();
        var standing = claims.standing(share, cloudImage);
        var rival = isManaged() ? standing.conflict() : Optional.<ImageShare>empty();
        if (rival.isPresent()) {
            throw Problem.of(
                            Reason.Conflict,
                            "ImageShare " + Seniority.name(rival.get())
                                    + " declares the members of this image already and is"
                                    + " older; nothing is written for this one. Keep one of the two, or make both"
                                    + " membershipPolicy: Additive.")
                    .asException();
        }
        if (isManaged()) {
            claims.awaitedRival(share, cloudImage).ifPresent(older -> {
                throw new VoidPassException("ImageShare " + Seniority.name(older)
                        + ", which is older and may have a claim to this image, hasn't been looked at since the start");
            });
        }
        contended = contended(declaration.all());
        var silent = claims.declared(standing.silent());
        doubtful = silent.doubtful().isEmpty() ? others(standing) : silent;
        var desired = new Desired(
                declaration.projects(),
                spec.membershipPolicy() == MembershipPolicy.Authoritative ? Policy.AUTHORITATIVE : Policy.ADDITIVE,
                declaration.kept(),
                declaration.replaced(),
                isWhole());
        var guard = new Guard(
                SpecRules.limit(spec).orElseThrow(),
                share.getMetadata().getUid(),
                share.getMetadata().getGeneration(),
                Annotations.value(share, ImageShare.APPROVE_REMOVALS).orElse(null),
                contended.isPresent());
        planner = (observed, remembered) -> {
            var newest = claims.standing(share, cloudImage); // others change while members are
            return MembershipPlan.of(
                    desired,
                    observed.withDeclared(
                            others(newest).projects(),
                            claims.declared(newest.silent()).projects()),
                    guard,
                    remembered);
        };
        var plan = MembershipPlan.of(
                desired,
                Observed.of(key.imageId(), key.owner(), present())
                        .withDeclared(others(standing).projects(), silent.projects()),
                guard,
                isManaged() ? found.memory() : Memory.NONE);
        outcome.plan = plan;
        if (isManaged()) {
            noteDrift(plan);
        }
        if (!plan.twins().isEmpty()) {
            outcome.notes.add("Not removed, since they differ from a declared project only in case: "
                    + EventRecorder.names(plan.twins()) + ".");
        }
        return true;
    }

    /** What others changed since the status was written; what only the declaration changed is no drift. */
    private void noteDrift(MembershipPlan plan) {
        if (before == null
                || before.image() == null
                || !ImageKey.of(before.image()).equals(requireFound().key())) {
            return;
        }
        var there = ShareStatus.projects(before, m -> m.status() != null);
        plan.add().stream().filter(there::contains).forEach(outcome.missing::add);
        if (Conditions.has(before.conditions(), Conditions.READY, Reason.Synced)
                && Objects.equals(
                        before.observedGeneration(), share.getMetadata().getGeneration())) {
            Stream.concat(plan.remove().stream(), plan.held().stream())
                    .filter(p -> !there.contains(p))
                    .forEach(outcome.foreign::add);
        }
    }

    private Found requireFound() {
        return Objects.requireNonNull(found);
    }

    private void carryOut(MemberWriter writer) {
        var plan = Objects.requireNonNull(outcome.plan);
        if (isManaged() && (!plan.add().isEmpty() || !plan.remove().isEmpty())) {
            var its = requireFound();
            readImageBeforeWriting(its.key());
            outcome.plan = write(writer, its.image(), its.memory(), Objects.requireNonNull(planner), plan);
        }
    }

    /** Says what the plan, or what is left of it, means for the object. */
    private void conclude() {
        var plan = Objects.requireNonNull(outcome.plan);
        declaration.problem(spec, share.getMetadata().getNamespace()).ifPresent(outcome.problems::add);
        if (isManaged()) {
            outcome.adopted |= spec.membershipPolicy() == MembershipPolicy.Authoritative && plan.isEmpty() && isWhole();
            contended.ifPresent(who -> outcome.problems.add(Problem.of(
                    Reason.Contended,
                    "Somebody else changes this image's members: " + who
                            + ". Nothing is removed until the spec changes: find the other (a second cluster, a script) and"
                            + " end it, then edit the spec.")));
            if (!spec.suspend()) {
                heldRemovals().problem(plan).ifPresent(outcome.problems::add);
            }
            if (declaration.isWhole() && plan.holds().contains(Hold.UNRESOLVED)) {
                outcome.problems.add(doubtful.waiting());
            }
        }
    }

    /** Whether all that counts here is known: what this object declares, and what others do. */
    private boolean isWhole() {
        return declaration.isWhole() && doubtful.doubtful().isEmpty();
    }

    /** What others declare counts for an Additive: beside an Authoritative in charge, nobody else does. */
    private Claims.Declared others(Claims.Standing standing) {
        return spec.membershipPolicy() == MembershipPolicy.Additive
                ? claims.declared(standing.others())
                : Claims.Declared.NOTHING;
    }

    /** Whether the pass may go on writing: other objects can change while it does. */
    private boolean isInCharge(CloudImage cloudImage) {
        return surroundings.current() && claims.conflict(share, cloudImage).isEmpty();
    }

    /** Asks the API server before members are removed: a watch can be behind, and what it knows be reverted. */
    private boolean isConfirmed(CloudImage cloudImage) {
        if (!isInCharge(cloudImage)) {
            return false;
        }
        var awaited = claims.awaited(share, cloudImage);
        if (!awaited.isEmpty()) {
            outcome.problems.add(awaiting(awaited));
            return false;
        }
        var confirmed = surroundings.confirmed();
        if (!confirmed) {
            outcome.problems.add(UNCONFIRMED);
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
                                awaited.stream().map(Seniority::name).toList())
                        + ". That takes five minutes at most.");
    }

    private interface Planner {
        MembershipPlan plan(Observed observed, Memory memory);
    }

    private Optional<String> contended(Set<String> declared) {
        var verdict = contention.observe(share.getMetadata().getGeneration(), present(), declared, now);
        if (verdict.isPresent() || before == null || before.conditions() == null) {
            return verdict;
        }
        // A restart forgets the count, not the verdict.
        return before.conditions().stream()
                .filter(c -> c.reason().equals(Reason.Contended.name()))
                .filter(c -> c.observedGeneration() == share.getMetadata().getGeneration())
                .map(c -> "it did so before this process started")
                .findFirst();
    }

    private void readImageBeforeWriting(ImageKey key) {
        if (image == null) {
            image = resolver.owned(key.imageId(), outcome.image)
                    .orElseThrow(() -> Problem.of(Reason.Progressing, "The image is gone; it is looked for again.")
                            .asException());
            outcome.image = resolver.info(image, Objects.requireNonNull(spec.image()));
            ImageResolver.requireShared(image);
        }
    }

    /**
     * Adds, then removes; where the quota refuses additions, removes first and then adds the rest.
     *
     * @return what is left to do
     */
    private MembershipPlan write(
            MemberWriter writer, CloudImage cloudImage, Memory memory, Planner replan, MembershipPlan plan) {
        var key = cloudImage.image();
        var observed = Observed.of(key.imageId(), key.owner(), present());
        var recorded = ShareStatus.projects(before, MemberInfo::added);
        outcome.added.addAll(plan.add());
        if (!recorded.containsAll(plan.add()) || !memory.approved().containsAll(plan.approved())) {
            journal(plan);
        }
        var additions = add(writer, cloudImage, plan.add(), memory.added());

        // Planned again with what could be added; what a percentage is of doesn't grow with what this pass adds.
        var approved = new HashSet<>(memory.approved());
        approved.addAll(plan.approved());
        var frozen = new Memory(memory.adopted(), memory.added(), approved, OptionalInt.of(plan.outOf()));
        var state = observed.afterAdditions(
                additions.added().keySet(), additions.failed().keySet());
        var next = replan.plan(state, frozen);
        if (!next.remove().isEmpty() && isInCharge(cloudImage)) {
            if (!approved.containsAll(next.approved())) {
                journal(next);
            }
            state = remove(writer, cloudImage, state, next);
            var refused = additions.failedWith(OpenStackException.Kind.QUOTA_EXCEEDED);
            if (!refused.isEmpty() && !outcome.removedNow.isEmpty() && isInCharge(cloudImage)) {
                var done = additions.added().keySet();
                additions = add(
                        writer,
                        cloudImage,
                        plan.add().stream().filter(p -> !done.contains(p)).toList(),
                        memory.added());
                state = state.afterAdditions(
                        additions.added().keySet(), additions.failed().keySet());
            }
        } else if (!additions.failedWith(OpenStackException.Kind.CONFLICT).isEmpty()) {
            // "Duplicated" is success only when a list shows the member.
            outcome.members = Member.distinct(client.members(key.imageId()));
            state = Observed.of(key.imageId(), key.owner(), present())
                    .afterAdditions(Set.of(), additions.failed().keySet());
        }
        tellFailures("added", reallyFailed(additions));
        if (!isInCharge(cloudImage)) {
            outcome.problems.add(Problem.of(
                    Reason.Progressing,
                    surroundings.leads()
                            ? "This object or another one of the image changed meanwhile, so the pass has ended early. Another"
                                    + " one follows."
                            : "The operator is stopping, or another replica leads now, so the pass has ended early. The one"
                                    + " that leads next goes on."));
        }
        outcome.added.retainAll(presentOrMaybe(state.members(), additions));
        return replan.plan(state, frozen);
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
     * are approved, so that a restart needs no second approval.
     */
    private void journal(MembershipPlan plan) {
        outcome.plan = plan;
        outcome.problems.add(Problem.of(
                Reason.Progressing,
                "Adding " + plan.add().size() + " and removing " + plan.remove().size() + " members."));
        surroundings.journal(outcome);
        outcome.problems.clear();
    }

    private MemberWriter.Additions add(
            MemberWriter writer, CloudImage cloudImage, List<String> projects, Set<String> addedBefore) {
        var additions = writer.add(
                client, cloudImage.image().imageId(), projects, present().size(), () -> isInCharge(cloudImage));
        outcome.addedNow.addAll(additions.added().keySet());
        contention.added(additions.added().keySet());
        var members = new ArrayList<>(Objects.requireNonNull(outcome.members));
        members.addAll(additions.added().values());
        outcome.members = Member.distinct(members);
        outcome.added.addAll(additions.added().keySet());
        additions.failed().forEach((project, failure) -> {
            // Somebody else added it between our list and our POST, unless an earlier POST of ours did, unseen.
            if (!failure.outcomeUnknown() && !addedBefore.contains(project)) {
                outcome.added.remove(project);
            }
        });
        return additions;
    }

    private Observed remove(MemberWriter writer, CloudImage cloudImage, Observed observed, MembershipPlan plan) {
        var key = cloudImage.image();
        var removals = writer.remove(
                client,
                key.imageId(),
                plan.remove(),
                new MemberWriter.Leave(
                        () -> isConfirmed(cloudImage),
                        () -> isInCharge(cloudImage),
                        project -> others(claims.standing(share, cloudImage)).mayName(project)));
        outcome.removedNow.addAll(removals.removed());
        contention.removed(removals.removed());
        tellFailures("removed", removals.failed());
        if (removals.unread().isPresent()) {
            throw removals.unread().get();
        }
        if (!removals.remaining().isEmpty()) {
            outcome.problems.add(Problem.of(
                    Reason.PartiallySynced,
                    "Still members although Glance said that it removed them: "
                            + EventRecorder.names(removals.remaining()) + ". It is tried again."));
        }
        if (removals.members() == null) {
            return observed;
        }
        outcome.members = Member.distinct(removals.members());
        return Observed.of(key.imageId(), key.owner(), present()).afterAdditions(Set.of(), observed.failedAdditions());
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
    private void tellFailures(String done, Map<String, OpenStackException> failed) {
        Problem.ofMany("Not " + done, failed).stream()
                .map(p -> p.reason() == Reason.QuotaExceeded ? p.saying(QUOTA_HINT) : p)
                .forEach(outcome.problems::add);
    }

    HeldRemovals heldRemovals() {
        return new HeldRemovals(
                share, declaration, () -> claims.silent(share, requireFound().image()));
    }

    private void noteNames() {
        var image = Objects.requireNonNull(outcome.image);
        if (image.status() != null && !image.status().equals("active")) {
            outcome.notes.add("The image is " + image.status() + ": members see it, but can't use it now.");
        }
        var names = FieldRules.suspectNames(declaration.projects());
        if (!names.isEmpty()) {
            outcome.suspectNames.addAll(names);
            outcome.notes.add(
                    "No project IDs (32 or 64 hexadecimal digits), so probably nobody gets the image by them: "
                            + EventRecorder.names(names) + ".");
        }
    }
}
