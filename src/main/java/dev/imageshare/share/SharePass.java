package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
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
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.PassAbandonedException;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One pass over one live object: locate the image, list its members, plan, carry the plan out, report. */
final class SharePass {

    private final ImageShare share;
    private final ImageShareSpec spec;
    private final @Nullable ImageShareStatus before;
    private final ImageClient client;
    private final ImageResolver resolver;
    private final Contention contention;
    private final Claims claims;
    private final RemovalMandate mandate;
    private final Securing securing;
    private final Declaration declaration;
    private final Map<String, String> gone;
    private final Function<MembershipPlan, Map<String, String>> names;
    private final Instant now;

    /**
     * What is to be done.
     *
     * @param replanner plans again, by the same declaration
     * @param contended who else changes the members, if anybody does
     * @param doubtful what other objects declare that isn't known for certain, whether it counts now or did once
     */
    private record Intent(
            MembershipPlan plan,
            PlanExecution.Replanner replanner,
            Optional<String> contended,
            Claims.OthersDeclare doubtful) {}

    /**
     * @param share the object, whose spec has passed {@link ShareRules}
     * @param declaration what it declares, its references resolved as far as they can be
     * @param gone projects that Keystone no longer has, as far as that is known: by ID, as people know them
     * @param names those of the projects whose removal a plan holds, by ID, as far as they are known
     */
    SharePass(
            ImageShare share,
            Declaration declaration,
            ImageClient client,
            Contention contention,
            Map<String, String> gone,
            Function<MembershipPlan, Map<String, String>> names,
            Claims claims,
            RemovalMandate mandate,
            Securing securing,
            Instant now) {
        this.share = share;
        this.spec = share.getSpec();
        this.before = share.getStatus();
        this.client = client;
        this.resolver = new ImageResolver(client);
        this.contention = contention;
        this.gone = gone;
        this.names = names;
        this.claims = claims;
        this.mandate = mandate;
        this.securing = securing;
        this.now = now;
        this.declaration = declaration;
    }

    /**
     * Looks, plans, and carries the plan out.
     *
     * @param imageDue whether the image is to be read even if nothing else asks for it
     */
    ShareOutcome run(boolean imageDue, MemberWriter writer) {
        var look = look(imageDue);
        return spec.suspend() || !isManaged()
                ? preview(look)
                : decided(look, decision -> carryOut(look, decision, writer));
    }

    /** What {@link #run} would begin with after this look. Nothing of it is done. */
    ShareOutcome preview(ImageLook look) {
        return decided(look, decision -> report(look, decision, unchanged(look, decision), false));
    }

    private ShareOutcome decided(ImageLook look, Function<Intent, ShareOutcome> then) {
        if (look.problem() != null) {
            return ended(look, look.problem());
        }
        Intent decision;
        try {
            decision = decide(look.requireListed());
        } catch (ProblemException e) {
            return ended(look, e.problem());
        }
        return then.apply(decision);
    }

    // --------------------------------------------------------- locate and list

    /** Looks only: at the image and its members, which prove what this object claims. */
    ImageLook look(boolean imageDue) {
        var look = new ImageLook(null, null, null, null);
        try {
            var known = before == null ? null : before.image();
            var located = new ImageLocator(share, declaration, resolver).locate(known, imageDue);
            look = new ImageLook(located.image(), null, null, null);
            var scope = client.scope();
            var key = new ImageKey(located.id(), scope.projectId(), scope.region());
            var cloudImage = claims.at(scope.cloud(), key);
            declaration
                    .violation(cloud -> claims.isElsewhere(cloud, cloudImage))
                    .ifPresent(violation -> {
                        throw violation.asException();
                    });
            securing.enter(cloudImage);
            if (located.image() == null) {
                look = new ImageLook(null, known, null, null);
            } else {
                // Also if its members can't be listed: whose image it is counts for others.
                claims.prove(share, cloudImage);
                look = read(located.image());
                ImageResolver.requireShared(located.image());
            }
            var members = Member.distinct(client.members(located.id()));
            claims.prove(share, cloudImage);
            securing.holdSecret();
            var memory = ShareStatus.memory(before, key, share.getMetadata().getGeneration(), declaration.ended());
            return new ImageLook(
                    look.read(), look.info(), new ImageLook.ListedMembers(cloudImage, members, memory), null);
        } catch (ProblemException e) {
            return unproven(look).endedBy(e.problem());
        } catch (OpenStackException e) {
            if (look.read() == null
                    && look.info() != null
                    && (e.kind() == OpenStackException.Kind.FORBIDDEN
                            || e.kind() == OpenStackException.Kind.NOT_FOUND)) {
                return look(true); // the image says why
            }
            return unproven(look).endedBy(Problem.of(e));
        }
    }

    /** An image that wasn't read proves nothing before its members are listed. */
    private static ImageLook unproven(ImageLook look) {
        return look.read() == null ? new ImageLook(null, null, null, null) : look;
    }

    private ImageLook read(Image image) {
        return new ImageLook(image, resolver.info(image, Objects.requireNonNull(spec.image())), null, null);
    }

