package dev.imageshare.projectset;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.Absence;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.HeldLeaves;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.RecentLeave;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SelectorInfo;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Listing;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.ShortHash;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Computes one {@link SetPlan}. A project's sources are the selectors that list it, and {@code spec.projects}. Once the complete
 * list of a source no longer has the project, the source is one of its absences. A project without sources may leave once each of
 * its absences allows it.
 */
final class SetPlanner {

    /** The source of projects that the spec names; no selector can have this name. */
    static final String BY_HAND = "spec.projects";

    /** What fits into one ImageShare. */
    static final int MAX_PROJECTS = 1_000;

    private static final int MAX_BYTES = 500_000;
    private static final int PROJECT_BYTES = 120;
    private static final int ABSENCE_BYTES = 40;
    private static final int GONE_BYTES = 12;
    private static final int MAX_RECENT = 64;
    private static final int MAX_MESSAGE = 1_024;

    /** Why an absence allows a project to leave. Of several causes, the last one here counts. */
    private enum Cause {
        /** Its request was denied. Needs no approval. */
        DENIED,
        /** Its end was reached, and was seen before that. Needs no approval. */
        EXPIRED,
        /** An edit of the spec. */
        WISH,
        /** Keystone's answer about the project itself. */
        EXPLAINED,
        /** The time that has passed, and nothing else. */
        UNEXPLAINED,
        /** The selector no longer matches any project. Always held. */
        SELECTOR_EMPTY,
        /** The current reader of the list never listed the project. Always held. */
        NEVER_LISTED
    }

    private final SetInput in;
    private final ProjectSetSpec spec;
    private final Map<String, ProjectEntry> entries = new LinkedHashMap<>();
    private final Map<String, ProjectSelector> selectors = new LinkedHashMap<>();
    private final Map<String, SelectorReading> readings = new HashMap<>();
    private final Map<String, SelectorInfo> remembered = new HashMap<>();
    private final Map<String, SetProject> known = new TreeMap<>();
    private final RequestSources requests;
    private final Set<String> excluded;
    private final Duration absentFor;
    private final RemovalLimit maxRemovals;
    private final boolean complete;

    /** The time of the pass, rounded up to seconds, so that no absence is counted longer than it was. */
    private final String seenAt;

    SetPlanner(SetInput input) {
        in = input;
        spec = input.spec();
        orEmpty(spec.projects()).forEach(entry -> entries.put(requireNonNull(entry.projectID()), entry));
        orEmpty(spec.selectors()).forEach(selector -> selectors.put(requireNonNull(selector.name()), selector));
        input.readings().forEach(reading -> readings.put(reading.selector(), reading));
        var before = input.before();
        if (before != null) {
            orEmpty(before.projects()).forEach(project -> known.put(project.projectID(), project));
            orEmpty(before.selectors()).forEach(selector -> remembered.put(selector.name(), selector));
        }
        requests = new RequestSources(spec.requests() == null ? Applications.NONE : input.applications(), input.now());
        excluded = Set.copyOf(orEmpty(spec.exclude()));
        absentFor = ProjectSetRules.absentFor(spec).orElseThrow();
        maxRemovals = ProjectSetRules.limit(spec).orElseThrow();
        complete = selectors.keySet().stream().allMatch(this::isComplete);
        var second = in.now().truncatedTo(ChronoUnit.SECONDS);
        seenAt = (second.equals(in.now()) ? second : second.plusSeconds(1)).toString();
    }

