package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.reconcile.Passes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a plan has written of ImageShares: newcomers first, and what goes only once the API server confirms the set. */
final class PlannedWrites {

    /** ImageShares that one pass makes, changes or deletes; the next one is due at once. */
    private static final int MAX_WRITES = 200;

    private final KubernetesClient client;
    private final ShareMaker maker;
    private final Passes<ImageShareSet, TrackedRotation> passes;
    private final ImageShareSet set;
    private final Map<String, ImageShare> own;

    /** Whether there is more to write than one pass may, or what it was based on has changed. */
    private boolean hasMore;

    /** @param own the set's ImageShares, by name */
    PlannedWrites(
            KubernetesClient client,
            ShareMaker maker,
            Passes<ImageShareSet, TrackedRotation> passes,
            ImageShareSet set,
            Map<String, ImageShare> own) {
        this.client = client;
        this.maker = maker;
        this.passes = passes;
        this.set = set;
        this.own = own;
    }

    /** Gives whether all is done. */
    boolean run(RotationPlan plan) {
        carryOut(plan);
        return !hasMore;
    }

    private void carryOut(RotationPlan plan) {
        var left = MAX_WRITES;
        KubernetesClientException failure = null;
        for (var image : plan.create()) {
            failure = left-- <= 0
                    ? failure
                    : write(() -> maker.create(set, cloud(image), image.id(), image.share()), failure);
        }
        for (var image : plan.rewrite()) {
            var share = requireNonNull(own.get(image.share()));
            failure = left-- <= 0
                    ? failure
                    : write(() -> maker.rewrite(set, share, cloud(image, share), image.id()), failure);
        }
        if (!plan.delete().isEmpty() && isConfirmed()) {
            for (var share : plan.delete()) {
                failure = left-- <= 0 ? failure : write(() -> maker.delete(share), failure);
            }
        }
        hasMore |= left < 0;
        if (failure != null) {
            throw failure;
        }
    }

    /** One that fails stops no other; the last failure is told when all were tried. */
    private @Nullable KubernetesClientException write(
            BooleanSupplier write, @Nullable KubernetesClientException failure) {
        if (!passes.isCurrent(set)) {
            hasMore = true;
            return failure;
        }
        try {
            if (!write.getAsBoolean()) {
                hasMore = true; // what it was based on has changed
            }
            return failure;
        } catch (KubernetesClientException e) {
            return e;
        }
    }

    private ImageCloud cloud(RotatedImage image) {
        return requireNonNull(set.getSpec().clouds()).stream()
                .filter(cloud -> image.cloud().equals(cloud.name()))
                .findFirst()
                .orElseGet(() -> new ImageCloud(image.cloud(), null));
    }

    /** Of a cloud that went, the ImageShare still knows the credentials. */
    private ImageCloud cloud(RotatedImage image, ImageShare share) {
        var cloud = cloud(image);
        return cloud.cloudCredentialsRef() != null
                ? cloud
                : new ImageCloud(image.cloud(), share.getSpec().cloudCredentialsRef());
    }

    /** Asks the API server before ImageShares are deleted: a watch can be behind, and what it knows be reverted. */
    private boolean isConfirmed() {
        var metadata = set.getMetadata();
        var newest = client.resources(ImageShareSet.class)
                .inNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .get();
        var confirmed = newest != null && passes.isStill(set, newest);
        hasMore |= !confirmed;
        return confirmed;
    }
}