    // --------------------------------------------------------------------- plan

    private boolean isManaged() {
        return spec.managementPolicy() == ManagementPolicy.managed;
    }

    private Intent decide(ImageLook.ListedMembers listed) {
        var cloudImage = listed.at();
        var standing = claims.standing(share, cloudImage);
        var rival = isManaged() ? standing.conflict() : Optional.<ImageShare>empty();
        if (rival.isPresent()) {
            throw Problem.of(
                            Reason.Conflict,
                            "ImageShare " + CreationOrder.name(rival.get())
                                    + " declares the members of this image already and is"
                                    + " older; nothing is written for this one. Keep one of the two, or make both"
                                    + " membershipPolicy: Additive.")
                    .asException();
        }
        if (isManaged()) {
            claims.awaitedRival(share, cloudImage).ifPresent(older -> {
                throw new PassAbandonedException("ImageShare " + CreationOrder.name(older)
                        + ", which is older and may have a claim to this image, hasn't been looked at since the start");
            });
        }
        var contended = contended(listed.projects(), declaration.all());
        var others = standing.declaredByOthers();
        var silent = standing.declaredBySilent();
        var doubtful = silent.doubtful().isEmpty() ? others : silent;
        var desired = new Desired(
                declaration.projects(),
                spec.membershipPolicy() == MembershipPolicy.Authoritative ? Policy.AUTHORITATIVE : Policy.ADDITIVE,
                declaration.kept(),
                declaration.changed(),
                declaration.released(),
                isComplete(doubtful));
        var guard = new Guard(
                ShareRules.limit(spec).orElseThrow(),
                share.getMetadata().getUid(),
                share.getMetadata().getGeneration(),
                Annotations.value(share, ImageShare.APPROVE_REMOVALS).orElse(null),
                contended.isPresent());
        var plan = MembershipPlan.of(
                desired,
                Observed.of(listed.key().imageId(), listed.key().owner(), listed.projects())
                        .withDeclared(others.projects(), silent.projects()),
                guard,
                isManaged() ? listed.memory() : Memory.NONE);
        return new Intent(
                plan,
                (observed, remembered) -> {
                    var newest = claims.standing(share, cloudImage); // others change while members are
                    return MembershipPlan.of(
                            desired,
                            observed.withDeclared(
                                    newest.declaredByOthers().projects(),
                                    newest.declaredBySilent().projects()),
                            guard,
                            remembered);
                },
                contended,
                doubtful);
    }

    /** Whether all that counts here is known: what this object declares, and what others do. */
    private boolean isComplete(Claims.OthersDeclare doubtful) {
        return declaration.isComplete() && doubtful.doubtful().isEmpty();
    }

