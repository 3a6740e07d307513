package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.FollowedSet;
import dev.imageshare.share.SetReferent.Known;
import dev.imageshare.share.SetReferent.Unusable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ProjectSets that a spec names, as {@link Source}s. Pure. */
final class SetSources {

    private static final String KIND = "ProjectSet";

    private SetSources() {}

    /** The names of the ProjectSets that a spec names. */
    static List<String> names(ImageShareSpec spec) {
        return references(spec).stream()
                .map(ProjectSetReference::name)
                .filter(Objects::nonNull)
                .toList();
    }

    static List<ProjectSetReference> references(ImageShareSpec spec) {
        return requireNonNullElse(spec.projectSetRefs(), List.of());
    }

    /** The name of the source that this ProjectSet is. */
    static String sourceName(String set) {
        return KIND + "/" + set;
    }

    /**
     * @param reference has passed {@link ShareRules}
     * @param status remembers what the set stood for, and which set it was
     * @param referent what its name stands for now
     */
    static Source source(
            ProjectSetReference reference, @Nullable ImageShareStatus status, String namespace, SetReferent referent) {
        var name = Objects.requireNonNull(reference.name());
        var source = sourceName(name);
        var before = ShareStatus.projects(
                status, m -> m.sources() != null && m.sources().contains(source));
        var last = followed(status, name);
        if (referent instanceof Unusable unusable) {
            return new Source(
                    source,
                    List.of(),
                    before,
                    declared(status, source),
                    Source.Changes.REMOVE,
                    Set.of(),
                    last.map(set -> new Source.SetIdentity(set, null)).orElse(null),
                    gap(name, unusable.why().name(), because(unusable.why(), name, namespace), status, source));
        }
        var set = (Known) referent;
        var except = Set.copyOf(requireNonNullElse(reference.except(), List.<String>of()));
        var now = new FollowedSet(name, set.uid(), set.establishedAt());
        var released = new HashSet<>(set.released());
        if (last.filter(now::equals).isEmpty()) {
            released.clear(); // made anew, or restored without its memory: what it let go wasn't judged for this object
        }
        released.retainAll(before);
        return new Source(
                source,
                set.projects().stream()
                        .filter(wish -> !except.contains(wish.project()))
                        .toList(),
                before,
                set.isComplete() ? Set.of() : declared(status, source),
                Source.Changes.REMOVE,
                set.isComplete() ? released : Set.of(),
                new Source.SetIdentity(now, set.cloud()),
                set.isComplete() ? null : gap(name, "incomplete", incomplete(name, namespace), status, source));
    }

    private static Set<String> declared(@Nullable ImageShareStatus status, String source) {
        return ShareStatus.projects(
                status, m -> m.declared() && m.sources() != null && m.sources().contains(source));
    }

    private static Source.Gap gap(
            String name, String cause, String because, @Nullable ImageShareStatus status, String source) {
        return new Source.Gap(
                KIND, name, cause, because, declared(status, source).isEmpty());
    }

    private static String incomplete(String name, String namespace) {
        return "not all that it names could be read, so nobody leaves by it. What keeps it: kubectl describe -n "
                + namespace + " projectsets " + name + ".";
    }

    private static Optional<FollowedSet> followed(@Nullable ImageShareStatus status, String name) {
        return status == null || status.projectSets() == null
                ? Optional.empty()
                : status.projectSets().stream()
                        .filter(set -> set.name().equals(name))
                        .findFirst();
    }

    private static String because(SetReferent.SetGap why, String name, String namespace) {
        return switch (why) {
            case NOT_SERVED ->
                "the CRD projectsets.imageshare.dev is not installed. Install deploy/components/project-sets, or declare the"
                        + " IDs in spec.members.";
            case NOT_ASKED ->
                "only the cluster knows its projects, and it isn't asked here. Give the object with its status in the files"
                        + " or the cluster's state (kubectl get projectsets -A -o yaml).";
            case ABSENT ->
                "not in namespace " + namespace
                        + ". Create it, or take it out of spec.projectSetRefs; then those that only it declared are removed.";
            case GOING ->
                "being deleted, by which nobody loses access. To remove its projects, take it out of spec.projectSetRefs.";
            case NOT_READ ->
                "its status isn't about its spec yet, so nobody joins or leaves by it. If that stays so: kubectl describe -n "
                        + namespace + " projectsets " + name + ".";
        };
    }
}
