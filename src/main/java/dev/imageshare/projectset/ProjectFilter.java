package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.openstack.DirectoryProject;
import dev.imageshare.reconcile.NamePattern;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects projects of a list; all fields of the filter must match. A field that Keystone doesn't return doesn't match. Tags and
 * names are compared here, since Keystone filters them only after it has cut the page.
 */
public final class ProjectFilter implements Predicate<DirectoryProject> {

    private final @Nullable Boolean enabled;
    private final Set<String> tags;
    private final Set<String> tagsAny;
    private final Set<String> notTags;
    private final Set<String> notTagsAny;
    private final @Nullable NamePattern name;

    /** @param filter the spec's; null matches all projects. An empty list is ignored. */
    public ProjectFilter(@Nullable SelectorFilter filter) {
        enabled = filter == null ? null : filter.enabled();
        tags = set(filter == null ? null : filter.tags());
        tagsAny = set(filter == null ? null : filter.tagsAny());
        notTags = set(filter == null ? null : filter.notTags());
        notTagsAny = set(filter == null ? null : filter.notTagsAny());
        name = filter == null || filter.namePattern() == null ? null : new NamePattern(filter.namePattern());
    }

    private static Set<String> set(@Nullable List<String> tags) {
        return tags == null ? Set.of() : Set.copyOf(tags);
    }

    @Override
    public boolean test(DirectoryProject project) {
        var has = project.tags();
        return (enabled == null || enabled.equals(project.enabled()))
                && has.containsAll(tags)
                && (tagsAny.isEmpty() || tagsAny.stream().anyMatch(has::contains))
                && (notTags.isEmpty() || !has.containsAll(notTags))
                && notTagsAny.stream().noneMatch(has::contains)
                && (name == null || (project.name() != null && name.matches(project.name())));
    }
}
