package dev.imageshare.acceptance;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.reconcile.FieldRules;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The CRD's rules once more: API servers before 1.25 don't know its CEL rules, and an object that breaks one must not
 * lead to a write.
 */
final class AcceptanceRules {

    private static final int MAX_OWNERS = 64;

    private AcceptanceRules() {}

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    static Optional<String> violation(@Nullable ImageAcceptanceSpec spec, @Nullable ImageAcceptanceStatus status) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        return FieldRules.credentials(spec.cloudCredentialsRef())
                .or(() -> images(spec, status))
                .or(() -> answer(spec))
                .or(() -> FieldRules.resyncPeriod(spec.resyncPeriod()));
    }

    private static Optional<String> images(ImageAcceptanceSpec spec, @Nullable ImageAcceptanceStatus status) {
        var image = spec.image();
        var from = spec.from();
        if ((image == null) == (from == null)) {
            return Optional.of(
                    "spec needs exactly one of image and from: an image by its id, or the owners whose images"
                            + " are answered.");
        }
        if (from != null) {
            return from(from);
        }
        var id = image == null ? null : image.id();
        return FieldRules.imageId(id).or(() -> changed(id, status));
    }

    private static Optional<String> changed(@Nullable String id, @Nullable ImageAcceptanceStatus status) {
        var known = status == null || status.images() == null
                ? List.<ImageAcceptanceStatus.OfferInfo>of()
                : status.images();
        return known.isEmpty() || known.stream().anyMatch(offer -> offer.id().equals(id))
                ? Optional.empty()
                : Optional.of("spec.image can't be changed (it was "
                        + known.get(0).id()
                        + "): another image is another object. Set it back, and create a new ImageAcceptance for " + id
                        + ".");
    }

    private static Optional<String> from(From from) {
        var owners = from.owners();
        if (owners == null || owners.isEmpty() || owners.size() > MAX_OWNERS) {
            return Optional.of("spec.from.owners needs 1 to 64 project IDs.");
        }
        if (!owners.stream().allMatch(FieldRules::isProjectId)) {
            return Optional.of("spec.from.owners has an entry that is no project ID: use the ID that"
                    + " 'openstack project show -c id' prints.");
        }
        if (new HashSet<>(owners).size() < owners.size()) {
            return Optional.of("spec.from.owners names a project twice; remove one.");
        }
        var filter = from.filter();
        if (filter == null) {
            return Optional.empty();
        }
        var tags = requireNonNullElse(filter.tags(), List.<String>of());
        if (filter.namePattern() == null && tags.isEmpty()) {
            return Optional.of(
                    "spec.from.filter needs a namePattern or at least one tag; leave it out for all images.");
        }
        if (filter.namePattern() != null && !FieldRules.isText(filter.namePattern(), FieldRules.MAX_NAME)) {
            return Optional.of("spec.from.filter.namePattern must have 1 to 255 characters.");
        }
        return FieldRules.areTags(tags)
                ? Optional.empty()
                : Optional.of("spec.from.filter.tags must be at most 64, each of 1 to 255 characters.");
    }

    private static Optional<String> answer(ImageAcceptanceSpec spec) {
        return spec.memberStatus() == null
                ? Optional.of("spec.memberStatus must be accepted, rejected or pending.")
                : Optional.empty();
    }
}
