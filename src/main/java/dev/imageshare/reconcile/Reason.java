package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Annotations;
import java.util.Optional;

/**
 * Why an object is, or isn't, {@code Ready}. In order of precedence: of several reasons, the first in this list is the
 * condition's, since what needs a person must not hide behind what heals by itself.
 */
public enum Reason {
    InvalidSpec(Effect.STALLED),
    CredentialsInvalid(Effect.STALLED),
    AuthenticationFailed(Effect.STALLED),
    Forbidden(Effect.STALLED),
    NotImageOwner(Effect.STALLED),
    ImageNotShared(Effect.STALLED),
    ImageAmbiguous(Effect.STALLED),
    RemovalHeld(Effect.STALLED),
    /** A removal is held since another object declares the member that hasn't proven its claim for long. */
    ClaimUnproven(Effect.STALLED),
    /** The object is being deleted, and suspended: its members keep their access until it is resumed. */
    DeletionSuspended(Effect.STALLED),
    QuotaExceeded(Effect.STALLED),
    /** A set would have more projects than an image's members may be declared. */
    TooManyProjects(Effect.STALLED),
    /** A set of images would share more than its status can name. */
    TooManyImages(Effect.STALLED),
    /** An object that a set doesn't own has the name of one that it would make. */
    NameTaken(Effect.STALLED),
    /** An image can't be put in order among its family. */
    ImageNotOrderable(Effect.STALLED),
    /** An ImageShare that a set made needs a person. */
    ShareStalled(Effect.STALLED),
    /** Who asks for access isn't the project that asked before. */
    ProjectChanged(Effect.STALLED),
    /** Too many other requests of the namespace wait. */
    TooManyRequests(Effect.STALLED),
    /** A person has to decide about a request for access. */
    AwaitingApproval(Effect.STALLED),
    /** A request for access was denied. */
    RequestDenied(Effect.STALLED),
    /** The access that a request asked for is over, or nobody decided about it. */
    RequestEnded(Effect.STALLED),
    /** The operator's clock differs from others', and something is due by time. */
    ClockSkew(Effect.STALLED),
    Conflict(Effect.STALLED),
    Contended(Effect.STALLED),
    CredentialsNotFound(Effect.STALLED_AFTER_GRACE),
    ImageNotFound(Effect.STALLED_AFTER_GRACE),
    /** Keystone doesn't know the project that a selector names. */
    ProjectNotFound(Effect.STALLED_AFTER_GRACE),
    WaitingForReference(Effect.STALLED_AFTER_GRACE),
    /** A set takes no requests from this namespace for this cloud, or isn't there. */
    NotAdmitted(Effect.STALLED_AFTER_GRACE),
    /** The Kubernetes API refuses or fails a call without which the object isn't looked at. */
    KubernetesRefused(Effect.STALLED_AFTER_GRACE),
    /** A receiver of an ImageNotifier takes no messages. */
    NotDelivered(Effect.STALLED_AFTER_GRACE),
    /** The operator itself failed; its log says where. */
    InternalError(Effect.RECONCILING),
    CloudUnreachable(Effect.RECONCILING),
    RateLimited(Effect.RECONCILING),
    /** A list of Keystone's may lack projects. */
    ListIncomplete(Effect.RECONCILING),
    PartiallySynced(Effect.RECONCILING),
    Progressing(Effect.RECONCILING),
    /** What is declared is so: the member list, or the answers. */
    Synced(Effect.READY),
    /** An object that writes nothing (unmanaged, or waiting for offers only) was looked at. */
    Observed(Effect.READY),
    /** A suspended object was looked at; nothing is written to OpenStack for it. */
    Suspended(Effect.READY);

    /** What a reason asks for. */
    public enum Effect {
        READY,
        /** Another try is coming. */
        RECONCILING,
        /** Another try is coming; after five minutes a person is needed. In GitOps a Secret may come seconds later. */
        STALLED_AFTER_GRACE,
        /** A person is needed; the object is looked at again every resync period, since it can heal from outside. */
        STALLED
    }

    private final Effect kind;

    Reason(Effect kind) {
        this.kind = kind;
    }

    public Effect kind() {
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
            case Forbidden,
                    NotImageOwner,
                    ImageNotShared,
                    ImageAmbiguous,
                    QuotaExceeded,
                    TooManyProjects,
                    TooManyImages,
                    ImageNotOrderable,
                    ImageNotFound,
                    ProjectNotFound ->
                stalled
                        ? Optional.of("Once that is done, 'imageshare look', or a new value of the annotation "
                                + Annotations.LOOK_NOW + ", has the object looked at at once.")
                        : Optional.empty();
            case CredentialsInvalid, CredentialsNotFound ->
                Optional.of("The object is looked at again as soon as the Secret changes.");
            case CloudUnreachable, RateLimited -> Optional.of("The operator tries again on its own.");
            default -> Optional.empty();
        };
    }
}
