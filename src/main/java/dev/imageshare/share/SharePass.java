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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look at one live object: resolve the image, read the member list, plan, check, carry out. What it finds is left in
 * an {@link ShareOutcome}, also when it ends early.
 */
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
    private final Function<MembershipPlan, Map<String, String>> names;
    private final Instant now;
    private final ShareOutcome outcome = new ShareOutcome();

    private @Nullable Image image;
    private @Nullable Found found;
    private PlanExecution.@Nullable Replanner planner;
    private Optional<String> contended = Optional.empty();
    /** What other objects declare that isn't known for certain, whether it counts now or did once. */
    private Claims.OthersDeclare doubtful = Claims.OthersDeclare.NOTHING;

    /** The image whose members were read, and what the status remembers of it. */
    private record Found(CloudImage image, Memory memory) {
        ImageKey key() {
            return image.image();
        }
    }

    /**
     * @param share the object, whose spec has passed {@link ShareRules}
     * @param declaration what it declares, its references resolved as far as they can be
     * @param names those of the projects whose removal a plan holds, by ID, as far as they are known
     */
    SharePass(
            ImageShare share,
            Declaration declaration,
            ImageClient client,
            Contention contention,
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
        this.names = names;
        this.claims = claims;
        this.mandate = mandate;
        this.securing = securing;
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
    ShareOutcome run(boolean imageDue, MemberWriter writer) {
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
    ShareOutcome preview() {
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
        declaration.violation(cloud -> claims.isElsewhere(cloud, cloudImage)).ifPresent(violation -> {
            throw violation.asException();
        });
        securing.enter(cloudImage);
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
        securing.holdSecret();

        var memory = ShareStatus.memory(before, key, share.getMetadata().getGeneration(), declaration.ended());
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
        contended = contended(declaration.all());
        var others = standing.declaredByOthers();
        var silent = standing.declaredBySilent();
        doubtful = silent.doubtful().isEmpty() ? others : silent;
        var desired = new Desired(
                declaration.projects(),
                spec.membershipPolicy() == MembershipPolicy.Authoritative ? Policy.AUTHORITATIVE : Policy.ADDITIVE,
                declaration.kept(),
                declaration.changed(),
                declaration.released(),
                isComplete());
        var guard = new Guard(
                ShareRules.limit(spec).orElseThrow(),
                share.getMetadata().getUid(),
                share.getMetadata().getGeneration(),
                Annotations.value(share, ImageShare.APPROVE_REMOVALS).orElse(null),
                contended.isPresent());
        planner = (observed, remembered) -> {
            var newest = claims.standing(share, cloudImage); // others change while members are
            return MembershipPlan.of(
                    desired,
                    observed.withDeclared(
                            newest.declaredByOthers().projects(),
                            newest.declaredBySilent().projects()),
                    guard,
                    remembered);
        };
        var plan = MembershipPlan.of(
                desired,
                Observed.of(key.imageId(), key.owner(), present()).withDeclared(others.projects(), silent.projects()),
                guard,
                isManaged() ? found.memory() : Memory.NONE);
        outcome.plan = plan;
        if (isManaged()) {
            noteDrift(plan);
        }
        if (!plan.caseVariants().isEmpty()) {
            outcome.notes.add("Not removed, since they differ from a declared project only in case: "
                    + EventRecorder.names(plan.caseVariants()) + ".");
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
            outcome.plan = new PlanExecution(
                            share, its.image(), client, writer, claims, contention, mandate, securing, outcome)
                    .run(plan, its.memory(), Objects.requireNonNull(planner));
        }
    }

    /** Says what the plan, or what is left of it, means for the object. */
    private void conclude() {
        var plan = Objects.requireNonNull(outcome.plan);
        declaration.problem(spec, share.getMetadata().getNamespace()).ifPresent(outcome.problems::add);
        declaration.clockProblem().ifPresent(outcome.problems::add);
        if (isManaged()) {
            outcome.adopted |=
                    spec.membershipPolicy() == MembershipPolicy.Authoritative && plan.isEmpty() && isComplete();
            contended.ifPresent(who -> outcome.problems.add(Problem.of(
                    Reason.Contended,
                    "Somebody else changes this image's members: " + who
                            + ". Nothing is removed until the spec changes: find the other (a second cluster, a script) and"
                            + " end it, then edit the spec.")));
            if (!spec.suspend()) {
                heldRemovals().problem(plan).ifPresent(outcome.problems::add);
            }
            if (declaration.isComplete() && plan.holds().contains(Hold.UNRESOLVED)) {
                outcome.problems.add(doubtful.waiting());
            }
        }
    }

    /** Whether all that counts here is known: what this object declares, and what others do. */
    private boolean isComplete() {
        return declaration.isComplete() && doubtful.doubtful().isEmpty();
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

    HeldRemovals heldRemovals() {
        return new HeldRemovals(
                share, declaration, () -> claims.silent(share, requireFound().image()), names);
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
                    "These don't look like project IDs (32 or 64 hexadecimal digits), so they probably share with nobody: "
                            + EventRecorder.names(names) + ".");
        }
    }
}
