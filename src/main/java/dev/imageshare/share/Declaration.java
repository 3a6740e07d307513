package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.Referent;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.share.Source.Wish;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a spec declares: what its {@link Source}s say, merged. Pure.
 *
 * @param projects the projects that shall be members, in order: those of the first source, then those of the next
 * @param kept neither added nor removed: what sources with a gap stood for last, by the status, and what has ended by a clock
 *     that may be wrong
 * @param changed what sources named before and no longer do, of those whose changes are held
 * @param released what sources named before and no longer do, of those that judged the leaving themselves
 * @param ended what was declared until a time that has come, if the status shows that a pass saw it before
 * @param ends until when a project is declared, or was; none for those that are declared for good, and for those whose end
 *     was first seen when it was over
 * @param declaredBy the names of the sources that name a project, or named it before; without those that only {@link
 *     Source#SPEC_MEMBERS} names
 * @param image what spec.image.ref stands for; null without one
 * @param sets the ProjectSets among the sources, as far as they are known
 * @param gaps what can't be told now
 * @param clockDoubt why the clock may be wrong by which something has ended; empty if nothing has, or nothing says so
 */
record Declaration(
        List<String> projects,
        Set<String> kept,
        Set<String> changed,
        Set<String> released,
        Set<String> ended,
        Map<String, Instant> ends,
        Map<String, List<String>> declaredBy,
        @Nullable Referent image,
        List<Source.SetIdentity> sets,
        List<Source.Gap> gaps,
        Optional<String> clockDoubt) {

    private static final int MOST_PROJECTS = 1_000;

    /** What a spec names by its own members. */
    static List<Wish> members(ImageShareSpec spec) {
        return requireNonNullElse(spec.members(), List.<DeclaredMember>of()).stream()
                .filter(member -> member.projectID() != null)
                .map(member -> new Wish(
                        Objects.requireNonNull(member.projectID()),
                        Optional.ofNullable(member.expiresAt())
                                .flatMap(FieldRules::time)
                                .orElse(null)))
                .toList();
    }

    /**
     * What an object's spec declares, its references resolved as far as they can be.
     *
     * @param spec has passed {@link ShareRules}
     * @param status remembers what the references stood for
     * @param clock by which access ends
     * @param orc what an object of ORC's kind and name stands for now
     * @param sets what a ProjectSet of this name stands for now
     */
    static Declaration resolve(
            ImageShareSpec spec,
            @Nullable ImageShareStatus status,
            String namespace,
            ClockCheck.ClockReading clock,
            BiFunction<OrcKind, String, Referent> orc,
            Function<String, SetReferent> sets) {
        var sources = new ArrayList<Source>();
        sources.add(Source.specMembers(members(spec)));
        OrcSources.names(spec)
                .forEach(name ->
                        sources.add(OrcSources.source(name, status, namespace, orc.apply(OrcKind.Project, name))));
        SetSources.references(spec)
                .forEach(reference -> sources.add(SetSources.source(
                        reference, status, namespace, sets.apply(Objects.requireNonNull(reference.name())))));
        var ref = spec.image() == null ? null : spec.image().ref();
        return of(
                sources,
                ref == null ? null : OrcSources.image(orc.apply(OrcKind.Image, ref)),
                ShareStatus.ends(status),
                clock);
    }

    /** What a spec declares by itself, before any end. */
    static Declaration withoutReferences(ImageShareSpec spec) {
        return of(
                List.of(Source.specMembers(members(spec))),
                null,
                Map.of(),
                new ClockCheck.ClockReading(Instant.MIN, Optional::empty));
    }

    /**
     * @param sources each with a name of its own, the spec's members first
     * @param image what spec.image.ref stands for; null without one
     * @param seen the ends that an earlier pass saw while they were still to come, by project
     */
    static Declaration of(
            List<Source> sources, @Nullable Referent image, Map<String, Instant> seen, ClockCheck.ClockReading clock) {
        var gaps = new ArrayList<Source.Gap>();
        var sets = new ArrayList<Source.SetIdentity>();
        var wishes = new LinkedHashMap<String, Optional<Instant>>();
        var kept = new LinkedHashSet<String>();
        var changed = new LinkedHashSet<String>();
        var released = new LinkedHashSet<String>();
        var declaredBy = new LinkedHashMap<String, List<String>>();
        for (var source : sources) {
            source.wants()
                    .forEach(wish ->
                            wishes.merge(wish.project(), Optional.ofNullable(wish.until()), Declaration::later));
            kept.addAll(source.kept());
            released.addAll(source.released());
            if (source.changes() == Source.Changes.HOLD) {
                changed.addAll(source.before());
            }
            if (source.gap() != null) {
                gaps.add(source.gap());
            }
            if (source.set() != null) {
                sets.add(source.set());
            }
        }
        for (var source : sources) {
            if (!source.name().equals(Source.SPEC_MEMBERS)) {
                // What a set let go and another source names is done with; what an ORC Project stood for is not.
                var remembersAll = source.gap() != null || source.changes() == Source.Changes.HOLD;
                Stream.concat(
                                source.wants().stream().map(Wish::project),
                                source.before().stream().filter(p -> remembersAll || !wishes.containsKey(p)))
                        .distinct()
                        .forEach(project -> declaredBy
                                .computeIfAbsent(project, p -> new ArrayList<>())
                                .add(source.name()));
            }
        }
        if (!declaredBy.isEmpty()) {
            sources.stream()
                    .filter(source -> source.name().equals(Source.SPEC_MEMBERS))
                    .flatMap(source -> source.wants().stream())
                    .forEach(wish -> declaredBy.computeIfPresent(wish.project(), (p, names) -> {
                        names.add(0, Source.SPEC_MEMBERS);
                        return names;
                    }));
        }
        // At an end the set may let the project go before this object is looked at; it ends here all the same.
        released.stream()
                .filter(project -> !wishes.containsKey(project))
                .filter(project -> seen.containsKey(project)
                        && !Objects.requireNonNull(seen.get(project)).isAfter(clock.now()))
                .forEach(project -> wishes.put(project, Optional.of(Objects.requireNonNull(seen.get(project)))));
        var projects = new ArrayList<String>();
        var ended = new HashSet<String>();
        var ends = new HashMap<String, Instant>();
        var hasEnded = wishes.values().stream()
                .anyMatch(end -> end.filter(at -> !at.isAfter(clock.now())).isPresent());
        var doubt = hasEnded ? clock.doubt().get() : Optional.<String>empty();
        for (var wish : wishes.entrySet()) {
            var project = wish.getKey();
            var end = wish.getValue().orElse(null);
            if (end == null || end.isAfter(clock.now())) {
                projects.add(project);
            } else if (doubt.isPresent()) {
                kept.add(project);
            } else if (sawComing(seen.get(project), end, clock.now())) {
                ended.add(project);
            } else {
                continue; // nobody is known to have meant it: its removal is one like any other
            }
            if (end != null) {
                ends.put(project, end);
            }
        }
        projects.forEach(kept::remove);
        for (var left : List.of(changed, released)) {
            projects.forEach(left::remove);
            left.removeAll(kept);
        }
        released.removeAll(changed);
        declaredBy.replaceAll((project, names) -> List.copyOf(names));
        return new Declaration(
                List.copyOf(projects),
                Set.copyOf(kept),
                Set.copyOf(changed),
                Set.copyOf(released),
                Set.copyOf(ended),
                Map.copyOf(ends),
                Map.copyOf(declaredBy),
                image,
                List.copyOf(sets),
                List.copyOf(gaps),
                doubt);
    }

    /** Whether an earlier pass saw an end that is over now, and no earlier than this one: of two sources the later end counts. */
    private static boolean sawComing(@Nullable Instant seen, Instant end, Instant now) {
        return seen != null && !seen.isBefore(end) && !seen.isAfter(now);
    }

    /** The later of two ends; none is later than any. */
    private static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
        return a.isEmpty() || b.isEmpty() ? Optional.empty() : a.get().isAfter(b.get()) ? a : b;
    }

    /** When the next access ends of those that are declared now; empty if none does. */
    Optional<Instant> nextEnd() {
        return ends.isEmpty()
                ? Optional.empty()
                : projects.stream().map(ends::get).filter(Objects::nonNull).min(Comparator.naturalOrder());
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
     * What keeps the sources from being what the spec may name; empty if nothing does.
     *
     * @param isElsewhere whether this Keystone is another one than the image's
     */
    Optional<Problem> violation(Predicate<String> isElsewhere) {
        if (projects.size() > MOST_PROJECTS) {
            return Optional.of(Problem.of(
                    Reason.InvalidSpec,
                    "spec.members, projectRefs and projectSetRefs declare " + projects.size()
                            + " projects together; at most 1,000 are allowed, and Glance takes 128 unless its"
                            + " image_member_quota says more. Nobody is added or removed until there are fewer."));
        }
        return sets.stream()
                .filter(set -> set.cloud() != null && isElsewhere.test(set.cloud()))
                .findFirst()
                .map(set -> Problem.of(
                        Reason.InvalidSpec,
                        "ProjectSet " + set.set().name() + " has projects of the cloud " + set.cloud()
                                + ", which isn't the image's. Nobody is added or removed. Name a set of the image's cloud, or"
                                + " one with spec.projects only; if both URLs are one cloud, have the operator's"
                                + " administrator set --same-cloud."));
    }

    /** That something has ended by a clock that may be wrong, and what to do. */
    Optional<Problem> clockProblem() {
        return clockDoubt.map(doubt -> Problem.of(
                Reason.ClockSkew,
                "Access that ends by spec.members[].expiresAt waits, since " + doubt
                        + ". Set the clocks (NTP) of the operator's node and of that server; nobody is removed for an end"
                        + " that has come until they agree."));
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
