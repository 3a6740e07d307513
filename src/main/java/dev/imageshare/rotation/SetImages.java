package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSetSpec.FamilyBy;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.ImageQuery;
import dev.imageshare.reconcile.NamePattern;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@code spec.images} says of an image: whether it is meant, its family, and its place there. */
final class SetImages {

    private final ImageSelection selection;
    private final SetFilter filter;
    private final List<String> tags;
    private final Map<String, String> properties;
    private final @Nullable NamePattern pattern;

    /** @param selection has passed {@link ImageShareSetRules} */
    SetImages(ImageSelection selection) {
        this.selection = selection;
        filter = requireNonNull(selection.filter());
        tags = requireNonNullElse(filter.tags(), List.of());
        properties = requireNonNullElse(filter.properties(), Map.of());
        pattern = filter.namePattern() == null ? null : new NamePattern(filter.namePattern());
    }

    /** The properties that are asked about. */
    Set<String> names() {
        var names = new TreeSet<>(properties.keySet());
        var family = selection.family();
        if (family != null && family.property() != null) {
            names.add(family.property());
        }
        if (selection.orderBy() != null) {
            names.add(requireNonNull(selection.orderBy().property()));
        }
        return names;
    }

    /** As much as the image service can be asked for: what it filters by properties would mean its own query too. */
    ImageQuery query(String projectId) {
        var query = ImageQuery.ownedBy(projectId).tagged(tags);
        return filter.name() == null ? query : query.named(filter.name());
    }

    /** Whether the filter means the image. What was asked for is checked again: the answer is from outside. */
    boolean matches(ImageDetails found) {
        var image = found.image();
        return (filter.name() == null || filter.name().equals(image.name()))
                && (pattern == null || pattern.matches(image.name()))
                && image.tags().containsAll(tags)
                && properties.entrySet().stream()
                        .allMatch(wanted ->
                                wanted.getValue().equals(found.properties().get(wanted.getKey())));
    }

    /** The image's family; empty if it lacks the property. */
    Optional<String> family(ImageDetails found) {
        var family = selection.family();
        if (family == null) {
            return Optional.of(found.image().id());
        }
        return family.by() == FamilyBy.Name
                ? Optional.of(found.image().name())
                : Optional.ofNullable(found.properties().get(requireNonNull(family.property())))
                        .filter(value -> !value.isEmpty());
    }

    /** Its place in the family; empty if its value can't be read. */
    Optional<OrderKey> order(ImageDetails found) {
        var orderBy = selection.orderBy();
        return orderBy == null
                ? Optional.ofNullable(found.image().createdAt()).map(OrderKey::of)
                : Optional.ofNullable(found.properties().get(requireNonNull(orderBy.property())))
                        .flatMap(value -> OrderKey.read(value, requireNonNull(orderBy.type())));
    }

    /** What is missing of an image that is left out, for people. */
    String lack(ImageDetails found) {
        if (family(found).isEmpty()) {
            return "it has no property " + requireNonNull(selection.family()).property();
        }
        var orderBy = selection.orderBy();
        if (orderBy == null) {
            return "Glance doesn't say when it was created";
        }
        var value = found.properties().get(requireNonNull(orderBy.property()));
        return value == null
                ? "it has no property " + orderBy.property()
                : "its " + orderBy.property() + " \"" + value + "\" is not a " + orderBy.type();
    }
}
