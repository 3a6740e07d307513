package dev.imageshare.rotation;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.FamilyBy;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ShareTemplate;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The CRD's rules once more: API servers before 1.25 don't know its CEL rules, and an object that breaks one must not lead to a
 * write.
 */
public final class ImageShareSetRules {

    private static final int MAX_CLOUDS = 16;
    private static final int MAX_PROPERTIES = 16;
    private static final int MAX_KEYS = 32;
    private static final int MAX_KEEP = 1_000;
    private static final int MAX_LABEL = 63;
    private static final int MAX_ANNOTATION = 4_096;
    private static final Duration LEAST_RETIREMENT = Duration.ofSeconds(1);

    private static final Pattern CLOUD_NAME = Pattern.compile(ImageShareSetSpec.CLOUD_NAME);
    private static final Pattern KEY_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?");

    /** An image's ID, of an ImageShare that stands for all that the template makes. */
    private static final String ANY_IMAGE = "00000000-0000-4000-8000-000000000000";

    private ImageShareSetRules() {}

    /**
     * The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none.
     *
     * @param ofShares the same for an ImageShare's spec
     */
    public static Optional<String> violation(
            @Nullable ImageShareSetSpec spec, Function<ImageShareSpec, Optional<String>> ofShares) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        return clouds(requireNonNullElse(spec.clouds(), List.of()))
                .or(() -> images(spec.images()))
                .or(() -> options(spec))
                .or(() -> template(spec, ofShares));
    }

    private static Optional<String> clouds(List<ImageCloud> clouds) {
        if (clouds.isEmpty() || clouds.size() > MAX_CLOUDS) {
            return Optional.of("spec.clouds must have 1 to 16 entries.");
        }
        var seen = new HashSet<String>();
        for (var cloud : clouds) {
            var name = cloud.name();
            if (name == null
                    || name.length() > ImageShareSetSpec.MAX_CLOUD_NAME
                    || !CLOUD_NAME.matcher(name).matches()) {
                return Optional.of(
                        "spec.clouds has an entry without a name of lower case letters, digits and '-', at most"
                                + " 63.");
            }
            if (!seen.add(name)) {
                return Optional.of("spec.clouds names " + name + " twice; remove one.");
            }
            if (FieldRules.credentials(cloud.cloudCredentialsRef()).isPresent()) {
                return Optional.of("spec.clouds: cloudCredentialsRef of " + name
                        + " needs secretName and cloudName (at most 253 and 256 characters).");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> images(@Nullable ImageSelection images) {
        if (images == null || images.filter() == null) {
            return Optional.of("spec.images needs filter: which images are shared.");
        }
        return filter(images.filter())
                .or(() -> family(images))
                .or(() -> order(images))
                .or(() -> retirement(images));
    }

    private static Optional<String> filter(SetFilter filter) {
        var tags = requireNonNullElse(filter.tags(), List.<String>of());
        var properties = requireNonNullElse(filter.properties(), Map.<String, String>of());
        if (filter.name() == null && filter.namePattern() == null && tags.isEmpty() && properties.isEmpty()) {
            return Optional.of("spec.images.filter needs name, namePattern, tags or properties.");
        }
        if (filter.name() != null && !FieldRules.isText(filter.name(), FieldRules.MAX_NAME)) {
            return Optional.of("spec.images.filter.name must have 1 to 255 characters.");
        }
        if (filter.namePattern() != null && !FieldRules.isText(filter.namePattern(), FieldRules.MAX_NAME)) {
            return Optional.of("spec.images.filter.namePattern must have 1 to 255 characters.");
        }
        if (!FieldRules.areTags(tags)) {
            return Optional.of("spec.images.filter.tags must be at most 64, each of 1 to 255 characters.");
        }
        return properties.size() > MAX_PROPERTIES
                        || !properties.keySet().stream().allMatch(key -> FieldRules.isText(key, FieldRules.MAX_NAME))
                        || properties.values().stream()
                                .anyMatch(value -> value.codePointCount(0, value.length()) > FieldRules.MAX_NAME)
                ? Optional.of(
                        "spec.images.filter.properties must be at most 16, with names of 1 to 255 characters and values"
                                + " of at most 255.")
                : Optional.empty();
    }

    private static Optional<String> family(ImageSelection images) {
        var family = images.family();
        if (family == null) {
            return Optional.empty();
        }
        if (family.by() == null) {
            return Optional.of("spec.images.family needs by: Name or Property.");
        }
        return (family.by() == FamilyBy.Property) == (family.property() != null)
                        && (family.property() == null || FieldRules.isText(family.property(), FieldRules.MAX_NAME))
                ? Optional.empty()
                : Optional.of(
                        "spec.images.family needs property (1 to 255 characters) with by: Property, and has none with"
                                + " by: Name.");
    }

    private static Optional<String> order(ImageSelection images) {
        var orderBy = images.orderBy();
        if (orderBy == null) {
            return Optional.empty();
        }
        if (images.family() == null) {
            return Optional.of("spec.images.orderBy needs spec.images.family: it orders the images of a family.");
        }
        return orderBy.type() == null || !FieldRules.isText(orderBy.property(), FieldRules.MAX_NAME)
                ? Optional.of(
                        "spec.images.orderBy needs property (1 to 255 characters) and type: Date, Number or Version.")
                : Optional.empty();
    }

    private static Optional<String> retirement(ImageSelection images) {
        if (images.keep() != null && images.family() == null) {
            return Optional.of(
                    "spec.images.keep needs spec.images.family: without it each image stands for itself, and all"
                            + " are kept.");
        }
        if ((images.keep() == null) != (images.retireAfter() == null)) {
            return Optional.of(
                    "spec.images needs keep and retireAfter together: how many of a family are kept, and how long"
                            + " one beyond them stays shared.");
        }
        if (images.keep() != null && (images.keep() < 1 || images.keep() > MAX_KEEP)) {
            return Optional.of("spec.images.keep must be from 1 to 1,000.");
        }
        return images.retireAfter() != null && retireAfter(images).isEmpty()
                ? Optional.of("spec.images.retireAfter must be at least 1s, for example 720h.")
                : Optional.empty();
    }

    private static Optional<String> options(ImageShareSetSpec spec) {
        return limit(spec).isEmpty()
                ? Optional.of(
                        "spec.managedOptions.maxRemovals must be a number of ImageShares, such as 5, or a percentage"
                                + " from 0% to 100%, such as \"25%\".")
                : FieldRules.resyncPeriod(spec.resyncPeriod());
    }

    private static Optional<String> template(
            ImageShareSetSpec spec, Function<ImageShareSpec, Optional<String>> ofShares) {
        var template = spec.template();
        if (template == null || template.spec() == null) {
            return Optional.of("spec.template needs spec: what each ImageShare is made of.");
        }
        return metadata(template)
                .or(() -> ofShares.apply(SetOwnership.wantedSpec(
                                template, Objects.requireNonNull(spec.clouds()).get(0), ANY_IMAGE))
                        .map(violation -> violation.replaceAll("(?<![.\\w])spec(?=[. ])", "spec.template.spec")));
    }

    private static Optional<String> metadata(ShareTemplate template) {
        var metadata = template.metadata();
        if (metadata == null) {
            return Optional.empty();
        }
        var labels = requireNonNullElse(metadata.labels(), Map.<String, String>of());
        var annotations = requireNonNullElse(metadata.annotations(), Map.<String, String>of());
        return keys("labels", labels)
                .or(() -> keys("annotations", annotations))
                .or(() -> labels.values().stream()
                                .allMatch(value -> value.length() <= MAX_LABEL
                                        && LABEL_VALUE.matcher(value).matches())
                        ? Optional.empty()
                        : Optional.of(
                                "spec.template.metadata.labels has a value that isn't a valid label value: at most 63 letters,"
                                        + " digits, '-', '_' and '.'."))
                .or(() -> annotations.values().stream().allMatch(value -> value.length() <= MAX_ANNOTATION)
                        ? Optional.empty()
                        : Optional.of("spec.template.metadata.annotations has a value of more than 4,096 characters."));
    }

    private static Optional<String> keys(String which, Map<String, String> map) {
        if (map.size() > MAX_KEYS) {
            return Optional.of("spec.template.metadata." + which + " must be at most 32.");
        }
        for (var key : map.keySet()) {
            if (key.contains("imageshare.dev/") || key.contains("kubectl.kubernetes.io/")) {
                return Optional.of("spec.template.metadata." + which
                        + " can't have keys of imageshare.dev or kubectl.kubernetes.io.");
            }
            var slash = key.indexOf('/');
            if ((slash >= 0 && !FieldRules.isObjectName(key.substring(0, slash)))
                    || !KEY_NAME.matcher(key.substring(slash + 1)).matches()) {
                return Optional.of("spec.template.metadata." + which
                        + " has a key that isn't valid: write it as name or example.org/name.");
            }
        }
        return Optional.empty();
    }

    static Optional<RemovalLimit> limit(ImageShareSetSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        if (value.getStrVal() != null) {
            // A number in quotes is a string that the CRD refuses.
            return value.getStrVal().endsWith("%") ? RemovalLimit.parse(value.getStrVal()) : Optional.empty();
        }
        return value.getIntVal() == null ? Optional.empty() : RemovalLimit.number(value.getIntVal());
    }

    /** How long an image beyond keep stays shared; empty if there is no such image, or the text is none. */
    static Optional<Duration> retireAfter(ImageSelection images) {
        return Optional.ofNullable(images.retireAfter())
                .flatMap(GoDuration::parse)
                .filter(period -> period.compareTo(LEAST_RETIREMENT) >= 0);
    }
}
