package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.openstack.Image;
import dev.imageshare.orc.Referent;
import dev.imageshare.orc.Referent.Resolved;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.orc.Referent.Why;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which image an object shares. Once known it stays so: what a filter or a reference leads to takes its place only when it
 * is gone, so that nobody's access is left behind unseen.
 */
final class ImageLocator {

    private final ImageShare share;
    private final ImageReference reference;
    private final Declaration declaration;
    private final ImageResolver resolver;

    /**
     * The image.
     *
     * @param image as it was read; null if what the status remembers was enough
     */
    record Located(String id, @Nullable Image image) {
        private static Located of(Image image) {
            return new Located(image.id(), image);
        }
    }

    /** @param share the object, whose spec has passed {@link ShareRules} */
    ImageLocator(ImageShare share, Declaration declaration, ImageResolver resolver) {
        this.share = share;
        this.reference = Objects.requireNonNull(share.getSpec().image());
        this.declaration = declaration;
        this.resolver = resolver;
    }

    /**
     * Finds the image.
     *
     * @param known the image as the status remembers it, or null
     * @param imageDue whether the image is to be read even if what the status remembers would be enough
     * @throws ProblemException if it isn't found, isn't this project's, or isn't the only one
     */
    Located locate(@Nullable ImageInfo known, boolean imageDue) {
        if (declaration.image() != null) {
            return follow(declaration.image(), known, imageDue);
        }
        var imageId = reference.id() != null ? reference.id() : known == null ? null : known.id();
        if (imageId != null) {
            if (known != null && resolver.isScopeOf(known) && !imageDue) {
                return new Located(imageId, null);
            }
            var owned = resolver.owned(imageId, known);
            if (owned.isPresent()) {
                return Located.of(owned.get());
            }
            if (reference.filter() == null) {
                throw Problem.of(
                                Reason.ImageNotFound,
                                "Image " + imageId
                                        + " has been deleted; its members went with it. Delete this ImageShare, or"
                                        + " create one for the image that takes its place.")
                        .asException();
            }
        }
        return Located.of(resolver.matching(Objects.requireNonNull(reference.filter())));
    }

    private Located follow(Referent referent, @Nullable ImageInfo known, boolean imageDue) {
        var name = String.valueOf(reference.ref());
        if (referent instanceof Unresolved unresolved) {
            if (known == null || unresolved.why() == Why.GOING) {
                throw waiting();
            }
            return alreadyKnown(known, imageDue).orElseThrow(this::waiting);
        }
        var imageId = ((Resolved) referent).id();
        if (known == null) {
            return Located.of(resolver.owned(imageId, null).orElseThrow());
        }
        if (imageId.equals(known.id())) {
            return alreadyKnown(known, imageDue)
                    .orElseThrow(() -> Problem.of(
                                    Reason.ImageNotFound,
                                    "Image " + imageId + ", which ORC Image " + name
                                            + " stands for, has been deleted; its members went with it. Once ORC has made"
                                            + " another one, that is shared.")
                            .asException());
        }
        if (resolver.owned(known.id(), known).isPresent()) {
            throw Problem.of(
                            Reason.ImageAmbiguous,
                            "ORC Image " + name + " now stands for image " + imageId + ", but image " + known.id()
                                    + ", which is shared by this object, is still there; neither is changed. Delete the old"
                                    + " image, or set its status.id back. To share both, create a new ImageShare with"
                                    + " image.ref " + name + " and then delete this one (onDelete: detach keeps the old"
                                    + " image's members).")
                    .asException();
        }
        return Located.of(resolver.owned(imageId, null).orElseThrow());
    }

    private Optional<Located> alreadyKnown(ImageInfo known, boolean imageDue) {
        return resolver.isScopeOf(known) && !imageDue
                ? Optional.of(new Located(known.id(), null))
                : resolver.owned(known.id(), known).map(Located::of);
    }

    private ProblemException waiting() {
        return declaration
                .problem(share.getSpec(), share.getMetadata().getNamespace())
                .orElseThrow()
                .asException();
    }
}
