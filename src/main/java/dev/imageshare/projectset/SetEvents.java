package dev.imageshare.projectset;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.ProjectText;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Reports about a ProjectSet beside its status: at most one event of each kind per pass, and log lines. */
final class SetEvents {

    private static final Logger LOG = LoggerFactory.getLogger(SetEvents.class);

    private final EventRecorder events;
    private final BiFunction<LoggingEventBuilder, ProjectSet, LoggingEventBuilder> about;

    /** @param about adds the object to a log line */
    SetEvents(EventRecorder events, BiFunction<LoggingEventBuilder, ProjectSet, LoggingEventBuilder> about) {
        this.events = events;
        this.about = about;
    }

    /**
     * A pass has ended.
     *
     * @param set with its new status
     * @param before the status before the pass
     */
    void looked(ProjectSet set, ProjectSetStatus before, SetOutcome outcome) {
        var plan = outcome.plan();
        if (plan != null && !set.getSpec().suspend()) {
            moves(set, before, plan);
        }
        asked(set, before, outcome.applications());
        events.newProblems(set, before.conditions(), outcome.problems());
        var told = Conditions.find(before.conditions(), Conditions.READY)
                .map(condition -> condition.message())
                .orElse("");
        SetStatus.notes(set)
                .filter(note -> !told.contains(note))
                .ifPresent(note -> record(set, EventRecorder.Type.Warning, "NotAProjectID", note));
        log(set, before, outcome);
    }

    /** Requests that wait for a decision since this pass. */
    private void asked(ProjectSet set, ProjectSetStatus before, @Nullable Applications applications) {
        var known = requireNonNullElse(before.requests(), List.<WaitingRequest>of()).stream()
                .map(WaitingRequest::uid)
                .collect(Collectors.toSet());
        var asked = applications == null
                ? List.<String>of()
                : requireNonNullElse(set.getStatus().requests(), List.<WaitingRequest>of()).stream()
                        .filter(request -> !known.contains(request.uid()))
                        .map(request -> request.namespace() + "/" + request.name() + " for project "
                                + ProjectText.of(request.projectID(), request.projectName()))
                        .toList();
        if (!asked.isEmpty()) {
            record(
                    set,
                    EventRecorder.Type.Normal,
                    "AccessRequested",
                    "Waits for a decision: " + EventRecorder.namesInEvent(asked));
        }
    }

    private void moves(ProjectSet set, ProjectSetStatus before, SetPlan plan) {
        var names = new HashMap<String, String>();
        Stream.of(requireNonNullElse(before.projects(), List.<SetProject>of()), plan.projects())
                .flatMap(Collection::stream)
                .forEach(project -> names.put(project.projectID(), SetStatus.named(project)));
        var left = new HashSet<>(plan.left());
        plan.expired().forEach(left::remove);
        plan.denied().forEach(left::remove);
        record(set, "ProjectsJoined", "Joined the set: ", plan.joined(), names);
        record(set, "ProjectsLeft", "Left the set: ", left.stream().sorted().toList(), names);
        record(set, "ProjectsExpired", "Left the set, since expiresAt was reached: ", plan.expired(), names);
        record(set, "ProjectsDenied", "Left the set, since their requests were denied: ", plan.denied(), names);
        var wereAbsent = new HashSet<String>();
        requireNonNullElse(before.projects(), List.<SetProject>of()).stream()
                .filter(project -> project.absentSince() != null)
                .forEach(project -> wereAbsent.add(project.projectID()));
        var absent = plan.projects().stream()
                .filter(project -> project.absentSince() != null && !wereAbsent.contains(project.projectID()))
                .map(SetProject::projectID)
                .toList();
        record(set, "ProjectsAbsent", "No longer declared or matched, but still in the set for now: ", absent, names);
    }

    private void record(
            ProjectSet set, String reason, String introduction, List<String> ids, Map<String, String> names) {
        if (!ids.isEmpty()) {
            record(
                    set,
                    EventRecorder.Type.Normal,
                    reason,
                    introduction
                            + EventRecorder.namesInEvent(ids.stream()
                                    .map(id -> names.getOrDefault(id, id))
                                    .toList()));
        }
    }

    private void record(ProjectSet set, EventRecorder.Type type, String reason, String message) {
        events.record(set, type, reason, message);
    }

    private void log(ProjectSet set, ProjectSetStatus before, SetOutcome outcome) {
        var plan = outcome.plan();
        var isChanged = plan != null
                && !set.getSpec().suspend()
                && !(plan.joined().isEmpty() && plan.left().isEmpty());
        if (isChanged || !Objects.equals(before.conditions(), set.getStatus().conditions())) {
            about.apply(outcome.problems().isEmpty() ? LOG.atInfo() : LOG.atWarn(), set)
                    .addKeyValue("joined", plan == null ? 0 : plan.joined().size())
                    .addKeyValue("left", plan == null ? 0 : plan.left().size())
                    .log("{}", Conditions.readyText(set.getStatus().conditions()));
        } else {
            about.apply(LOG.atDebug(), set).log("Nothing new");
        }
    }
}