    SetPlan plan() {
        var sources = sources();
        var declared = new HashMap<>(sources);
        declared.keySet().removeAll(excluded);
        var most = Math.max(
                declared.size(),
                readings.values().stream()
                        .mapToInt(SelectorReading::matched)
                        .max()
                        .orElse(0));
        if (most > MAX_PROJECTS) {
            return unchanged(
                    false,
                    Problem.of(
                            Reason.TooManyProjects,
                            "The set would have " + (declared.size() < most ? "at least " : "") + most
                                    + " projects; at most 1,000 are allowed. Nobody joins and nobody leaves until the"
                                    + " selectors' filters match fewer."));
        }
        var seen = new TreeMap<String, SetProject>();
        known.forEach((id, project) -> seen.put(id, look(project, sources.getOrDefault(id, Set.of()))));
        var due = complete ? due(seen) : Map.<String, Cause>of();
        var expired = dueBy(Cause.EXPIRED, due);
        var denied = dueBy(Cause.DENIED, due);
        var atOnce = new TreeSet<>(expired);
        atOnce.addAll(denied);
        var guarded = new TreeMap<>(due);
        guarded.keySet().removeAll(atOnce);
        var judgement = judge(guarded, seen, atOnce);
        var left = new TreeSet<>(atOnce);
        left.addAll(judgement.leaving);

        var next = new TreeMap<>(seen);
        next.keySet().removeAll(left);
        var joining = declared.keySet().stream()
                .filter(id -> !known.containsKey(id))
                .sorted()
                .toList();
        var joined = joining.subList(0, Math.min(joining.size(), Math.max(0, MAX_PROJECTS - next.size())));
        if (spec.suspend()) {
            return suspended(joining, left, expired, denied);
        }
        joined.forEach(id -> next.put(id, newcomer(id, requireNonNull(declared.get(id)))));
        var listed = listed(next.values());
        if (listed.isEmpty()) {
            return unchanged(
                    false,
                    Problem.of(
                            Reason.TooManyProjects,
                            "The set's status would take more than 500 kB. Nobody joins and nobody leaves until there are fewer"
                                    + " projects, or the selectors have shorter names."));
        }
        var problems = new ArrayList<>(doubts());
        if (joined.size() < joining.size()) {
            problems.add(Problem.of(
                    Reason.TooManyProjects,
                    "The set has " + next.size()
                            + " projects, including those that are about to leave; at most 1,000 are"
                            + " allowed. Not added yet: "
                            + EventRecorder.names(joining.subList(joined.size(), joining.size())) + "."));
        }
        clockSkew().ifPresent(problems::add);
        return new SetPlan(
                listed.get(),
                joined,
                List.copyOf(left),
                List.copyOf(expired),
                List.copyOf(denied),
                released(left, next.keySet()),
                judgement.held,
                recentLeaves(judgement.unexplained),
                infos(true),
                complete,
                judgement.unproven,
                lost(next.keySet()),
                problems);
    }

    /** The set stays as it is; the selectors' counts and doubts are updated. */
    private SetPlan unchanged(boolean whole, Problem why) {
        var problems = new ArrayList<>(doubts());
        problems.add(why);
        return new SetPlan(
                List.copyOf(known.values()),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                released(Set.of(), known.keySet()),
                frozen(known, Set.of()),
                orEmpty(in.before() == null ? null : in.before().recentLeaves()),
                infos(false),
                whole,
                Map.of(),
                Map.of(),
                problems);
    }

    /** As {@link #unchanged}, with the projects that would join and leave. */
    private SetPlan suspended(
            List<String> joining, Collection<String> leaving, Collection<String> expiring, Collection<String> denied) {
        return new SetPlan(
                List.copyOf(known.values()),
                joining,
                List.copyOf(leaving),
                List.copyOf(expiring),
                List.copyOf(denied),
                released(Set.of(), known.keySet()),
                null,
                orEmpty(in.before() == null ? null : in.before().recentLeaves()),
                infos(false),
                complete,
                Map.of(),
                Map.of(),
                doubts());
    }

    // ------------------------------------------------------- what is declared

    /** The sources that each project has now, whether or not it is excluded. */
    private Map<String, Set<String>> sources() {
        var sources = new HashMap<String, Set<String>>();
        entries.values().stream()
                .filter(entry -> !hasEnded(entry) || waitsForClock(entry))
                .forEach(entry -> sources.computeIfAbsent(requireNonNull(entry.projectID()), id -> new TreeSet<>())
                        .add(BY_HAND));
        requests.present(this::waitsForClock)
                .forEach((id, present) -> present.forEach(source ->
                        sources.computeIfAbsent(id, i -> new TreeSet<>()).add(source)));
        readings.values()
                .forEach(reading -> reading.projects()
                        .keySet()
                        .forEach(id -> sources.computeIfAbsent(id, i -> new TreeSet<>())
                                .add(reading.selector())));
        return sources;
    }

