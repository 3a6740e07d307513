package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.membership.Memory;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The end of an object. {@code delete} revokes what it declares or added, and nothing else; never what another live
 * object declares. What can't be revoked makes the object wait: access is never silently left behind.
 */
final class Revocation {

    /** Marks a hash that approves the removal of what a silent object declares. */
    private static final String UNPROVEN = "unproven-";

    static final String WAY_OUT = " The object waits until then; to let it go without taking access away, set"
            + " spec.managedOptions.onDelete to detach.";

    private final ImageShare share;
    private final Supplier<ImageClient> client;
    private final MemberWriter writer;
    private final Claims claims;
    private final RemovalMandate mandate;
    private final Securing securing;
    private final BooleanSupplier undecided;
    private final Supplier<MassDeletion.DeletionVerdict> massDeletion;

    private final Set<String> revoked = new TreeSet<>();
    private final Set<String> kept = new TreeSet<>();
    private String keptBecause = "";

    /**
     * @param client logs in when first asked; throws what keeps it from that
     * @param undecided whether the set that made the object may still want its image: its members would be kept, and nobody would be
     *     left to revoke them if it doesn't
     * @param massDeletion whether many objects are being deleted at once
     */
    Revocation(
            ImageShare share,
            Supplier<ImageClient> client,
            MemberWriter writer,
            Claims claims,
            RemovalMandate mandate,
            Securing securing,
            BooleanSupplier undecided,
            Supplier<MassDeletion.DeletionVerdict> massDeletion) {
        this.share = share;
        this.client = client;
        this.writer = writer;
        this.claims = claims;
        this.mandate = mandate;
        this.securing = securing;
        this.undecided = undecided;
        this.massDeletion = massDeletion;
    }

    /** Revokes. To be called once. */
    RevocationResult run() {
        try {
            return revoke();
        } catch (ProblemException e) {
            return waiting(e.problem());
        } catch (OpenStackException e) {
            return waiting(Problem.of(e));
        }
    }

    private RevocationResult.Postponed waiting(Problem problem) {
        return new RevocationResult.Postponed(revoked, problem.saying(WAY_OUT));
    }

    private RevocationResult.Postponed progressing(String message) {
        return waiting(Problem.of(Reason.Progressing, message));
    }

    private RevocationResult.AwaitingApproval held(Reason reason, String message, String hash) {
        return new RevocationResult.AwaitingApproval(
                revoked, Problem.of(reason, message).saying(WAY_OUT), hash);
    }

    private RevocationResult.Released released() {
        return new RevocationResult.Released(revoked, kept, keptBecause);
    }

    private RevocationResult revoke() {
        var status = share.getStatus();
        if (!Claims.isManaged(share) || status == null || status.image() == null) {
            return released();
        }
        var image = status.image();
        var key = ImageKey.of(image);
        var memory = ShareStatus.memory(status, key, share.getMetadata().getGeneration(), Set.of());
        if (share.getSpec().managedOptions().onDelete() == OnDelete.detach) {
            keep(mine(memory), "onDelete is detach");
            return released();
        }
        if (!MassDeletion.revokes(share)) {
            keep(mine(memory), "they were members before this object, which was never in order with the image");
            return released();
        }
        // Without a login, as far as the cloud is known: that an object which works on nothing can go takes no
        // credentials.
        if (isLeftTo(claims.imageOf(share).flatMap(its -> claims.conflict(share, its)), memory)) {
            return released();
        }
        var unseen = claims.unseen(share);
        if (!unseen.isEmpty()) {
            return progressing("Waiting for the first look at ImageShare "
                    + EventRecorder.names(
                            unseen.stream().map(CreationOrder::name).toList())
                    + ", which may take this one's place. If it takes long, see its status and events.");
        }
        if (undecided.getAsBoolean()) {
            return progressing(
                    "Waiting for the ImageShareSet that made this object, which has not listed its images since it was"
                            + " edited.");
        }
        // Nobody loses access with an image that is gone: it is neither held nor counted.
        if (MassDeletion.isImageGone(share) && isGone(image)) {
            return released();
        }
        if (share.getSpec().suspend()) {
            return waiting(Problem.of(
                    Reason.DeletionSuspended,
                    "The object is suspended, so its members keep their access. To revoke it, set spec.suspend to"
                            + " false."));
        }
        var verdict = massDeletion.get();
        if (verdict instanceof MassDeletion.DeletionVerdict.Held held) {
            return held(Reason.RemovalHeld, describe(held), held.hash());
        }
        if (verdict instanceof MassDeletion.DeletionVerdict.Wait wait) {
            var why = progressing("Waiting to see whether more ImageShares are being deleted at once.");
            return new RevocationResult.Settling(revoked, why.problem(), wait.duration());
        }
        return revoke(key, image, memory);
    }

