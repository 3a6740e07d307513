package dev.imageshare.projectset;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.Absence;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.openstack.DirectoryProject;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectAnswer;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.openstack.ProjectSource;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.ShortHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One pass over one set: reads each selector's list, plans, and asks about projects that would leave by time alone. */
final class ProjectSetPass {

    private static final int MAX_CLOUD = 300;
    /** How many projects of a selector a pass asks about that may no longer exist. */
    private static final int MAX_LOST = 100;

    private final ProjectSet set;
    private final ProjectSetSpec spec;
    private final Function<CloudCredentialsRef, ProjectDirectory> directories;
    private final UnaryOperator<String> sameCloud;
    private final BooleanSupplier clockTrusted;
    private final BooleanSupplier current;
    private final @Nullable Applications applications;
    private final Set<String> released;
    private final Duration listAge;
    private final Instant now;
    private final Map<String, ProjectDirectory> opened = new HashMap<>();
    private final Map<String, ProjectFilter> filters = new HashMap<>();

    /**
     * @param set the object, whose spec has passed {@link ProjectSetRules}
     * @param directories the projects of a cloud as these credentials see them; throws {@link ProblemException}
     * @param sameCloud one name for all origins of a cloud
     * @param clockTrusted whether the operator's clock agrees with others'
     * @param current whether the set is unchanged since the pass began, and this process still leads
     * @param applications what the requests come to; null if that isn't known
     * @param released projects that left in earlier passes, until all ImageShares have followed
     * @param listAge how old a list may be, unless somebody leaves by it
     */
    ProjectSetPass(
            ProjectSet set,
            Function<CloudCredentialsRef, ProjectDirectory> directories,
            UnaryOperator<String> sameCloud,
            BooleanSupplier clockTrusted,
            BooleanSupplier current,
            @Nullable Applications applications,
            Set<String> released,
            Duration listAge,
            Instant now) {
        this.set = set;
        this.spec = set.getSpec();
        this.directories = directories;
        this.sameCloud = sameCloud;
        this.clockTrusted = clockTrusted;
        this.current = current;
        this.applications = applications;
        this.released = released;
        this.listAge = listAge;
        this.now = now;
    }

    SetOutcome run(ParallelCalls parallel) {
        var selectors = requireNonNullElse(spec.selectors(), List.<ProjectSelector>of());
        var lists = readAll(selectors, listAge);
        var plan = SetPlan.of(input(lists.readings()));
        if (!plan.left().isEmpty() && !listAge.isZero()) {
            // Nobody leaves by a list that was read for an earlier pass.
            lists = readAll(selectors, Duration.ZERO);
            plan = SetPlan.of(input(lists.readings()));
        }
        var readings = lists.readings();
        if (!plan.lost().isEmpty()) {
            readings = withGone(readings, plan, parallel);
            plan = SetPlan.of(input(readings));
        }
        if (!plan.unproven().isEmpty() && !spec.suspend()) {
            plan = SetPlan.of(input(proven(selectors, readings, plan.unproven(), parallel)));
        }
        var problems = new ArrayList<>(plan.problems());
        if (lists.failure() != null && selectors.isEmpty()) {
            problems.add(lists.failure());
        }
        if (plan.held() != null) {
            problems.add(HeldText.problem(set, plan, plan.held()));
        }
        return new SetOutcome(lists.cloud(), plan, applications, problems);
    }

    private SetInput input(List<SelectorReading> readings) {
        return new SetInput(
                set.getMetadata().getUid(),
                set.getMetadata().getGeneration(),
                spec,
                set.getStatus(),
                readings,
                applications,
                released,
                Annotations.value(set, ImageShare.APPROVE_REMOVALS).orElse(null),
                clockTrusted.getAsBoolean(),
                now);
    }

    // --------------------------------------------------------------- reading

    /**
     * @param cloud the origin of the set's Keystone; null if it isn't known
     * @param failure why it isn't known; null if it is, or isn't needed
     */
    private record SelectorLists(
            @Nullable String cloud, @Nullable Problem failure, List<SelectorReading> readings) {}

