package dev.imageshare.model;

import dev.imageshare.reconcile.Reason;
import java.util.Set;

class ImageShareGoldenTest extends GoldenCases {

    ImageShareGoldenTest() {
        super(
                "imageshare",
                Set.of(
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
                        Reason.ProjectNotFound,
                        Reason.NotDelivered,
                        Reason.ListIncomplete,
                        // It needs a second clock: ExpiryTest shows it.
                        Reason.ClockSkew));
    }
}
