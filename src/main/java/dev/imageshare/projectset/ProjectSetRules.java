package dev.imageshare.projectset;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.GoDuration;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The CRD's rules, checked again: API servers before 1.25 don't evaluate CEL, and an object that breaks a rule must not change
 * the set.
 */
public final class ProjectSetRules {

    private static final int MAX_LISTED = 1_000;
    private static final int MAX_SELECTORS = 8;
    private static final int MAX_SELECTOR_NAME = 63;
    private static final int MAX_ORIGINS = 64;
    private static final int MAX_LABELS = 16;
    private static final Duration LEAST_ACCESS = Duration.ofMinutes(1);
    private static final Duration LEAST_ABSENCE = Duration.ofSeconds(1);
    private static final Pattern SELECTOR_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    private ProjectSetRules() {}

    /** The first rule that the spec breaks, naming the field and the fix; empty if it is valid. */
    public static Optional<String> violation(@Nullable ProjectSetSpec spec) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        var selectors = requireNonNullElse(spec.selectors(), List.<ProjectSelector>of());
        if (spec.projects() == null && spec.selectors() == null && spec.requests() == null) {
            return Optional.of(
                    "spec needs projects, selectors or requests; write projects: [] for a set without projects.");
        }
        if (spec.cloudCredentialsRef() == null && !selectors.isEmpty()) {
            return Optional.of("spec.selectors needs spec.cloudCredentialsRef: the set's cloud.");
        }
        if (spec.cloudCredentialsRef() == null && spec.requests() != null) {
            return Optional.of("spec.requests needs spec.cloudCredentialsRef: the set's cloud.");
        }
        return credentials(spec)
                .or(() -> projects(requireNonNullElse(spec.projects(), List.of())))
                .or(() -> selectors(selectors))
                .or(() -> exclude(requireNonNullElse(spec.exclude(), List.of())))
                .or(() -> spec.requests() == null ? Optional.empty() : requests(spec.requests()))
                .or(() -> options(spec));
    }

    private static Optional<String> credentials(ProjectSetSpec spec) {
        return spec.cloudCredentialsRef() == null
                ? Optional.empty()
                : FieldRules.credentials(spec.cloudCredentialsRef());
    }

    private static Optional<String> projects(List<ProjectEntry> projects) {
        if (projects.size() > MAX_LISTED) {
            return Optional.of("spec.projects has " + projects.size() + " entries; at most 1,000 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var entry : projects) {
            var id = entry.projectID();
            if (!FieldRules.isProjectId(id)) {
                return Optional.of("spec.projects has a projectID that is no project ID: use the ID that"
                        + " 'openstack project show -c id' prints.");
            }
            if (!seen.add(id)) {
                return Optional.of("spec.projects names the project " + id + " twice; remove one.");
            }
            if (entry.name() != null && !FieldRules.isText(entry.name(), FieldRules.MAX_NAME)) {
                return Optional.of("spec.projects: the name of project " + id + " must have 1 to 255 characters.");
            }
            if (entry.expiresAt() != null && expiry(entry).isEmpty()) {
                return Optional.of("spec.projects: expiresAt of project " + id
                        + " must be an RFC 3339 time, such as 2027-01-31T00:00:00Z.");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> selectors(List<ProjectSelector> selectors) {
        if (selectors.size() > MAX_SELECTORS) {
            return Optional.of("spec.selectors has " + selectors.size() + " entries; at most 8 are allowed.");
        }
        var seen = new HashSet<String>();
        for (var selector : selectors) {
            var name = selector.name();
            if (name == null
                    || name.length() > MAX_SELECTOR_NAME
                    || !SELECTOR_NAME.matcher(name).matches()) {
                return Optional.of(
                        "spec.selectors has an entry without a name of lower case letters, digits and '-', at most"
                                + " 63.");
            }
            if (!seen.add(name)) {
                return Optional.of("spec.selectors names " + name + " twice; remove one.");
            }
            var violation = selector(name, selector);
            if (violation.isPresent()) {
                return violation;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> selector(String name, ProjectSelector selector) {
        if (Stream.of(selector.domain(), selector.parent(), selector.assigned())
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            return Optional.of(
                    "spec.selectors: selector " + name + " needs exactly one of domain, parent and assigned.");
        }
        if (selector.domain() != null
                && !FieldRules.isProjectId(selector.domain().id())) {
            return Optional.of("spec.selectors: selector " + name + " needs domain.id, which"
                    + " 'openstack domain show -c id' prints.");
        }
        if (selector.parent() != null
                && !FieldRules.isProjectId(selector.parent().projectID())) {
            return Optional.of("spec.selectors: selector " + name + " needs parent.projectID, which"
                    + " 'openstack project show -c id' prints.");
        }
        if (selector.parent() != null && selector.filter() != null) {
            return Optional.of("spec.selectors: selector " + name
                    + " has a parent and can't have a filter: Keystone lists only IDs there.");
        }
        var ref = selector.cloudCredentialsRef();
        if (ref != null && FieldRules.credentials(ref).isPresent()) {
            return Optional.of("spec.selectors: cloudCredentialsRef of selector " + name
                    + " needs secretName and cloudName (at most 253 and 256 characters).");
        }
        return selector.filter() == null ? Optional.empty() : filter(name, selector.filter());
    }

    private static Optional<String> filter(String name, SelectorFilter filter) {
        var tags = Stream.of(filter.tags(), filter.tagsAny(), filter.notTags(), filter.notTagsAny())
                .filter(Objects::nonNull)
                .toList();
        if (filter.enabled() == null && filter.namePattern() == null && tags.isEmpty()) {
            return Optional.of("spec.selectors: the filter of selector " + name
                    + " must say something; leave it out for all projects.");
        }
        if (filter.namePattern() != null && !FieldRules.isText(filter.namePattern(), FieldRules.MAX_NAME)) {
            return Optional.of(
                    "spec.selectors: filter.namePattern of selector " + name + " must have 1 to 255 characters.");
        }
        return tags.stream().allMatch(list -> !list.isEmpty() && FieldRules.areTags(list))
                ? Optional.empty()
                : Optional.of("spec.selectors: tags, tagsAny, notTags and notTagsAny of the filter of selector " + name
                        + " must each have 1 to 64 tags of 1 to 255 characters.");
    }

    private static Optional<String> exclude(List<String> exclude) {
        if (exclude.size() > MAX_LISTED) {
            return Optional.of("spec.exclude has " + exclude.size() + " entries; at most 1,000 are allowed.");
        }
        if (!exclude.stream().allMatch(FieldRules::isProjectId)) {
            return Optional.of("spec.exclude has an entry that is no project ID: use the ID that"
                    + " 'openstack project show -c id' prints.");
        }
        return new HashSet<>(exclude).size() < exclude.size()
                ? Optional.of("spec.exclude names a project twice; remove one.")
                : Optional.empty();
    }

    private static Optional<String> requests(RequestPolicy requests) {
        var from = requireNonNullElse(requests.from(), List.<RequestOrigin>of());
        if (from.isEmpty() || from.size() > MAX_ORIGINS) {
            return Optional.of("spec.requests.from needs 1 to 64 entries; remove spec.requests if nobody may ask.");
        }
        for (var origin : from) {
            if ((origin.namespace() == null) == (origin.namespaceSelector() == null)) {
                return Optional.of(
                        "an entry of spec.requests.from needs exactly one of namespace and namespaceSelector.");
            }
            if (origin.namespaceSelector() != null
                    && (origin.namespaceSelector().matchLabels() == null
                            || origin.namespaceSelector().matchLabels().isEmpty()
                            || origin.namespaceSelector().matchLabels().size() > MAX_LABELS)) {
                return Optional.of("spec.requests.from: namespaceSelector.matchLabels needs 1 to 16 labels.");
            }
        }
        return requests.maxDuration() == null || maxDuration(requests).isPresent()
                ? Optional.empty()
                : Optional.of("spec.requests.maxDuration must be at least 1m, for example 4320h.");
    }

    /** How long an access lasts at most; empty without an end. */
    public static Optional<Duration> maxDuration(RequestPolicy requests) {
        return requests.maxDuration() == null
                ? Optional.empty()
                : GoDuration.parse(requests.maxDuration()).filter(duration -> duration.compareTo(LEAST_ACCESS) >= 0);
    }

    private static Optional<String> options(ProjectSetSpec spec) {
        if (absentFor(spec).isEmpty()) {
            return Optional.of("spec.managedOptions.absentFor must be at least 1s, for example 24h.");
        }
        if (limit(spec).isEmpty()) {
            return Optional.of(
                    "spec.managedOptions.maxRemovals must be a number of projects, such as 5, or a percentage"
                            + " from 0% to 100%, such as \"25%\".");
        }
        return FieldRules.resyncPeriod(spec.resyncPeriod());
    }

    static Optional<Duration> absentFor(ProjectSetSpec spec) {
        return GoDuration.parse(spec.managedOptions().absentFor())
                .filter(period -> period.compareTo(LEAST_ABSENCE) >= 0);
    }

    static Optional<RemovalLimit> limit(ProjectSetSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        if (value.getStrVal() != null) {
            // A number in quotes is a string that the CRD refuses.
            return value.getStrVal().endsWith("%") ? RemovalLimit.parse(value.getStrVal()) : Optional.empty();
        }
        return value.getIntVal() == null ? Optional.empty() : RemovalLimit.number(value.getIntVal());
    }

    /** When the entry ends; empty if it doesn't, or if the text isn't a time. */
    static Optional<Instant> expiry(ProjectEntry entry) {
        if (entry.expiresAt() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(entry.expiresAt()).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
