package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.FieldRules;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The CRD's rules once more: API servers before 1.25 don't know its CEL rules, and an object that breaks one must not
 * lead to a write.
 */
final class ShareRules {

    private static final int MAX_MEMBERS = 1000;
    private static final int MAX_SETS = 16;

    private ShareRules() {}

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    static Optional<String> violation(@Nullable ImageShareSpec spec, @Nullable ImageShareStatus status) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        return FieldRules.credentials(spec.cloudCredentialsRef())
                .or(() -> image(spec.image(), status))
                .or(() -> members(spec))
                .or(() -> projectRefs(spec))
                .or(() -> projectSetRefs(spec))
                .or(() -> options(spec));
    }

    private static Optional<String> image(@Nullable ImageReference image, @Nullable ImageShareStatus status) {
        if (image == null
                || Stream.of(image.id(), image.filter(), image.ref())
                                .filter(Objects::nonNull)
                                .count()
                        != 1) {
            return Optional.of("spec.image needs exactly one of id, filter and ref.");
        }
        if (image.ref() != null && !FieldRules.isObjectName(image.ref())) {
            return Optional.of("spec.image.ref is no name of an object: write the metadata.name of an ORC Image.");
        }
        if (image.id() != null) {
            var violation = FieldRules.imageId(image.id());
            if (violation.isPresent()) {
                return violation;
            }
        }
        var filter = image.filter();
        if (filter != null) {
            var tags = requireNonNullElse(filter.tags(), List.<String>of());
            if (filter.name() == null && tags.isEmpty()) {
                return Optional.of("spec.image.filter needs a name or at least one tag.");
            }
            if (filter.name() != null && !FieldRules.isText(filter.name(), FieldRules.MAX_NAME)) {
                return Optional.of("spec.image.filter.name must have 1 to 255 characters.");
            }
            if (!FieldRules.areTags(tags)) {
                return Optional.of("spec.image.filter.tags must be at most 64, each of 1 to 255 characters.");
            }
        }
        var known = status == null ? null : status.image();
        if (image.id() != null && known != null && !image.id().equals(known.id())) {
            return Optional.of("spec.image can't be changed (it was " + known.id()
                    + "): another image is another object. Set it back, and create a new ImageShare for " + image.id()
                    + ".");
        }
        // A status of before references were remembered has none.
        if (known != null && known.reference() != null && !known.reference().equals(ReferenceHash.of(image))) {
            return Optional.of("spec.image can't be changed (what it was led to image " + known.id()
                    + "): another image is another object. Set it back, and create a new ImageShare for the other.");
        }
        return Optional.empty();
    }

    private static Optional<String> members(ImageShareSpec spec) {
        if (spec.members() == null && spec.projectRefs() == null && spec.projectSetRefs() == null) {
            return Optional.of("spec needs members, projectRefs or projectSetRefs; write members: [] for no member.");
        }
        var members = requireNonNullElse(spec.members(), List.<DeclaredMember>of());
        if (members.size() > MAX_MEMBERS) {
            return Optional.of("spec.members has " + members.size() + " entries; at most 1,000 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var member : members) {
            var id = member.projectID();
            if (id == null || !FieldRules.isProjectId(id)) {
                return Optional.of("spec.members has a projectID that is no project ID: use the ID that"
                        + " 'openstack project show -c id' prints.");
            }
            if (!seen.add(id)) {
                return Optional.of("spec.members names the project " + id + " twice; remove one.");
            }
            if (member.expiresAt() != null
                    && FieldRules.time(member.expiresAt()).isEmpty()) {
                return Optional.of("spec.members has an expiresAt for " + id
                        + " that is no time: write it like 2027-01-31T00:00:00Z (RFC 3339).");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> projectRefs(ImageShareSpec spec) {
        var refs = requireNonNullElse(spec.projectRefs(), List.<ProjectReference>of());
        if (refs.size() > MAX_MEMBERS) {
            return Optional.of("spec.projectRefs has " + refs.size() + " entries; at most 1,000 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var ref : refs) {
            if (ref.name() == null || !FieldRules.isObjectName(ref.name())) {
                return Optional.of(
                        "spec.projectRefs has a name that is no name of an object: write the metadata.name of an"
                                + " ORC Project.");
            }
            if (!seen.add(ref.name())) {
                return Optional.of("spec.projectRefs names " + ref.name() + " twice; remove one.");
            }
        }
        return requireNonNullElse(spec.members(), List.of()).size() + refs.size() > MAX_MEMBERS
                ? Optional.of("spec.members and spec.projectRefs may name at most 1,000 projects together.")
                : Optional.empty();
    }

    private static Optional<String> projectSetRefs(ImageShareSpec spec) {
        var refs = SetSources.references(spec);
        if (refs.size() > MAX_SETS) {
            return Optional.of("spec.projectSetRefs has " + refs.size() + " entries; at most 16 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var ref : refs) {
            if (ref.name() == null || !FieldRules.isObjectName(ref.name())) {
                return Optional.of(
                        "spec.projectSetRefs has a name that is no name of an object: write the metadata.name"
                                + " of a ProjectSet.");
            }
            if (!seen.add(ref.name())) {
                return Optional.of("spec.projectSetRefs names " + ref.name() + " twice; remove one.");
            }
            var except = requireNonNullElse(ref.except(), List.<String>of());
            if (except.size() > MAX_MEMBERS
                    || new HashSet<>(except).size() < except.size()
                    || !except.stream().allMatch(FieldRules::isProjectId)) {
                return Optional.of("spec.projectSetRefs has an except for " + ref.name()
                        + " that is no list of at most 1,000 project IDs, each once.");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> options(ImageShareSpec spec) {
        if (limit(spec).isEmpty()) {
            return Optional.of("spec.managedOptions.maxRemovals must be a number of members, such as 5, or a percentage"
                    + " from 0% to 100%, such as \"25%\".");
        }
        return FieldRules.resyncPeriod(spec.resyncPeriod());
    }

    static Optional<RemovalLimit> limit(ImageShareSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        if (value.getStrVal() != null) {
            // A number in quotes is a string that the CRD refuses.
            return value.getStrVal().endsWith("%") ? RemovalLimit.parse(value.getStrVal()) : Optional.empty();
        }
        return value.getIntVal() == null ? Optional.empty() : RemovalLimit.number(value.getIntVal());
    }
}
