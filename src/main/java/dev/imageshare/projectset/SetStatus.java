package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.HeldLeaves;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetSummary;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Derives a status from a pass's outcome and the status before. Pure. */
final class SetStatus {

    private static final ProjectSetStatus EMPTY =
            new ProjectSetStatus(null, null, null, null, null, null, null, null, null, null, null, null, null);

    private static final int MAX_WAITING = 100;

    private SetStatus() {}

    /** The set's status; an empty one if it has none. */
    static ProjectSetStatus before(ProjectSet set) {
        return set.getStatus() == null ? EMPTY : set.getStatus();
    }

    /**
     * The status after a pass. Without a plan, the set stays as it was, and incomplete.
     *
     * @param stalled whether the grace period of the reason is over
     * @param lastSyncTime when all was last read; null keeps the status's value
     */
    static ProjectSetStatus of(
            ProjectSet set, SetOutcome outcome, boolean stalled, @Nullable Instant lastSyncTime, Instant now) {
        var before = before(set);
        long generation = set.getMetadata().getGeneration();
        var plan = outcome.plan();
        var conditions = new Conditions(before.conditions(), generation, now)
                .ready(
                        outcome.problems(),
                        set.getSpec().suspend() ? Reason.Suspended : Reason.Synced,
                        () -> inOrder(set, Objects.requireNonNull(plan)),
                        Stream.of(gone(plan), waiting(set, outcome.applications()), notes(set))
                                .flatMap(Optional::stream)
                                .toList(),
                        stalled)
                .build();
        var lastSync = lastSyncTime == null
                ? before.lastSyncTime()
                : lastSyncTime.truncatedTo(ChronoUnit.SECONDS).toString();
        if (plan == null) {
            return new ProjectSetStatus(
                    generation,
                    before.cloud(),
                    before.establishedAt(),
                    false,
                    before.projects(),
                    before.released(),
                    before.summary(),
                    before.selectors(),
                    // What was held for another generation can't be approved any more.
                    Objects.equals(before.observedGeneration(), generation) ? before.plan() : null,
                    before.requests(),
                    before.recentLeaves(),
                    lastSync,
                    conditions);
        }
        return new ProjectSetStatus(
                generation,
                outcome.cloud() != null || !isOfOneCloud(set) ? outcome.cloud() : before.cloud(),
                before.establishedAt() != null
                        ? before.establishedAt()
                        : now.truncatedTo(ChronoUnit.SECONDS).toString(),
                plan.complete(),
                plan.projects(),
                plan.released().isEmpty() ? null : plan.released(),
                summary(plan, waitingCount(set, outcome.applications(), before)),
                plan.selectors().isEmpty() ? null : plan.selectors(),
                plan.held(),
                requests(set, outcome.applications(), before),
                plan.recentLeaves().isEmpty() ? null : plan.recentLeaves(),
                lastSync,
                conditions);
    }

    /** Whether its projects are of the cloud that its credentials name. */
    private static boolean isOfOneCloud(ProjectSet set) {
        var spec = set.getSpec();
        return spec.requests() != null
                || (spec.selectors() != null && !spec.selectors().isEmpty());
    }

    private static @Nullable List<WaitingRequest> requests(
            ProjectSet set, @Nullable Applications applications, ProjectSetStatus before) {
        if (set.getSpec().requests() == null) {
            return null;
        }
        if (applications == null) {
            return before.requests();
        }
        return applications.waiting().isEmpty()
                ? null
                : applications.waiting().stream().limit(MAX_WAITING).toList();
    }

    private static @Nullable Integer waitingCount(
            ProjectSet set, @Nullable Applications applications, ProjectSetStatus before) {
        if (set.getSpec().requests() == null) {
            return null;
        }
        return applications != null
                ? Integer.valueOf(applications.waiting().size())
                : before.summary() == null ? null : before.summary().waiting();
    }

    private static Optional<String> waiting(ProjectSet set, @Nullable Applications applications) {
        var count = applications == null ? 0 : applications.waiting().size();
        return count == 0
                ? Optional.empty()
                : Optional.of(count + (count == 1 ? " request waits" : " requests wait")
                        + " for a decision: imageshare requests -n "
                        + set.getMetadata().getNamespace() + ".");
    }

    private static SetSummary summary(SetPlan plan, @Nullable Integer waiting) {
        return new SetSummary(
                plan.projects().size(),
                absent(plan),
                held(plan.held()),
                waiting,
                plan.projects().stream()
                        .flatMap(project -> Optional.ofNullable(project.expiresAt()).stream())
                        .min(Comparator.comparing(SetStatus::time))
                        .orElse(null));
    }

    private static OffsetDateTime time(String expiresAt) {
        return OffsetDateTime.parse(expiresAt); // of an entry of a spec that was looked at
    }

    private static int absent(SetPlan plan) {
        return (int) plan.projects().stream()
                .filter(project -> project.absentSince() != null)
                .count();
    }

    private static int held(@Nullable HeldLeaves held) {
        return held == null ? 0 : Objects.requireNonNull(held.remove()).size();
    }

    private static String inOrder(ProjectSet set, SetPlan plan) {
        if (set.getSpec().suspend()) {
            return "Suspended, so nobody joins and nobody leaves: "
                    + (plan.joined().isEmpty() && plan.left().isEmpty()
                            ? "the set is as declared."
                            : plan.joined().size() + " would join, "
                                    + plan.left().size() + " would leave.")
                    + " To resume, set spec.suspend to false.";
        }
        var projects = plan.projects().size() + (plan.projects().size() == 1 ? " project." : " projects.");
        var absent = absent(plan);
        return absent == 0
                ? projects
                : projects + " Of these, " + absent + (absent == 1 ? " is" : " are")
                        + " no longer declared or matched and may leave after absentFor "
                        + set.getSpec().managedOptions().absentFor() + ": "
                        + EventRecorder.names(plan.projects().stream()
                                .filter(project -> project.absentSince() != null)
                                .map(SetStatus::named)
                                .toList())
                        + ".";
    }

    /** The project's ID, and its name if it has one. */
    static String named(SetProject project) {
        return ProjectText.of(project.projectID(), project.name());
    }

    private static Optional<String> gone(@Nullable SetPlan plan) {
        var gone = plan == null
                ? List.<String>of()
                : plan.projects().stream()
                        .filter(project -> Boolean.TRUE.equals(project.gone()))
                        .map(SetStatus::named)
                        .toList();
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of("No longer in Keystone, but still in the set: " + EventRecorder.names(gone) + ".");
    }

    /** IDs that look like names; Glance would accept them. */
    static Optional<String> notes(ProjectSet set) {
        var projects = set.getSpec().projects();
        var suspect = projects == null
                ? List.<String>of()
                : FieldRules.suspectNames(projects.stream()
                        .map(ProjectEntry::projectID)
                        .filter(FieldRules::isProjectId)
                        .map(Objects::requireNonNull)
                        .toList());
        return suspect.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "These don't look like project IDs (32 or 64 hexadecimal digits), so they probably mean nobody: "
                                + EventRecorder.names(suspect) + ".");
    }
}
