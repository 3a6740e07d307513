package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The CRD's rules once more: API servers before 1.25 don't know its CEL rules, and an object that breaks one must not
 * lead to a write.
 */
final class SpecRules {

    static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern PROJECT_ID = Pattern.compile("[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,254}");
    private static final int MAX_MEMBERS = 1000;
    private static final int MAX_NAME = 255;
    private static final int MAX_TAGS = 64;

    private SpecRules() {}

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    static Optional<String> violation(@Nullable ImageShareSpec spec, @Nullable ImageShareStatus status) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        var ref = spec.cloudCredentialsRef();
        if (ref == null || !isText(ref.secretName(), 253) || !isText(ref.cloudName(), 256)) {
            return Optional.of(
                    "spec.cloudCredentialsRef needs secretName and cloudName (at most 253 and 256 characters).");
        }
        return image(spec.image(), status).or(() -> members(spec)).or(() -> options(spec));
    }

    private static Optional<String> image(@Nullable ImageReference image, @Nullable ImageShareStatus status) {
        if (image == null || (image.id() == null) == (image.filter() == null)) {
            return Optional.of("spec.image needs exactly one of id and filter.");
        }
        if (image.id() != null && !UUID.matcher(image.id()).matches()) {
            return Optional.of("spec.image.id is no image ID: write the UUID in lower case that"
                    + " 'openstack image show -c id' prints.");
        }
        var filter = image.filter();
        if (filter != null) {
            var tags = requireNonNullElse(filter.tags(), List.<String>of());
            if (filter.name() == null && tags.isEmpty()) {
                return Optional.of("spec.image.filter needs a name or at least one tag.");
            }
            if (filter.name() != null && !isText(filter.name(), MAX_NAME)) {
                return Optional.of("spec.image.filter.name must have 1 to 255 characters.");
            }
            if (tags.size() > MAX_TAGS || !tags.stream().allMatch(tag -> isText(tag, MAX_NAME))) {
                return Optional.of("spec.image.filter.tags must be at most 64, each of 1 to 255 characters.");
            }
        }
        var known = status == null ? null : status.image();
        if (image.id() != null && known != null && !image.id().equals(known.id())) {
            return Optional.of("spec.image can't be changed (it was " + known.id()
                    + "): another image is another object. Set it back, and create a new ImageShare for " + image.id()
                    + ".");
        }
        return Optional.empty();
    }

    private static Optional<String> members(ImageShareSpec spec) {
        var members = spec.members();
        if (members == null) {
            return Optional.of("spec.members is missing; write members: [] for none.");
        }
        if (members.size() > MAX_MEMBERS) {
            return Optional.of("spec.members has " + members.size() + " entries; at most 1,000 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var member : members) {
            var id = member.projectID();
            if (id == null || !PROJECT_ID.matcher(id).matches()) {
                return Optional.of("spec.members has a projectID that is no project ID: use the ID that"
                        + " 'openstack project show -c id' prints.");
            }
            if (!seen.add(id)) {
                return Optional.of("spec.members names the project " + id + " twice; remove one.");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> options(ImageShareSpec spec) {
        var resync = GoDuration.parse(spec.resyncPeriod());
        if (resync.isEmpty() || (!resync.get().isZero() && resync.get().compareTo(Duration.ofSeconds(1)) < 0)) {
            return Optional.of("spec.resyncPeriod must be 0s (never) or at least 1s, for example 10m.");
        }
        if (limit(spec).isEmpty()) {
            return Optional.of("spec.managedOptions.maxRemovals must be a number of members, such as 5, or a percentage"
                    + " from 0% to 100%, such as \"25%\".");
        }
        return Optional.empty();
    }

    static Optional<RemovalLimit> limit(ImageShareSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        if (value.getStrVal() != null) {
            // A number in quotes is a string that the CRD refuses.
            return value.getStrVal().endsWith("%") ? RemovalLimit.parse(value.getStrVal()) : Optional.empty();
        }
        return value.getIntVal() == null ? Optional.empty() : RemovalLimit.parse(Integer.toString(value.getIntVal()));
    }

    private static boolean isText(@Nullable String text, int atMost) {
        return text != null && !text.isEmpty() && text.codePointCount(0, text.length()) <= atMost;
    }
}