    private SelectorLists readAll(List<ProjectSelector> selectors, Duration age) {
        if (selectors.isEmpty() && spec.requests() == null) {
            return new SelectorLists(null, null, List.of());
        }
        try {
            var cloud = directories
                    .apply(requireNonNull(spec.cloudCredentialsRef()))
                    .cloud();
            return new SelectorLists(
                    FieldRules.clipped(cloud, MAX_CLOUD),
                    null,
                    selectors.stream()
                            .map(selector -> read(selector, cloud, age))
                            .toList());
        } catch (ProblemException e) {
            return new SelectorLists(
                    null,
                    e.problem(),
                    selectors.stream()
                            .map(selector -> SelectorReading.failed(
                                    requireNonNull(selector.name()),
                                    doubt(requireNonNull(selector.name()), e.problem())))
                            .toList());
        }
    }

    private SelectorReading read(ProjectSelector selector, String cloudOfSet, Duration age) {
        var name = requireNonNull(selector.name());
        try {
            var ref = selector.cloudCredentialsRef();
            var directory = directories.apply(ref == null ? requireNonNull(spec.cloudCredentialsRef()) : ref);
            var cloud = directory.cloud();
            if (!sameCloud.apply(cloud).equals(sameCloud.apply(cloudOfSet))) {
                return SelectorReading.failed(
                        name,
                        Problem.of(
                                Reason.InvalidSpec,
                                "Selector " + name + ": its credentials are for " + cloud + ", but the set's cloud is "
                                        + cloudOfSet
                                        + ". A set is of one cloud: create another ProjectSet for the other one."));
            }
            opened.put(name, directory);
            var filter = new ProjectFilter(selector.filter());
            filters.put(name, filter);
            var source = source(selector);
            var inSet = listedBefore(name);
            var list = directory.list(source, filter.or(project -> inSet.contains(project.id())), age);
            var projects = new TreeMap<String, String>();
            var others = new TreeSet<String>();
            list.projects().forEach(project -> {
                if (filter.test(project)) {
                    projects.put(project.id(), requireNonNullElse(project.name(), ""));
                } else {
                    others.add(project.id());
                }
            });
            var reader = ShortHash.of(Stream.of(sameCloud.apply(cloud), directory.reader(), source.toString()));
            var why = list.incompleteness();
            return SelectorReading.of(
                            name,
                            projects,
                            list.matched() - others.size(),
                            reader,
                            why == null ? null : doubt(name, Problem.of(Reason.ListIncomplete, why)))
                    .withOthers(others);
        } catch (ProblemException e) {
            return SelectorReading.failed(name, doubt(name, e.problem()));
        } catch (OpenStackException e) {
            return SelectorReading.failed(name, doubt(name, problem(e)));
        }
    }

    /** The projects of the set that a selector of this name listed before, which may have been deleted. */
    private Set<String> listedBefore(String selector) {
        var status = set.getStatus();
        return status == null || status.projects() == null
                ? Set.of()
                : status.projects().stream()
                        .filter(project -> requireNonNullElse(project.sources(), List.<String>of())
                                        .contains(selector)
                                || requireNonNullElse(project.absences(), List.<Absence>of()).stream()
                                        .anyMatch(absence -> absence.source().equals(selector)))
                        .map(SetProject::projectID)
                        .collect(Collectors.toSet());
    }

    private static ProjectSource source(ProjectSelector selector) {
        if (selector.domain() != null) {
            return new ProjectSource.Domain(requireNonNull(selector.domain().id()));
        }
        return selector.parent() != null
                ? new ProjectSource.Parent(requireNonNull(selector.parent().projectID()))
                : new ProjectSource.Assigned();
    }

    private static Problem problem(OpenStackException e) {
        return e.kind() == OpenStackException.Kind.NOT_FOUND
                ? new Problem(Reason.ProjectNotFound, e.getMessage(), e.retryAfter())
                : Problem.of(e);
    }

    private static Problem doubt(String selector, Problem problem) {
        var words = problem.message();
        return new Problem(
                problem.reason(),
                "Selector " + selector + ": " + words + (words.endsWith(".") ? "" : ".")
                        + " Nobody leaves the set until its list is complete.",
                problem.retryAfter());
    }

    // --------------------------------------------------------------- proving