    private boolean hasEnded(ProjectEntry entry) {
        return ProjectSetRules.expiry(entry)
                .filter(end -> !in.now().isBefore(end))
                .isPresent();
    }

    /** No project of the set expires by a clock that can't be trusted. */
    private boolean waitsForClock(ProjectEntry entry) {
        return waitsForClock(requireNonNull(entry.projectID()), BY_HAND);
    }

    private boolean waitsForClock(String id, String source) {
        var project = known.get(id);
        return !in.clockTrusted()
                && project != null
                && orEmpty(project.sources()).contains(source);
    }

    private Optional<Problem> clockSkew() {
        var byHand = entries.values().stream()
                .filter(entry -> hasEnded(entry) && waitsForClock(entry))
                .map(entry -> requireNonNull(entry.projectID()));
        var byRequest = known.values().stream()
                .filter(project -> orEmpty(project.sources()).stream()
                        .anyMatch(source -> requests.hasEnded(project.projectID(), source)
                                && waitsForClock(project.projectID(), source)))
                .map(SetProject::projectID);
        var waiting = Stream.concat(byHand, byRequest).distinct().sorted().toList();
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of(Problem.of(
                        Reason.ClockSkew,
                        "By the operator's clock, expiresAt was reached for " + EventRecorder.names(waiting)
                                + ", but that clock differs from the API server's by more than two minutes. Nobody leaves by"
                                + " time until the clocks agree: correct the node's clock."));
    }

    /** A project of the set, as this pass sees it. */
    private SetProject look(SetProject project, Set<String> present) {
        var sources = new TreeSet<>(present);
        var absences = new TreeMap<String, String>();
        for (var source : orEmpty(project.sources())) {
            if (!present.contains(source)) {
                if (isUnknown(source)) {
                    sources.add(source); // its list proves nothing
                } else {
                    absences.put(source, seenAt);
                }
            }
        }
        for (var absence : orEmpty(project.absences())) {
            if (!sources.contains(absence.source())) {
                absences.put(absence.source(), isTime(absence.since()) ? absence.since() : seenAt);
            }
        }
        if (!sources.isEmpty()) {
            absences.keySet().removeIf(Applications::isRequest); // without which it is in the set as well
        }
        var isNamed = !sources.isEmpty() && !excluded.contains(project.projectID());
        return new SetProject(
                project.projectID(),
                name(project.projectID()),
                List.copyOf(sources),
                absences.isEmpty()
                        ? null
                        : absences.entrySet().stream()
                                .map(e -> new Absence(e.getKey(), e.getValue()))
                                .toList(),
                project.since(),
                isNamed ? null : requireNonNullElse(project.absentSince(), seenAt),
                expiresAt(project, sources, absences.keySet()),
                isGone(project) ? Boolean.TRUE : null);
    }

    /** Whether Keystone no longer has the project. It doesn't use an ID again. */
    private boolean isGone(SetProject project) {
        var id = project.projectID();
        return readings.values().stream().noneMatch(reading -> reading.shows(id))
                && (Boolean.TRUE.equals(project.gone())
                        || readings.values().stream()
                                .anyMatch(reading -> reading.gone().contains(id)));
    }

    /** Of these projects, by selector: those that probably no longer exist, which isn't known yet. */
    private Map<String, List<String>> lost(Set<String> ids) {
        var lost = new TreeMap<String, List<String>>();
        for (var reading : readings.values()) {
            if (isOfDomain(reading.selector()) && reading.isComplete() && !isFirstList(reading)) {
                var its = known.values().stream()
                        .filter(project -> ids.contains(project.projectID())
                                && !isGone(project)
                                && !reading.shows(project.projectID())
                                && hasListed(reading, project))
                        .map(SetProject::projectID)
                        .toList();
                if (!its.isEmpty()) {
                    lost.put(reading.selector(), its);
                }
            }
        }
        return lost;
    }

