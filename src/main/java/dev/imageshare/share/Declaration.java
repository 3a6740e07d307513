package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.orc.Referent;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a spec declares: what its {@link Source}s say, merged. Pure.
 *
 * @param projects the projects that shall be members, in order: those of the first source, then those of the next
 * @param kept what sources with a gap stood for last, by the status: neither added nor removed
 * @param changed what sources named before and no longer do, of those whose changes are held
 * @param released what sources named before and no longer do, of those that judged the leaving themselves
 * @param declaredBy the names of the sources that name a project, or named it before; without those that only {@link
 *     Source#SPEC_MEMBERS} names
 * @param image what spec.image.ref stands for; null without one
 * @param gaps what can't be told now
 */
record Declaration(
        List<String> projects,
        Set<String> kept,
        Set<String> changed,
        Set<String> released,
        Map<String, List<String>> declaredBy,
        @Nullable Referent image,
        List<Source.Gap> gaps) {

    /** What a spec declares by itself. */
    static Declaration withoutReferences(ImageShareSpec spec) {
        return of(List.of(Source.specMembers(ShareStatus.declared(spec))), null);
    }

    /**
     * @param sources each with a name of its own, the spec's members first
     * @param image what spec.image.ref stands for; null without one
     */
    static Declaration of(List<Source> sources, @Nullable Referent image) {
        var gaps = new ArrayList<Source.Gap>();
        var projects = new LinkedHashSet<String>();
        var kept = new LinkedHashSet<String>();
        var changed = new LinkedHashSet<String>();
        var released = new LinkedHashSet<String>();
        var declaredBy = new LinkedHashMap<String, List<String>>();
        for (var source : sources) {
            projects.addAll(source.wants());
            kept.addAll(source.kept());
            released.addAll(source.released());
            if (source.changes() == Source.Changes.HOLD) {
                changed.addAll(source.before());
            }
            if (source.gap() != null) {
                gaps.add(source.gap());
            }
            if (!source.name().equals(Source.SPEC_MEMBERS)) {
                var its = new LinkedHashSet<>(source.wants());
                its.addAll(source.before());
                its.forEach(project -> declaredBy
                        .computeIfAbsent(project, p -> new ArrayList<>())
                        .add(source.name()));
            }
        }
        sources.stream()
                .filter(source -> source.name().equals(Source.SPEC_MEMBERS))
                .flatMap(source -> source.wants().stream())
                .forEach(project -> declaredBy.computeIfPresent(project, (p, names) -> {
                    names.add(0, Source.SPEC_MEMBERS);
                    return names;
                }));
        kept.removeAll(projects);
        for (var left : List.of(changed, released)) {
            left.removeAll(projects);
            left.removeAll(kept);
        }
        released.removeAll(changed);
        var names = new HashMap<String, List<String>>();
        declaredBy.forEach((project, its) -> names.put(project, List.copyOf(its)));
        return new Declaration(
                List.copyOf(projects),
                Set.copyOf(kept),
                Set.copyOf(changed),
                Set.copyOf(released),
                Map.copyOf(names),
                image,
                List.copyOf(gaps));
    }

    /** Whether every source and the image can be told; while one can't, nothing is removed. */
    boolean isComplete() {
        return gaps.isEmpty() && !(image instanceof Unresolved);
    }

    /** What is declared, or was when its source could last be told. */
    Set<String> all() {
        var all = new LinkedHashSet<>(projects);
        all.addAll(new TreeSet<>(kept));
        return all;
    }

    /** How many sources there are that aren't known to have stood for anything. */
    int unknown() {
        return (int) gaps.stream().filter(Source.Gap::isUnknown).count();
    }

    /**
     * What can't be told, why, and what to do; empty if all can.
     *
     * @param namespace the object's
     */
    Optional<Problem> problem(ImageShareSpec spec, String namespace) {
        if (isComplete()) {
            return Optional.empty();
        }
        var parts = new ArrayList<String>();
        if (image instanceof Unresolved unresolved && spec.image() != null) {
            parts.add(OrcSources.waitingForImage(String.valueOf(spec.image().ref()), unresolved, namespace));
        }
        var byCause = new LinkedHashMap<String, List<Source.Gap>>();
        gaps.forEach(gap -> byCause.computeIfAbsent(gap.kind() + gap.cause(), k -> new ArrayList<>())
                .add(gap));
        byCause.values()
                .forEach(those -> parts.add("Waiting for " + those.get(0).kind() + " "
                        + EventRecorder.names(
                                those.stream().map(Source.Gap::name).toList()) + ": "
                        + those.get(0).because()));
        parts.add("No member is removed until then.");
        return Optional.of(Problem.of(Reason.WaitingForReference, String.join(" ", parts)));
    }
}
