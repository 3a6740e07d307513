package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.OrcObjects;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The references of ImageShares to ORC's objects of their namespace: what they stand for, and who has which. */
final class References {

    /** The cache's index from an ORC object, and from a kind of them, to the ImageShares that refer to it. */
    static final String BY_REFERENCE = "spec.projectRefs";

    private final OrcObjects orc;

    References(OrcObjects orc) {
        this.orc = orc;
    }

    static List<String> index(ImageShare share) {
        var found = new ArrayList<String>();
        if (share.getSpec() != null && !share.isMarkedForDeletion()) {
            var namespace = share.getMetadata().getNamespace();
            var image = share.getSpec().image();
            if (image != null && image.ref() != null) {
                found.add(OrcKind.Image.name());
                found.add(new OrcObjects.OrcObjectKey(OrcKind.Image, namespace, image.ref()).toString());
            }
            var projects = Declaration.names(share.getSpec());
            if (!projects.isEmpty()) {
                found.add(OrcKind.Project.name());
            }
            projects.forEach(name -> found.add(new OrcObjects.OrcObjectKey(OrcKind.Project, namespace, name).toString()));
        }
        return found;
    }

    /** Calls back with each object whose reference stands for something else than it was told. */
    void onChange(IndexedResourceCache<ImageShare> cache, Consumer<ImageShare> nudge) {
        orc.onChange(key -> cache.byIndex(BY_REFERENCE, key.toString()).forEach(nudge));
    }

    /** Ends what watches objects that nobody refers to any longer. */
    void sweep(IndexedResourceCache<ImageShare> cache) {
        orc.sweep(
                kind -> !cache.byIndex(BY_REFERENCE, kind.name()).isEmpty(),
                key -> !cache.byIndex(BY_REFERENCE, key.toString()).isEmpty());
    }

    /**
     * What the object declares, as far as its references can be resolved now.
     *
     * @param status what is remembered of them
     */
    Declaration resolve(ImageShare share, @Nullable ImageShareStatus status) {
        var namespace = share.getMetadata().getNamespace();
        return Declaration.of(
                share.getSpec(), status, (kind, name) -> orc.look(new OrcObjects.OrcObjectKey(kind, namespace, name)));
    }
}