    /** Whether this reader listed the project before. A project can't change its domain. */
    private boolean hasListed(SelectorReading reading, SetProject project) {
        var readerSince = time(requireNonNull(
                requireNonNull(remembered.get(reading.selector())).readerSince()));
        return orEmpty(project.sources()).contains(reading.selector())
                || orEmpty(project.absences()).stream()
                        .anyMatch(absence -> absence.source().equals(reading.selector())
                                && time(absence.since()).isAfter(readerSince));
    }

    private SetProject newcomer(String id, Set<String> sources) {
        var project = new SetProject(
                id,
                name(id),
                List.copyOf(sources),
                null,
                in.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                null,
                null);
        return new SetProject(
                id,
                project.name(),
                project.sources(),
                null,
                project.since(),
                null,
                expiresAt(project, sources, Set.of()));
    }

    private @Nullable String name(String id) {
        var entry = entries.get(id);
        if (entry != null && entry.name() != null) {
            return entry.name();
        }
        for (var selector : selectors.keySet()) {
            var reading = readings.get(selector);
            var name = reading == null ? null : reading.projects().get(id);
            if (name != null && !name.isEmpty()) {
                return FieldRules.clipped(name, FieldRules.MAX_NAME);
            }
        }
        var project = known.get(id);
        return requests.name(id)
                .map(name -> FieldRules.clipped(name, FieldRules.MAX_NAME))
                .orElseGet(() -> project == null ? null : project.name());
    }

    /** The last end of its sources, if each has one, once it was seen while it was still to come. */
    private @Nullable String expiresAt(SetProject project, Set<String> sources, Set<String> absent) {
        var last = Instant.MIN;
        String text = null;
        for (var source :
                Stream.concat(sources.stream(), absent.stream()).distinct().toList()) {
            if (requests.isDenied(project.projectID(), source)) {
                continue;
            }
            var end = end(project.projectID(), source);
            if (end.isEmpty()) {
                return null;
            }
            if (end.get().isAfter(last)) {
                last = end.get();
                text = source.equals(BY_HAND)
                        ? requireNonNull(entries.get(project.projectID())).expiresAt()
                        : last.toString();
            }
        }
        var isToCome = in.clockTrusted() && in.now().isBefore(last);
        return text != null && (isToCome || text.equals(project.expiresAt())) ? text : null;
    }

    /** When the source ends, or ended, for the project. */
    private Optional<Instant> end(String id, String source) {
        return source.equals(BY_HAND)
                ? Optional.ofNullable(entries.get(id)).flatMap(ProjectSetRules::expiry)
                : requests.end(id, source);
    }

    private boolean isComplete(String selector) {
        var reading = readings.get(selector);
        return reading != null && reading.isComplete();
    }

    /** Whether nothing is known of who is in this source now. */
    private boolean isUnknown(String source) {
        return Applications.isRequest(source)
                ? !requests.areKnown()
                : selectors.containsKey(source) && !isComplete(source);
    }

    // ------------------------------------------------------------ who may leave

    private Map<String, Cause> due(Map<String, SetProject> seen) {
        var due = new TreeMap<String, Cause>();
        seen.values().stream()
                .filter(project -> project.absentSince() != null)
                .forEach(project -> cause(project).ifPresent(cause -> due.put(project.projectID(), cause)));
        return due;
    }

