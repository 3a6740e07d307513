package dev.imageshare.model;

import dev.imageshare.reconcile.Reason;
import java.util.EnumSet;

class ImageAcceptanceGoldenTest extends GoldenCases {

    /** It owns no image, finds none by a filter, removes nobody and names no references; and answers have no quota. */
    ImageAcceptanceGoldenTest() {
        super(
                "imageacceptance",
                EnumSet.of(
                        Reason.NotImageOwner,
                        Reason.ImageAmbiguous,
                        Reason.RemovalHeld,
                        Reason.ClaimUnproven,
                        Reason.DeletionSuspended,
                        Reason.QuotaExceeded,
                        Reason.Contended,
                        Reason.WaitingForReference,
                        Reason.TooManyProjects,
                        Reason.TooManyImages,
                        Reason.NameTaken,
                        Reason.ImageNotOrderable,
                        Reason.ShareStalled,
                        Reason.ProjectChanged,
                        Reason.TooManyRequests,
                        Reason.AwaitingApproval,
                        Reason.RequestDenied,
                        Reason.RequestEnded,
                        Reason.NotAdmitted,
                        Reason.ClockSkew,
                        Reason.ProjectNotFound,
                        Reason.NotDelivered,
                        Reason.ListIncomplete));
    }
}