    /** The readings, with Keystone's answers about projects that would leave by time alone. */
    private List<SelectorReading> proven(
            List<ProjectSelector> selectors,
            List<SelectorReading> readings,
            Map<String, List<String>> unproven,
            ParallelCalls parallel) {
        var proven = new ArrayList<SelectorReading>();
        for (var i = 0; i < readings.size(); i++) {
            var reading = readings.get(i);
            var ids = unproven.get(reading.selector());
            proven.add(ids == null ? reading : proven(selectors.get(i), reading, ids, parallel));
        }
        return proven;
    }

    private SelectorReading proven(
            ProjectSelector selector, SelectorReading reading, List<String> ids, ParallelCalls parallel) {
        var name = reading.selector();
        var directory = requireNonNull(opened.get(name));
        var answers = new ConcurrentHashMap<String, ProjectAnswer>();
        var failed = parallel.forEach(ids, Set.of(), current, id -> answers.put(id, directory.project(id)));
        if (!failed.isEmpty()) {
            return reading.doubted(
                    doubt(name, problem(failed.values().iterator().next())));
        }
        var explained = new TreeSet<String>();
        var refused = new TreeSet<String>();
        var present = new TreeMap<String, String>();
        answers.forEach((id, answer) -> {
            if (answer instanceof ProjectAnswer.Found found) {
                if (matches(selector, found.project())) {
                    present.put(id, requireNonNullElse(found.project().name(), ""));
                } else {
                    explained.add(id);
                }
            } else if (answer instanceof ProjectAnswer.NotFound) {
                explained.add(id);
            } else {
                refused.add(id);
            }
        });
        if (!present.isEmpty()) {
            return reading.with(present)
                    .doubted(doubt(
                            name,
                            Problem.of(
                                    Reason.ListIncomplete,
                                    "the list lacks projects that Keystone shows when each is requested: "
                                            + EventRecorder.names(present.keySet()))));
        }
        try {
            if (!refused.isEmpty() && mayStillRead(directory, reading)) {
                explained.addAll(refused);
            }
        } catch (OpenStackException e) {
            return reading.doubted(doubt(name, problem(e)));
        }
        return reading.withExplained(explained);
    }

    /** The readings, with the projects that Keystone no longer has; for the status only. Projects about to leave are asked about later. */
    private List<SelectorReading> withGone(List<SelectorReading> readings, SetPlan plan, ParallelCalls parallel) {
        return readings.stream()
                .map(reading -> {
                    var ids = new ArrayList<>(plan.lost().getOrDefault(reading.selector(), List.of()));
                    ids.removeAll(plan.unproven().getOrDefault(reading.selector(), List.of()));
                    return ids.isEmpty()
                            ? reading
                            : reading.withGone(gone(reading, ids.subList(0, Math.min(ids.size(), MAX_LOST)), parallel));
                })
                .toList();
    }

    private Set<String> gone(SelectorReading reading, List<String> ids, ParallelCalls parallel) {
        var directory = requireNonNull(opened.get(reading.selector()));
        var answers = new ConcurrentHashMap<String, ProjectAnswer>();
        // What fails says nothing of a project; the next pass asks again.
        parallel.forEach(ids, Set.of(), current, id -> answers.put(id, directory.project(id)));
        var gone = new TreeSet<String>();
        var refused = new TreeSet<String>();
        answers.forEach((id, answer) -> {
            if (answer instanceof ProjectAnswer.NotFound) {
                gone.add(id);
            } else if (answer instanceof ProjectAnswer.Forbidden) {
                refused.add(id);
            }
        });
        try {
            if (!refused.isEmpty() && mayStillRead(directory, reading)) {
                gone.addAll(refused);
            }
            return gone;
        } catch (OpenStackException e) {
            return gone; // of those who were refused nothing is known
        }
    }

    private boolean matches(ProjectSelector selector, DirectoryProject project) {
        var domain = requireNonNull(requireNonNull(selector.domain()).id());
        return (project.domainId() == null || project.domainId().equals(domain))
                && requireNonNull(filters.get(selector.name())).test(project);
    }

    /** A 403 about a project means that it was deleted, or that the reader lost its role. In the latter case it can't read a listed one. */
    private static boolean mayStillRead(ProjectDirectory directory, SelectorReading reading) {
        var listed = reading.projects().keySet().stream().sorted().findFirst();
        return listed.isPresent() && directory.project(listed.get()) instanceof ProjectAnswer.Found;
    }
}
