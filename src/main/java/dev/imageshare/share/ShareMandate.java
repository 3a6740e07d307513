package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.reconcile.Passes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lets a pass write for an ImageShare: that the object, and what it refers to, still are as the pass took them. */
final class ShareMandate implements RemovalMandate {

    private static final Logger LOG = LoggerFactory.getLogger(ShareMandate.class);

    private final ImageShare share;
    private final Passes<ImageShare, TrackedShare> passes;
    private final KubernetesClient client;
    private final ShareEvents events;
    private final BooleanSupplier asDeclared;
    private final BooleanSupplier asConfirmed;

    /**
     * @param asDeclared whether the references still stand for the same; quick
     * @param asConfirmed whether the API server says so too; it is asked
     */
    ShareMandate(
            ImageShare share,
            Passes<ImageShare, TrackedShare> passes,
            KubernetesClient client,
            ShareEvents events,
            BooleanSupplier asDeclared,
            BooleanSupplier asConfirmed) {
        this.share = share;
        this.passes = passes;
        this.client = client;
        this.events = events;
        this.asDeclared = asDeclared;
        this.asConfirmed = asConfirmed;
    }

    @Override
    public boolean holds() {
        return passes.isCurrent(share) && asDeclared.getAsBoolean();
    }

    @Override
    public boolean leads() {
        return passes.isLeading();
    }

    @Override
    public boolean isConfirmed() {
        var metadata = share.getMetadata();
        try {
            var newest = client.resources(ImageShare.class)
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .get();
            return newest != null && passes.isStill(share, newest) && asConfirmed.getAsBoolean();
        } catch (KubernetesClientException e) {
            events.log(LOG.atWarn(), share).log(
                    "The Kubernetes API can't be asked before a removal: {}", e.getMessage());
            return false;
        }
    }
}
