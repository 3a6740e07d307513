package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;

import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.HeldShares;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;

/** Says which deletions are held, why, and how a person approves them. */
final class HeldSharesText {

    private HeldSharesText() {}

    static Problem problem(ImageShareSet set, HeldShares held) {
        var shares = requireNonNull(held.remove());
        var hash = requireNonNull(held.hash());
        var because = requireNonNull(held.because());
        return Problem.of(
                Reason.RemovalHeld,
                "Held back: " + shares.size() + (shares.size() == 1 ? " ImageShare" : " ImageShares")
                        + " would be deleted (" + EventRecorder.names(shares) + "), because " + because
                        + (because.endsWith(".") ? "" : ".")
                        + " Their members would lose the images, and must accept them again when added back. To keep them,"
                        + " correct spec.images or spec.clouds, or the images themselves. To let exactly these go: "
                        + Approval.command(set, hash) + Approval.remark(set, hash));
    }
}
