package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ImageQuery;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds and reads the image of one pass, and holds that the credentials' project owns it. */
final class ImageResolver {

    private final ImageClient client;

    ImageResolver(ImageClient client) {
        this.client = client;
    }

    /** Whether the credentials are those under which the image was last seen to be owned. */
    boolean isScopeOf(ImageInfo known) {
        var scope = client.scope();
        return scope.projectId().equals(known.owner()) && scope.region().equals(known.region());
    }

    /**
     * The image that this project owns.
     *
     * @param known the image as the status remembers it, or null
     * @return empty if it is gone: not found under the very credentials that owned it
     * @throws dev.imageshare.reconcile.ProblemException {@code NotImageOwner}, or {@code ImageNotFound} for one that was
     *     never seen
     */
    Optional<Image> owned(String imageId, @Nullable ImageInfo known) {
        var scope = client.scope();
        Image image;
        try {
            image = client.image(imageId);
        } catch (OpenStackException e) {
            if (e.kind() != OpenStackException.Kind.NOT_FOUND) {
                throw e;
            }
            if (known == null) {
                throw Problem.of(
                                Reason.ImageNotFound,
                                "Image " + imageId + " is not in region " + scope.region()
                                        + ", or not visible to project "
                                        + scope.projectId() + " of the credentials: check spec.image, and that the"
                                        + " credentials are those of the image's owner.")
                        .asException();
            }
            if (!isScopeOf(known)) {
                throw credentialsChanged(known);
            }
            return Optional.empty();
        }
        if (!scope.projectId().equals(image.owner())) {
            throw Problem.of(
                            Reason.NotImageOwner,
                            "Image " + imageId + " is owned by project " + image.owner() + ", but the credentials are"
                                    + " those of project " + scope.projectId() + ": only the owner sees all members."
                                    + " Put the owner's credentials into the Secret, or correct"
                                    + " spec.cloudCredentialsRef.")
                    .asException();
        }
        return Optional.of(image);
    }

    /** The one image of this project that the filter matches. */
    Image matching(ImageFilter filter) {
        var scope = client.scope();
        var query = ImageQuery.ownedBy(scope.projectId());
        if (filter.name() != null) {
            query = query.named(filter.name());
        }
        if (filter.tags() != null) {
            query = query.tagged(filter.tags());
        }
        // What was asked for is checked again: the answer is from outside.
        var found = client.images(query).stream()
                .filter(i -> scope.projectId().equals(i.owner()))
                .filter(i -> filter.name() == null || filter.name().equals(i.name()))
                .filter(i -> filter.tags() == null || i.tags().containsAll(filter.tags()))
                .toList();
        if (found.isEmpty()) {
            throw Problem.of(
                            Reason.ImageNotFound,
                            "No image of project " + scope.projectId() + " in region " + scope.region() + " has "
                                    + describe(filter) + ": correct spec.image.filter, or create the image.")
                    .asException();
        }
        if (found.size() > 1) {
            throw Problem.of(
                            Reason.ImageAmbiguous,
                            found.size() + " images have " + describe(filter) + ": "
                                    + EventRecorder.names(
                                            found.stream().map(Image::id).toList())
                                    + ". Name one in spec.image.id of a new ImageShare, or make the others differ.")
                    .asException();
        }
        return found.get(0);
    }

    dev.imageshare.reconcile.ProblemException credentialsChanged(ImageInfo known) {
        var scope = client.scope();
        return Problem.of(
                        Reason.NotImageOwner,
                        "Image " + known.id() + " is owned by project " + known.owner() + " in region " + known.region()
                                + ", but the credentials are now those of project " + scope.projectId() + " in region "
                                + scope.region() + ": put the owner's back. Nothing is changed until then.")
                .asException();
    }

    /** Members are only for shared images; Glance answers 403 to their list otherwise. */
    static void requireShared(Image image) {
        if (!image.visibility().equals("shared")) {
            throw Problem.of(
                            Reason.ImageNotShared,
                            "Image " + image.id() + " is " + image.visibility()
                                    + "; only a shared image has members. Run"
                                    + " 'openstack image set --shared " + image.id()
                                    + "' (its members and their answers are kept meanwhile).")
                    .asException();
        }
    }

    ImageInfo info(Image image) {
        return new ImageInfo(
                image.id(),
                FieldRules.clipped(image.name(), 255),
                Objects.requireNonNull(image.owner()),
                client.scope().region(),
                FieldRules.clipped(client.scope().cloud(), 300),
                FieldRules.clipped(image.visibility(), 32),
                FieldRules.clipped(image.status(), 32));
    }

    private static String describe(ImageFilter filter) {
        var tags = filter.tags() == null ? List.<String>of() : filter.tags();
        return (filter.name() == null ? "" : "the name " + filter.name() + (tags.isEmpty() ? "" : " and "))
                + (tags.isEmpty() ? "" : "the tags " + String.join(", ", tags));
    }
}