    private boolean isLeftTo(Optional<ImageShare> rival, Memory memory) {
        rival.ifPresent(
                other -> keep(mine(memory), "ImageShare " + CreationOrder.name(other) + " is in charge of the image"));
        return rival.isPresent();
    }

    private boolean isGone(ImageInfo image) {
        return resolver(image).owned(image.id(), image).isEmpty();
    }

    private ImageResolver resolver(ImageInfo image) {
        var resolver = new ImageResolver(client.get());
        if (!resolver.isScopeOf(image)) {
            throw resolver.credentialsChanged(image);
        }
        return resolver;
    }

    private RevocationResult revoke(ImageKey key, ImageInfo image, Memory memory) {
        var resolver = resolver(image);
        var images = client.get();
        var cloudImage = claims.at(images.scope().cloud(), key);
        securing.enter(cloudImage);
        var found = resolver.owned(key.imageId(), image);
        if (found.isEmpty()) {
            return released(); // the members went with the image
        }
        if (isLeftTo(claims.conflict(share, cloudImage), memory)) {
            return released();
        }
        var awaited = claims.awaited(share, cloudImage);
        if (!awaited.isEmpty()) {
            return waiting(PlanExecution.awaiting(awaited));
        }
        ImageResolver.requireShared(found.get());
        var present = MemberWriter.projects(images.members(key.imageId()));

        var targets = mine(memory);
        // A list can be older than the last addition, so what the status knows to be there counts as well.
        var known = known();
        targets.removeIf(p -> !present.contains(p) && !known.contains(p));
        var others = others(cloudImage);
        var successors = successors(key);
        var theirs = new TreeSet<>(targets);
        theirs.removeIf(
                p -> !others.projects().contains(p) && !successors.projects().contains(p));
        targets.removeAll(theirs);
        keep(
                theirs,
                claims.declaredBySet(share).projects().containsAll(theirs)
                        ? "the ImageShareSet that made this one declares them"
                        : "other ImageShares declare them");
        if (targets.isEmpty()) {
            return released();
        }
        // One of theirs may stand for a member that is about to lose access here.
        if (!others.doubtful().isEmpty()) {
            return waiting(others.waiting());
        }
        if (!successors.doubtful().isEmpty()) {
            return waiting(successors.waiting());
        }
        var unproven = unproven(targets, cloudImage);
        return unproven.isPresent() ? unproven.get() : remove(images, cloudImage, targets, theirs, memory);
    }

    private RevocationResult remove(
            ImageClient images, CloudImage cloudImage, Set<String> targets, Set<String> theirs, Memory memory) {
        var key = cloudImage.image();
        BooleanSupplier inCharge =
                () -> mandate.holds() && claims.conflict(share, cloudImage).isEmpty();
        var unconfirmed = new AtomicBoolean();
        var removals = writer.remove(
                images,
                key.imageId(),
                targets,
                new MemberWriter.RemovalPermit(
                        () -> {
                            unconfirmed.set(inCharge.getAsBoolean() && !mandate.isConfirmed());
                            return inCharge.getAsBoolean() && !unconfirmed.get();
                        },
                        inCharge,
                        project -> others(cloudImage).mayName(project)
                                || successors(key).mayName(project)));
        revoked.addAll(removals.removed());
        if (removals.unread().isPresent()) {
            throw removals.unread().get();
        }
        if (removals.removed().containsAll(targets)) {
            var more = mine(memory);
            more.retainAll(MemberWriter.projects(Objects.requireNonNull(removals.members())));
            more.removeAll(theirs);
            return more.isEmpty()
                    ? released()
                    : progressing("The list of members was out of date, and now shows more of them: "
                            + EventRecorder.names(more) + ". Another pass follows.");
        }
        if (unconfirmed.get()) {
            return waiting(PlanExecution.UNCONFIRMED);
        }
        var left = new TreeSet<>(targets);
        left.removeAll(removals.removed());
        var failure = removals.failed().values().stream().findFirst();
        return waiting(new Problem(
                failure.map(Problem::of).map(Problem::reason).orElse(Reason.PartiallySynced),
                "Not removed yet: " + EventRecorder.names(left) + ". "
                        + failure.map(OpenStackException::getMessage).orElse("The operator tries again."),
                failure.flatMap(OpenStackException::retryAfter)));
    }