    private Optional<String> contended(Set<String> present, Set<String> declared) {
        var verdict = contention.observe(share.getMetadata().getGeneration(), present, declared, now);
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

    // ---------------------------------------------------------------- carry out

    private ShareOutcome carryOut(ImageLook look, Intent decision, MemberWriter writer) {
        var plan = decision.plan();
        var changes = unchanged(look, decision);
        var ready = look;
        if (!plan.add().isEmpty() || !plan.remove().isEmpty()) {
            ready = readBeforeWriting(look);
            if (ready.problem() != null) {
                return outcome(ready, decision, changes, false, List.of(ready.problem()));
            }
            var its = ready;
            changes = new PlanExecution(
                            share,
                            its.requireListed(),
                            changes.added(),
                            plan,
                            client,
                            writer,
                            claims,
                            contention,
                            mandate,
                            soFar -> securing.journal(outcome(its, decision, soFar, false, soFar.problems())))
                    .run(decision.replanner());
            if (!changes.isWhole()) {
                return outcome(ready, decision, changes, false, changes.problems());
            }
        }
        return report(ready, decision, changes, true);
    }

    /** The image as it is now: one that was made public, say, has no members to write. */
    private ImageLook readBeforeWriting(ImageLook look) {
        if (look.read() != null) {
            return look;
        }
        var listed = look.requireListed();
        var now = look;
        try {
            var image = resolver.owned(listed.key().imageId(), look.info())
                    .orElseThrow(() -> Problem.of(
                                    Reason.Progressing, "The image no longer exists. The operator looks for it again.")
                            .asException());
            now = new ImageLook(image, read(image).info(), listed, null);
            ImageResolver.requireShared(image);
            return now;
        } catch (ProblemException e) {
            return now.endedBy(e.problem());
        } catch (OpenStackException e) {
            return now.endedBy(Problem.of(e));
        }
    }

    private static MemberChanges unchanged(ImageLook look, Intent decision) {
        var listed = look.requireListed();
        return MemberChanges.none(listed, addedBefore(listed), decision.plan());
    }

    // ------------------------------------------------------------------- report

    /**
     * Says what the plan, or what is left of it, means for the object.
     *
     * @param isDone whether the plan was carried out, as far as it may be
     */
    private ShareOutcome report(ImageLook look, Intent decision, MemberChanges changes, boolean isDone) {
        var problems = new ArrayList<>(changes.problems());
        var left = changes.left();
        declaration.problem(spec, share.getMetadata().getNamespace()).ifPresent(problems::add);
        declaration.clockProblem().ifPresent(problems::add);
        if (isManaged()) {
            decision.contended()
                    .ifPresent(who -> problems.add(Problem.of(
                            Reason.Contended,
                            "Somebody else changes this image's members: " + who
                                    + ". Nothing is removed until the spec changes: find the other (a second cluster, a script) and"
                                    + " end it, then edit the spec.")));
            if (!spec.suspend()) {
                heldRemovals(look).problem(left).ifPresent(problems::add);
            }
            if (declaration.isComplete() && left.holds().contains(Hold.UNRESOLVED)) {
                problems.add(decision.doubtful().waiting());
            }
            if (isDone && problems.isEmpty() && !left.isEmpty()) {
                problems.add(
                        Problem.of(Reason.Progressing, "The members changed during the pass. Another pass follows."));
            }
        }
        var isAsDeclared = isManaged()
                && spec.membershipPolicy() == MembershipPolicy.Authoritative
                && left.isEmpty()
                && isComplete(decision.doubtful());
        return outcome(look, decision, changes, isAsDeclared, problems);
    }

    /** @param look whose members were listed */
    HeldRemovals heldRemovals(ImageLook look) {
        return new HeldRemovals(
                share,
                declaration,
                () -> claims.silent(share, look.requireListed().at()),
                names);
    }

    /** Nothing was planned. */
    private ShareOutcome ended(ImageLook look, Problem why) {
        var listed = look.listed();
        var suspects = suspectNames(look);
        return new ShareOutcome(
                declaration,
                look.read() != null,
                look.info(),
                listed == null ? null : listed.members(),
                listed == null ? Set.of() : addedBefore(listed),
                listed != null && listed.memory().adopted(),
                null,
                ShareOutcome.Drift.NONE,
                Set.of(),
                Set.of(),
                List.of(why),
                notes(look, look.listed() == null ? List.of() : look.listed().members(), null, suspects),
                suspects);
    }

    private ShareOutcome outcome(
            ImageLook look, Intent decision, MemberChanges changes, boolean isAsDeclared, List<Problem> problems) {
        var listed = look.requireListed();
        var suspects = suspectNames(look);
        return new ShareOutcome(
                declaration,
                look.read() != null,
                look.info(),
                changes.members(),
                changes.added(),
                isAsDeclared || listed.memory().adopted(),
                changes.left(),
                drift(listed, decision.plan()),
                changes.addedNow(),
                changes.removedNow(),
                List.copyOf(problems),
                notes(look, changes.members(), decision.plan(), suspects),
                suspects);
    }

    private static Set<String> addedBefore(ImageLook.ListedMembers listed) {
        var added = new TreeSet<>(listed.memory().added());
        added.retainAll(listed.projects());
        return added;
    }

    /** What only the declaration changed is no drift. */
    private ShareOutcome.Drift drift(ImageLook.ListedMembers listed, MembershipPlan plan) {
        if (!isManaged()
                || before == null
                || before.image() == null
                || !ImageKey.of(before.image()).equals(listed.key())) {
            return ShareOutcome.Drift.NONE;
        }
        var there = ShareStatus.projects(before, m -> m.status() != null);
        var wasInOrder = Conditions.has(before.conditions(), Conditions.READY, Reason.Synced)
                && Objects.equals(
                        before.observedGeneration(), share.getMetadata().getGeneration());
        return new ShareOutcome.Drift(
                plan.add().stream().filter(there::contains).toList(),
                wasInOrder
                        ? Stream.concat(plan.remove().stream(), plan.held().stream())
                                .filter(p -> !there.contains(p))
                                .toList()
                        : List.of());
    }

    private List<String> suspectNames(ImageLook look) {
        return look.listed() == null ? List.of() : FieldRules.suspectNames(declaration.projects());
    }

    private List<String> notes(
            ImageLook look, List<Member> members, @Nullable MembershipPlan plan, List<String> suspects) {
        var notes = new ArrayList<String>();
        if (look.listed() != null) {
            var status = Objects.requireNonNull(look.info()).status();
            if (status != null && !status.equals("active")) {
                notes.add("The image is " + status + ": members see it, but can't use it now.");
            }
            if (!suspects.isEmpty()) {
                notes.add(
                        "These don't look like project IDs (32 or 64 hexadecimal digits), so they probably share with nobody: "
                                + EventRecorder.names(suspects) + ".");
            }
        }
        var lost = members.stream()
                .flatMap(member -> Optional.ofNullable(gone.get(member.projectId())).stream())
                .sorted()
                .toList();
        if (!lost.isEmpty()) {
            notes.add("No longer in Keystone, but still members, which count toward the image's quota: "
                    + EventRecorder.names(lost) + ".");
        }
        if (plan != null && !plan.caseVariants().isEmpty()) {
            notes.add("Not removed, since they differ from a declared project only in case: "
                    + EventRecorder.names(plan.caseVariants()) + ".");
        }
        return List.copyOf(notes);
    }
}
