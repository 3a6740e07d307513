package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StatusWriter;
import java.time.Instant;

/** Secures one pass over an ImageShare by the image's lock, a finalizer on its Secret, and its status. */
final class ShareSecuring implements Securing {

    private final ImageShare share;
    private final ImageLocks locks;
    private final CredentialSecrets secrets;
    private final Passes<ImageShare, TrackedShare> passes;
    private final StatusWriter<ImageShare, ImageShareStatus> statuses;
    private final Instant now;

    ShareSecuring(
            ImageShare share,
            ImageLocks locks,
            CredentialSecrets secrets,
            Passes<ImageShare, TrackedShare> passes,
            StatusWriter<ImageShare, ImageShareStatus> statuses,
            Instant now) {
        this.share = share;
        this.locks = locks;
        this.secrets = secrets;
        this.passes = passes;
        this.statuses = statuses;
        this.now = now;
    }

    @Override
    public void enter(CloudImage image) {
        locks.enter(share.getMetadata().getUid(), share.getMetadata().getNamespace(), image);
    }

    @Override
    public void holdSecret() {
        if (Claims.needsSecret(share)) {
            passes.secretKey(share).ifPresent(secrets::hold);
        }
    }

    @Override
    public void journal(ShareOutcome outcome) {
        var journaled = statuses.freshest(share);
        statuses.write(journaled, ShareStatus.of(journaled, outcome, false, null, now));
    }
}
