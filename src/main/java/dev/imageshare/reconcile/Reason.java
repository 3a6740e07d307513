package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Annotations;
import java.util.Optional;

/**
 * Why an object is, or isn't, {@code Ready}. In order of precedence: of several reasons, the first in this list is the
 * condition's, since what needs a person must not hide behind what heals by itself.
 */
public enum Reason {
    InvalidSpec(Kind.STALLED),
    CredentialsInvalid(Kind.STALLED),
    AuthenticationFailed(Kind.STALLED),
    Forbidden(Kind.STALLED),
    NotImageOwner(Kind.STALLED),
    ImageNotShared(Kind.STALLED),
    ImageAmbiguous(Kind.STALLED),
    RemovalHeld(Kind.STALLED),
    /** A removal is held since another object declares the member that hasn't proven its claim for long. */
    ClaimUnproven(Kind.STALLED),
    /** The object is being deleted, and suspended: its members keep their access until it is resumed. */
    DeletionSuspended(Kind.STALLED),
    QuotaExceeded(Kind.STALLED),
    Conflict(Kind.STALLED),
    Contended(Kind.STALLED),
    CredentialsNotFound(Kind.SOON_STALLED),
    ImageNotFound(Kind.SOON_STALLED),
    WaitingForReference(Kind.SOON_STALLED),
    /** The Kubernetes API refuses or fails a call without which the object isn't looked at. */
    KubernetesRefused(Kind.SOON_STALLED),
    /** The operator itself failed; its log says where. */
    InternalError(Kind.RECONCILING),
    CloudUnreachable(Kind.RECONCILING),
    RateLimited(Kind.RECONCILING),
    PartiallySynced(Kind.RECONCILING),
    Progressing(Kind.RECONCILING),
    /** What is declared is so: the member list, or the answers. */
    Synced(Kind.READY),
    /** An object that writes nothing (unmanaged, or waiting for offers only) was looked at. */
    Observed(Kind.READY),
    /** A suspended object was looked at; nothing is written to OpenStack for it. */
    Suspended(Kind.READY);

    /** What a reason asks for. */
    public enum Kind {
        READY,
        /** Another try is coming. */
        RECONCILING,
        /** Another try is coming; after five minutes a person is needed. In GitOps a Secret may come seconds later. */
        SOON_STALLED,
        /** A person is needed; the object is looked at again every resync period, since it can heal from outside. */
        STALLED
    }

    private final Kind kind;

    Reason(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /**
     * When the object is looked at again, where its message has to say so.
     *
     * @param stalled whether a person is needed now
     */
    Optional<String> again(boolean stalled) {
        return switch (this) {
            // Put right outside of Kubernetes, where nothing tells the operator that it was.
            case Forbidden, NotImageOwner, ImageNotShared, ImageAmbiguous, QuotaExceeded, ImageNotFound ->
                stalled
                        ? Optional.of("Once that is done, 'imageshare look', or a new value of the annotation "
                                + Annotations.LOOK_NOW + ", has the object looked at at once.")
                        : Optional.empty();
            case CredentialsInvalid, CredentialsNotFound ->
                Optional.of("The object is looked at again as soon as the Secret changes.");
            case CloudUnreachable, RateLimited -> Optional.of("It is tried again by itself.");
            default -> Optional.empty();
        };
    }
}