    private static Set<String> dueBy(Cause cause, Map<String, Cause> due) {
        return due.keySet().stream().filter(id -> due.get(id) == cause).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Why the project may leave; empty if one of its sources doesn't let it go yet. */
    private Optional<Cause> cause(SetProject project) {
        if (excluded.contains(project.projectID())) {
            return Optional.of(Cause.WISH);
        }
        var worst = orEmpty(project.absences()).isEmpty() ? Cause.WISH : Cause.DENIED;
        for (var absence : orEmpty(project.absences())) {
            var cause = cause(project, absence);
            if (cause.isEmpty()) {
                return Optional.empty();
            }
            worst = cause.get().compareTo(worst) > 0 ? cause.get() : worst;
        }
        return Optional.of(worst);
    }

    private Optional<Cause> cause(SetProject project, Absence absence) {
        var id = project.projectID();
        var entry = entries.get(id);
        if (absence.source().equals(BY_HAND) && entry != null) {
            if (!in.clockTrusted()) {
                return Optional.empty();
            }
            var wasKnown = entry.expiresAt() != null && project.expiresAt() != null;
            return Optional.of(wasKnown ? Cause.EXPIRED : Cause.WISH);
        }
        if (Applications.isRequest(absence.source())) {
            return causeOfRequest(project, absence.source());
        }
        if (!selectors.containsKey(absence.source())) {
            return Optional.of(Cause.WISH);
        }
        return cause(id, absence, requireNonNull(readings.get(absence.source())));
    }

    private Optional<Cause> causeOfRequest(SetProject project, String source) {
        var id = project.projectID();
        if (!requests.areKnown() || (requests.hasEnded(id, source) && !in.clockTrusted())) {
            return Optional.empty();
        }
        if (requests.isDenied(id, source)) {
            return Optional.of(Cause.DENIED);
        }
        return Optional.of(requests.hasEnded(id, source) && project.expiresAt() != null ? Cause.EXPIRED : Cause.WISH);
    }

    private Optional<Cause> cause(String id, Absence absence, SelectorReading reading) {
        if (isFirstList(reading)) {
            return Optional.empty();
        }
        var since = time(absence.since());
        var readerSince = time(requireNonNull(
                requireNonNull(remembered.get(reading.selector())).readerSince()));
        if (!since.isAfter(readerSince)) {
            return Optional.of(Cause.NEVER_LISTED);
        }
        if (!in.clockTrusted() || in.now().isBefore(since.plus(absentFor))) {
            return Optional.empty();
        }
        if (reading.matched() == 0) {
            return Optional.of(Cause.SELECTOR_EMPTY);
        }
        return Optional.of(reading.explained().contains(id) ? Cause.EXPLAINED : Cause.UNEXPLAINED);
    }

    /** Whether this is the reader's first complete list, by which nobody leaves. */
    private boolean isFirstList(SelectorReading reading) {
        var memory = remembered.get(reading.selector());
        return memory == null
                || memory.readerSince() == null
                || !reading.reader().equals(memory.reader());
    }

    // --------------------------------------------------------------- the guard

    /**
     * @param leaving who leaves now, with or without approval
     * @param unexplained how many of them by time alone, without approval
     */
    private record Decision(
            Set<String> leaving, int unexplained, @Nullable HeldLeaves held, Map<String, List<String>> unproven) {}

    private Decision judge(Map<String, Cause> due, Map<String, SetProject> seen, Set<String> expired) {
        var frozen = frozen(seen, expired);
        if (frozen != null) {
            if (!isApproved(frozen)) {
                return new Decision(Set.of(), 0, frozen, Map.of());
            }
            var leaving = new TreeSet<>(requireNonNull(frozen.remove()));
            leaving.retainAll(due.keySet());
            var rest = new TreeSet<>(requireNonNull(frozen.remove()));
            rest.removeAll(leaving);
            return new Decision(
                    leaving, 0, rest.isEmpty() ? null : held(rest, requireNonNull(frozen.because())), Map.of());
        }
        if (due.isEmpty()) {
            return new Decision(Set.of(), 0, null, Map.of());
        }
        var reasons = new ArrayList<String>();
        alwaysHeld(due, seen, reasons);
        var limit = maxRemovals.of(known.size());
        if (due.size() > limit) {
            reasons.add("maxRemovals " + maxRemovals + " allows " + limit + " of " + known.size()
                    + " projects to leave at once");
        }
        var unexplained =
                (int) due.values().stream().filter(Cause.UNEXPLAINED::equals).count();
        var unproven = reasons.isEmpty() ? unproven(due, seen) : Map.<String, List<String>>of();
        if (reasons.isEmpty()) {
            tooManyUnexplained(unexplained).ifPresent(reasons::add);
        }
        if (reasons.isEmpty()) {
            return new Decision(due.keySet(), unexplained, null, unproven);
        }
        var held = held(due.keySet(), String.join(", and ", reasons));
        return isApproved(held)
                ? new Decision(due.keySet(), 0, null, Map.of())
                : new Decision(Set.of(), 0, held, unproven);
    }

    private void alwaysHeld(Map<String, Cause> due, Map<String, SetProject> seen, List<String> reasons) {
        var strangers = new TreeSet<String>();
        var empty = new TreeSet<String>();
        due.forEach((id, cause) -> {
            if (cause == Cause.NEVER_LISTED || cause == Cause.SELECTOR_EMPTY) {
                for (var absence : orEmpty(requireNonNull(seen.get(id)).absences())) {
                    var own = cause(requireNonNull(seen.get(id)), absence);
                    own.filter(Cause.NEVER_LISTED::equals).ifPresent(c -> strangers.add(absence.source()));
                    own.filter(Cause.SELECTOR_EMPTY::equals).ifPresent(c -> empty.add(absence.source()));
                }
            }
        });
        if (!strangers.isEmpty()) {
            reasons.add(
                    "selector " + String.join(", ", strangers)
                            + " is now read by another user, role or scope, or lists something else, and hasn't listed them since");
        }
        if (!empty.isEmpty()) {
            reasons.add("selector " + String.join(", ", empty) + " no longer matches any project");
        }
    }

    private Optional<String> tooManyUnexplained(int unexplained) {
        var begin = in.now().minus(absentFor);
        var recently = orEmpty(in.before() == null ? null : in.before().recentLeaves()).stream()
                .filter(leave -> time(leave.time()).isAfter(begin))
                .mapToInt(RecentLeave::projects)
                .sum();
        var had = recently
                + (int) known.values().stream()
                        .filter(project -> project.since() != null
                                && !time(project.since()).isAfter(begin))
                        .count();
        var limit = maxRemovals.of(had);
        return unexplained == 0 || recently + unexplained <= limit
                ? Optional.empty()
                : Optional.of("Keystone doesn't say what became of " + unexplained + " of them, and maxRemovals "
                        + maxRemovals
                        + " allows " + limit + " of " + had + " projects to leave like this within absentFor "
                        + spec.managedOptions().absentFor()
                        + (recently == 0 ? "" : ", of which " + recently + " already did"));
    }

    /** Of the projects that would leave by time alone: those that Keystone can be asked about. */
    private Map<String, List<String>> unproven(Map<String, Cause> due, Map<String, SetProject> seen) {
        var unproven = new TreeMap<String, List<String>>();
        due.forEach((id, cause) -> {
            if (cause == Cause.UNEXPLAINED) {
                var project = requireNonNull(seen.get(id));
                orEmpty(project.absences()).stream()
                        .filter(absence -> isOfDomain(absence.source()))
                        .filter(absence -> cause(project, absence)
                                .filter(Cause.UNEXPLAINED::equals)
                                .isPresent())
                        .forEach(absence -> unproven.computeIfAbsent(absence.source(), s -> new ArrayList<>())
                                .add(id));
            }
        });
        return unproven;
    }

    private boolean isOfDomain(String source) {
        var selector = selectors.get(source);
        return selector != null && selector.domain() != null;
    }

    /** The plan that was held for this generation, without projects that are back. */
    private @Nullable HeldLeaves frozen(Map<String, SetProject> seen, Set<String> expired) {
        var before = in.before();
        if (before == null
                || before.plan() == null
                || before.plan().remove() == null
                || before.observedGeneration() == null
                || before.observedGeneration() != in.generation()) {
            return null;
        }
        var still = before.plan().remove().stream()
                .filter(id -> !expired.contains(id)
                        && seen.containsKey(id)
                        && requireNonNull(seen.get(id)).absentSince() != null)
                .collect(Collectors.toCollection(TreeSet::new));
        return still.isEmpty()
                ? null
                : held(still, requireNonNullElse(before.plan().because(), "they were held before"));
    }

    private HeldLeaves held(Collection<String> ids, String because) {
        return new HeldLeaves(
                List.copyOf(ids),
                ShortHash.of(Stream.concat(
                        Stream.of(in.uid(), Long.toString(in.generation())),
                        ids.stream().flatMap(this::identity))),
                FieldRules.clipped(because, MAX_MESSAGE));
    }

    /** Includes when the project joined: an approval isn't valid again after the project has come back. */
    private Stream<String> identity(String id) {
        var project = known.get(id);
        return Stream.of(id, project == null || project.since() == null ? "" : project.since());
    }

    private boolean isApproved(HeldLeaves held) {
        return requireNonNull(held.hash()).equals(in.approval());
    }

    // ------------------------------------------------------------- what is kept

    private List<String> released(Set<String> left, Set<String> present) {
        var earlier = in.released().stream().filter(id -> !present.contains(id) && !left.contains(id));
        return Stream.concat(left.stream(), earlier.sorted())
                .limit(MAX_PROJECTS)
                .sorted()
                .toList();
    }

    private List<RecentLeave> recentLeaves(int unexplained) {
        var before = orEmpty(in.before() == null ? null : in.before().recentLeaves());
        if (unexplained == 0) {
            return before;
        }
        var begin = in.now().minus(absentFor);
        var recent = new ArrayList<>(before.stream()
                .filter(leave -> time(leave.time()).isAfter(begin))
                .toList());
        recent.add(new RecentLeave(seenAt, unexplained));
        while (recent.size() > MAX_RECENT) {
            // Counted as long as the later of two: longer than need be, never shorter.
            var first = recent.remove(0);
            var second = recent.get(0);
            recent.set(0, new RecentLeave(second.time(), first.projects() + second.projects()));
        }
        return recent;
    }

    /** @param settled whether this pass's lists count, so that their readers are remembered */
    private List<SelectorInfo> infos(boolean settled) {
        var infos = new ArrayList<SelectorInfo>();
        for (var name : selectors.keySet()) {
            var reading = readings.get(name);
            var memory = remembered.get(name);
            var doubt = reading == null ? null : reading.doubt();
            var counts = settled && isComplete(name);
            var isNew = counts && isFirstList(requireNonNull(reading));
            infos.add(new SelectorInfo(
                    name,
                    reading != null && reading.matched() >= 0
                            ? Integer.valueOf(reading.matched())
                            : memory == null ? null : memory.matched(),
                    isComplete(name),
                    doubt == null ? null : doubt.reason().name(),
                    doubt == null
                            ? null
                            : Conditions.keepIfSame(
                                    memory == null ? null : memory.message(),
                                    FieldRules.clipped(doubt.message(), MAX_MESSAGE)),
                    counts ? requireNonNull(reading).reader() : memory == null ? null : memory.reader(),
                    isNew ? seenAt : memory == null ? null : memory.readerSince()));
        }
        return infos;
    }

    private List<Problem> doubts() {
        return selectors.keySet().stream()
                .map(readings::get)
                .flatMap(reading -> Optional.ofNullable(reading == null ? null : reading.doubt()).stream())
                .toList();
    }

    /** As many names as fit into the status. Empty if the projects don't fit even without names. */
    private static Optional<List<SetProject>> listed(Collection<SetProject> all) {
        var projects = new ArrayList<>(all);
        var bytes = projects.stream().mapToLong(SetPlanner::bytes).sum();
        for (var i = projects.size() - 1; i >= 0 && bytes > MAX_BYTES; i--) {
            var project = projects.get(i);
            bytes -= Listing.bytes(project.name());
            projects.set(
                    i,
                    new SetProject(
                            project.projectID(),
                            null,
                            project.sources(),
                            project.absences(),
                            project.since(),
                            project.absentSince(),
                            project.expiresAt(),
                            project.gone()));
        }
        return bytes > MAX_BYTES ? Optional.empty() : Optional.of(projects);
    }

    private static long bytes(SetProject project) {
        var bytes = (long) PROJECT_BYTES
                + Listing.bytes(project.projectID())
                + Listing.bytes(project.name())
                + Listing.bytes(project.since())
                + Listing.bytes(project.absentSince())
                + Listing.bytes(project.expiresAt())
                + (project.gone() == null ? 0 : GONE_BYTES);
        for (var source : orEmpty(project.sources())) {
            bytes += 1 + Listing.bytes(source);
        }
        for (var absence : orEmpty(project.absences())) {
            bytes += ABSENCE_BYTES + Listing.bytes(absence.source()) + Listing.bytes(absence.since());
        }
        return bytes;
    }

    /** Anybody may have written the status, so the text may be anything. */
    private Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return in.now();
        }
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
