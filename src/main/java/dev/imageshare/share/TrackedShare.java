package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.reconcile.Schedule;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one ImageShare between passes, besides when the next is due. */
final class TrackedShare extends Schedule {

    final Contention contention = new Contention();

    final HeldNames heldNames = new HeldNames();

    final MemberQuota memberQuota = new MemberQuota();

    /** When the image is to be read again although nothing asks for it; null: not known yet. */
    @Nullable
    Instant imageDue;

    /** Declared members that others took out, and that aren't back yet. */
    Set<String> missing = Set.of();

    /** Members that others put in, and that aren't out again yet. */
    Set<String> undeclared = Set.of();

    /** Whether a person was told that other clouds have an image of the same ID, owner and region. */
    boolean reportedOtherClouds;

    /** Members of which it was told that this object's deletion removed them. */
    final Set<String> revoked = new HashSet<>();

    /**
     * The generation for which the object's deletion has nothing left to do but to take the finalizer off; 0: none. A spec can
     * be edited while the object is being deleted, and then declares others.
     */
    long released;

    /** When this process first saw that the object is being deleted. */
    @Nullable
    Instant deletionSeen;

    /** The generation in which the spec kept {@link ShareRules}, and the image that it was checked against. */
    private @Nullable Valid valid;

    private record Valid(Long generation, @Nullable ImageInfo image) {}

    /**
     * The first rule that the object's spec breaks; empty if it breaks none. A spec of one generation never changes, so
     * it is checked once: each time would be a tenth of what a resync of 20 members allocates (9 of 104 KiB).
     */
    Optional<String> violation(ImageShare share) {
        var now = new Valid(
                share.getMetadata().getGeneration(),
                share.getStatus() == null ? null : share.getStatus().image());
        if (now.equals(valid)) {
            return Optional.empty();
        }
        var violation = ShareRules.violation(share.getSpec(), share.getStatus());
        valid = violation.isEmpty() ? now : null;
        return violation;
    }
}