    private Claims.OthersDeclare others(CloudImage cloudImage) {
        return claims.declared(claims.others(share, cloudImage)).and(claims.declaredBySet(share));
    }

    /** What objects declare that may take this one's place, but were not seen to own the image. */
    private Claims.OthersDeclare successors(ImageKey key) {
        return claims.declared(claims.likely(share, key));
    }

    /** Holds what an object declares whose claim has lapsed, until exactly that is approved. */
    private Optional<RevocationResult> unproven(Set<String> targets, CloudImage cloudImage) {
        var silent = claims.silent(share, cloudImage);
        var declared = claims.declared(silent);
        var held = new TreeSet<>(targets);
        held.removeIf(p -> !declared.mayName(p));
        var approval = UNPROVEN
                + UUID.nameUUIDFromBytes((share.getMetadata().getUid() + " " + cloudImage.image() + " " + held)
                        .getBytes(StandardCharsets.UTF_8));
        if (held.isEmpty() || Approval.isGiven(share, approval)) {
            return Optional.empty();
        }
        return Optional.of(held(
                Reason.ClaimUnproven,
                "Held back: the removal of " + EventRecorder.names(held) + ", because ImageShare "
                        + EventRecorder.names(
                                silent.stream().map(CreationOrder::name).toList())
                        + " declares them, but its last pass that could read the image's members was too long ago; see its"
                        + " own message. To remove exactly these: " + Approval.command(share, approval) + "."
                        + Approval.remark(share, approval),
                approval));
    }

    /** What goes with this object: for Additive only what it added itself. */
    private Set<String> mine(Memory memory) {
        return mine(share, memory);
    }

    private static Set<String> mine(ImageShare share, Memory memory) {
        var mine = new TreeSet<>(memory.added());
        if (share.getSpec().membershipPolicy() == MembershipPolicy.Authoritative) {
            mine.addAll(ShareStatus.declared(share.getSpec()));
            // What references stand for now is not asked: nothing new is given, and nothing taken away by it.
            var sources = References.sources(share.getSpec());
            mine.addAll(ShareStatus.projects(
                    share.getStatus(),
                    m -> m.declared()
                            && m.sources() != null
                            && m.sources().stream().anyMatch(sources::contains)));
        }
        return mine;
    }

    /** Whether the deletion takes access away from anybody, as far as can be told without asking the cloud. */
    static boolean takesAccess(ImageShare share, Claims claims) {
        if (!MassDeletion.revokes(share)) {
            return false;
        }
        var key = ImageKey.of(Objects.requireNonNull(share.getStatus().image()));
        var memory =
                ShareStatus.memory(share.getStatus(), key, share.getMetadata().getGeneration(), Set.of());
        var mine = mine(share, memory);
        claims.imageOf(share)
                .map(its -> claims.declared(claims.others(share, its)).projects())
                .ifPresent(mine::removeAll);
        mine.removeAll(claims.declared(claims.likely(share, key)).projects());
        mine.removeAll(claims.declaredBySet(share).projects());
        return !mine.isEmpty();
    }

    /** Who was a member when the status was written. */
    private Set<String> known() {
        return ShareStatus.projects(share.getStatus(), (MemberInfo m) -> m.status() != null);
    }

    private void keep(Set<String> members, String because) {
        var known = known();
        members.stream().filter(known::contains).forEach(kept::add);
        keptBecause = because;
    }

    private String describe(MassDeletion.DeletionVerdict.Held held) {
        var metadata = share.getMetadata();
        var approval = ImageShare.APPROVE_REMOVALS + "=" + held.hash();
        return (held.ofAll()
                        ? "Many ImageShares of many namespaces are being deleted at once (--mass-deletion-total)"
                        : "Many ImageShares of this namespace are being deleted at once (--mass-deletion-limit)")
                + "; their members keep access until a person approves."
                + " This one: " + Approval.command(share, held.hash())
                + ". All of the namespace (or -l SELECTOR instead of --all):"
                + " kubectl annotate --overwrite -n " + metadata.getNamespace() + " imageshares --all " + approval
                + "." + Approval.remark(share, held.hash());
    }
}
