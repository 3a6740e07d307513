package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.Absence;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import dev.imageshare.projectset.Application;
import dev.imageshare.projectset.Applications;
import dev.imageshare.reconcile.FieldRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request, as far as its set is concerned.
 *
 * @param request valid by {@link AccessRules}, and not being deleted
 * @param admission whether the set admits its namespace
 * @param decisions those about it
 * @param proof the project that it proved in this process, at the set's cloud; null if none
 * @param looked whether this process has looked at it
 */
record AskedRequest(
        ImageAccessRequest request,
        Admission admission,
        List<ImageAccessDecision> decisions,
        @Nullable ProvenRequest proof,
        boolean looked) {

    /** A request that nobody decides about ends. */
    static final Duration LONGEST_WAIT = Duration.ofDays(14);

    private static final int MAX_REASON = 256;

    AskedRequest {
        decisions = List.copyOf(decisions);
    }

    /** What it is called among the sources of its set's projects. */
    static String source(ImageAccessRequest request) {
        return Applications.source(
                request.getMetadata().getNamespace(), request.getMetadata().getName());
    }

    /** The projects that are in the set by a request of this name. */
    static Set<String> projects(ProjectSet set, String source) {
        return set.getStatus() == null || set.getStatus().projects() == null
                ? Set.of()
                : set.getStatus().projects().stream()
                        .filter(project -> has(project, source))
                        .map(SetProject::projectID)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean has(SetProject project, String source) {
        return Objects.requireNonNullElse(project.sources(), List.<String>of()).contains(source)
                || Objects.requireNonNullElse(project.absences(), List.<Absence>of()).stream()
                        .anyMatch(absence -> absence.source().equals(source));
    }

    /** Whether nobody decided in time. */
    static boolean isTooOld(ImageAccessRequest request, Instant now) {
        return !now.isBefore(AccessVerdict.created(request).plus(LONGEST_WAIT));
    }

    /** What the requests for a set come to. Pure. */
    static Applications of(ProjectSet set, Collection<AskedRequest> all, Instant now) {
        var decided = new ArrayList<Application>();
        var waiting = new ArrayList<WaitingRequest>();
        for (var asked : all) {
            var source = source(asked.request);
            var present = projects(set, source);
            var projects = new TreeSet<>(present);
            // One that is in the set stays the request's project.
            if (asked.proof != null && present.isEmpty()) {
                projects.add(asked.proof.project().id());
            }
            for (var project : projects) {
                asked.application(set, source, project, present.contains(project))
                        .ifPresent(decided::add);
            }
            if (present.isEmpty()) {
                asked.waiting(set, now).ifPresent(waiting::add);
            }
        }
        waiting.sort(Comparator.comparing(WaitingRequest::since)
                .thenComparing(WaitingRequest::namespace)
                .thenComparing(WaitingRequest::name));
        return new Applications(decided, waiting);
    }

    private Optional<Application> application(ProjectSet set, String source, String project, boolean isPresent) {
        var policy = Objects.requireNonNull(set.getSpec().requests());
        var verdict = AccessVerdict.of(request, policy, decisions, project);
        var name = proof != null && proof.project().id().equals(project)
                ? proof.project().name()
                : null;
        if (verdict instanceof AccessVerdict.Denied) {
            return Optional.of(new Application(source, project, name, false, null));
        }
        return verdict instanceof AccessVerdict.Granted granted
                        && (admission == Admission.ADMITTED || (admission == Admission.UNKNOWN && isPresent))
                ? Optional.of(new Application(source, project, name, true, granted.end()))
                : Optional.empty();
    }

    private Optional<WaitingRequest> waiting(ProjectSet set, Instant now) {
        var policy = Objects.requireNonNull(set.getSpec().requests());
        if (admission != Admission.ADMITTED || isTooOld(request, now)) {
            return Optional.empty();
        }
        if (proof == null) {
            return looked ? Optional.empty() : waitingBefore(set);
        }
        var project = proof.project();
        if (!(AccessVerdict.of(request, policy, decisions, project.id()) instanceof AccessVerdict.Undecided)) {
            return Optional.empty();
        }
        var metadata = request.getMetadata();
        return Optional.of(new WaitingRequest(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                project.id(),
                project.name() == null ? null : FieldRules.clipped(project.name(), FieldRules.MAX_NAME),
                metadata.getCreationTimestamp(),
                request.getSpec().reason() == null
                        ? null
                        : FieldRules.clipped(request.getSpec().reason(), MAX_REASON),
                request.getSpec().duration()));
    }

    /** As an earlier process saw it. A decision about it counts once this one has had the project proven. */
    private Optional<WaitingRequest> waitingBefore(ProjectSet set) {
        return set.getStatus() == null || set.getStatus().requests() == null
                ? Optional.empty()
                : set.getStatus().requests().stream()
                        .filter(before ->
                                before.uid().equals(request.getMetadata().getUid()) && decisions.isEmpty())
                        .findFirst();
    }
}
