package dev.imageshare.projectset;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles ProjectSets. Nothing is written to OpenStack, and the deletion of a set removes nobody, so there is no finalizer;
 * the SDK is told to call for a deleted object all the same, since ImageShares that name it have to say so.
 */
@ControllerConfiguration(
        name = ProjectSetReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ProjectSetReconciler implements Reconciler<ProjectSet> {

    /** The controller's name. */
    public static final String NAME = "projectset";

    private static final Logger LOG = LoggerFactory.getLogger(ProjectSetReconciler.class);

    private static final String BY_SELECTORS_SECRET = "spec.selectors.cloudCredentialsRef.secretName";

    /** A list that serves several sets is at most so old: a tenth of the period, or this. */
    private static final Duration OLDEST_LIST = Duration.ofMinutes(5);

    private static final ProjectSetSpec NO_SPEC = new ProjectSetSpec(
            null, null, null, null, LeaveOptions.DEFAULTS, ProjectSetSpec.DEFAULT_RESYNC_PERIOD, false);

    private final CloudAccess clouds;
    private final EventRecorder events;
    private final StatusWriter<ProjectSet, ProjectSetStatus> statuses;
    private final ParallelCalls parallel;
    private final Followers followers;
    private final BooleanSupplier clockTrusted;
    private final Clock clock;
    private final Backoff backoff;
    private final Passes<ProjectSet, TrackedSet> passes;
    private final Counters counters = new Counters();
    private final List<Consumer<ResourceID>> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     * @param followers the ImageShares that name a set
     * @param clockTrusted whether this process's clock agrees with others'; if not, nobody leaves by time
     */
    public ProjectSetReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            EventRecorder events,
            ParallelCalls parallel,
            FairScheduler turns,
            Leadership lead,
            Followers followers,
            BooleanSupplier clockTrusted,
            Clock clock,
            Backoff backoff) {
        this.clouds = clouds;
        this.events = events;
        this.statuses = new StatusWriter<>(client, ProjectSet.class, lead.mayWriteStatus());
        this.parallel = parallel;
        this.followers = followers;
        this.clockTrusted = clockTrusted;
        this.clock = clock;
        this.backoff = backoff;
        this.passes = new Passes<>(
                ProjectSetReconciler::credentials,
                TrackedSet::new,
                turns,
                lead.mayReconcile(),
                clock,
                backoff,
                counters);
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ProjectSet> configuration) {
        configuration
                .withOnUpdateFilter(ProjectSetReconciler::asksForAPass)
                // Resync is ours; without this the SDK looks at each object every ten hours on its own.
                .withReconciliationMaxInterval(null)
                .withRetry(Passes.retry());
    }

    /** Also an approval, which leaves the generation alone. */
    private static boolean asksForAPass(ProjectSet now, ProjectSet before) {
        return Passes.asksForAPass(now, before)
                || !Annotations.value(now, ImageShare.APPROVE_REMOVALS)
                        .equals(Annotations.value(before, ImageShare.APPROVE_REMOVALS));
    }

    private static @Nullable CloudCredentialsRef credentials(ProjectSet set) {
        return set.getSpec() == null ? null : set.getSpec().cloudCredentialsRef();
    }

    @Override
    public List<EventSource<?, ProjectSet>> prepareEventSources(EventSourceContext<ProjectSet> context) {
        var cache = context.getPrimaryCache();
        cache.addIndexer(
                BY_SELECTORS_SECRET,
                set -> selectorSecrets(set)
                        .map(CredentialSecrets.SecretKey::toString)
                        .toList());
        clouds.secrets().onChange(key -> bySelectors(key).forEach(passes::nudge));
        return passes.eventSources(cache, clouds.secrets());
    }

    private List<ProjectSet> bySelectors(CredentialSecrets.SecretKey key) {
        return passes.isRunning() ? passes.cache().byIndex(BY_SELECTORS_SECRET, key.toString()) : List.of();
    }

    /** The Secrets that selectors name for themselves, each once. */
    private static Stream<CredentialSecrets.SecretKey> selectorSecrets(ProjectSet set) {
        return set.getSpec() == null || set.getSpec().selectors() == null
                ? Stream.of()
                : set.getSpec().selectors().stream()
                        .map(ProjectSelector::cloudCredentialsRef)
                        .filter(ref -> ref != null && ref.secretName() != null)
                        .map(ref -> new CredentialSecrets.SecretKey(
                                set.getMetadata().getNamespace(), Objects.requireNonNull(ref.secretName())))
                        .distinct();
    }

    @Override
    public UpdateControl<ProjectSet> reconcile(ProjectSet cached, Context<ProjectSet> context) {
        if (context.isPrimaryResourceDeleted()) {
            if (!passes.isThere(cached)) {
                forget(cached.getMetadata().getUid());
                announce(cached);
            }
            return UpdateControl.noUpdate();
        }
        if (!passes.isLeading()) {
            return UpdateControl.<ProjectSet>noUpdate().rescheduleAfter(Passes.NOT_LEADING);
        }
        var set = statuses.freshest(cached);
        var schedule = passes.begin(set);
        var wait = passes.run(
                set,
                schedule,
                turn -> set.isMarkedForDeletion() ? going(set) : new SetVisit(set, schedule).run(turn),
                fault -> reportFault(statuses.freshest(cached), schedule, fault));
        return wait.isPresent()
                ? UpdateControl.<ProjectSet>noUpdate().rescheduleAfter(wait.get())
                : UpdateControl.noUpdate();
    }

    /** It waits for the finalizers of others; nobody joins or leaves by it any more. */
    private Optional<Duration> going(ProjectSet set) {
        announce(set);
        return Optional.empty();
    }

    /** The operator or the Kubernetes API failed, and the pass with it: says so, and keeps what the status knows. */
    private void reportFault(ProjectSet set, TrackedSet schedule, Problem fault) {
        var before = set.getStatus() == null ? SetStatus.EMPTY : set.getStatus();
        if (set.getSpec() == null) {
            set.setSpec(NO_SPEC);
        }
        var outcome = SetOutcome.failed(fault);
        var now = clock.instant();
        var stalled = schedule.graceIsOver(outcome.problems, before.conditions(), now);
        var next = SetStatus.of(set, outcome, stalled, null, now);
        try {
            if (!next.equals(before)) {
                statuses.write(set, next);
                announce(set);
            }
        } finally {
            if (!Conditions.has(before.conditions(), Conditions.READY, fault.reason())) {
                events.record(set, EventRecorder.Type.Warning, fault.reason().name(), fault.message());
            }
        }
    }

    private void announce(ProjectSet set) {
        var id = ResourceID.fromResource(set);
        listeners.forEach(listener -> listener.accept(id));
    }

    private void forget(String uid) {
        passes.forget(uid);
        statuses.forget(uid);
    }

    /** Calls back with the name of a set whose status changed, or that goes or is gone. The callback is quick. */
    public void onChange(Consumer<ResourceID> listener) {
        listeners.add(listener);
    }

    /** The set of this name as it is known now, with a status that this process wrote even if the cache lags behind. */
    public Optional<ProjectSet> find(ResourceID name) {
        return passes.cache().get(name).map(statuses::freshest);
    }

    /** Asks for a pass: an ImageShare that names the set has followed it. */
    public void nudge(ResourceID name) {
        passes.nudge(name);
    }

    /**
     * Finds objects that are overdue, and forgets those that went.
     *
     * @param patience how late a pass may be
     * @return how many were overdue
     */
    public int watch(Duration patience) {
        if (passes.isRunning()) {
            passes.cache().list().forEach(statuses::caughtUp);
        }
        return passes.watch(patience, this::forget);
    }

    /** The SDK has forgotten the object of this name; to be called for each. */
    public void forgotten(ResourceID object) {
        passes.forgotten(object);
    }

    /** What was done since this process started. */
    public Counters counters() {
        return counters;
    }

    /** What all ProjectSets come to now. */
    public ProjectSetCensus census() {
        return new ProjectSetCensus(passes);
    }

    /** Whether a ProjectSet names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty() || !bySelectors(key).isEmpty();
    }

    /** One pass over one set, and its dealings with Kubernetes. */
    private final class SetVisit {

        private final ProjectSetStatus before;
        private final TrackedSet schedule;
        private final Instant now = clock.instant();
        private ProjectSet set;

        SetVisit(ProjectSet set, TrackedSet schedule) {
            if (set.getSpec() == null) {
                set.setSpec(NO_SPEC); // only where the CRD isn't enforced; refused as invalid
            }
            this.set = set;
            this.schedule = schedule;
            this.before = set.getStatus() == null ? SetStatus.EMPTY : set.getStatus();
        }

        Optional<Duration> run(FairScheduler.Turn turn) {
            var violation = ProjectSetRules.violation(set.getSpec());
            var outcome = violation
                    .map(rule -> SetOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                    .orElseGet(() -> look(turn));
            var stalled = schedule.graceIsOver(outcome.problems, before.conditions(), now);
            var written = statuses.writeIfChanged(
                    set,
                    lastSyncTime -> SetStatus.of(set, outcome, stalled, lastSyncTime, now),
                    outcome.plan != null && outcome.plan.complete(),
                    before.lastSyncTime(),
                    schedule,
                    backoff,
                    now);
            set = written;
            if (isNewToOthers(written.getStatus())) {
                announce(written);
            }
            tell(outcome);
            var resync = violation.isPresent()
                    ? Schedule.STALLED_PERIOD
                    : GoDuration.parse(set.getSpec().resyncPeriod()).orElse(Schedule.STALLED_PERIOD);
            return schedule.next(outcome.problems, resync, stalled, backoff, now)
                    .map(wait ->
                            untilExpiry().filter(end -> end.compareTo(wait) < 0).orElse(wait));
        }

        private SetOutcome look(FairScheduler.Turn turn) {
            var released = Set.copyOf(requireNonNullElse(before.released(), List.of()));
            return new ProjectSetPass(
                            set,
                            ref -> clouds.newDirectory(set.getMetadata().getNamespace(), ref, turn),
                            clouds.sameClouds()::cloud,
                            clockTrusted,
                            () -> passes.isCurrent(set),
                            released.isEmpty() ? released : followers.waitingFor(set, released),
                            listAge(),
                            now)
                    .run(parallel);
        }

        /** A person who edits the set, or asks for a look, wants to know how it is now. */
        private Duration listAge() {
            var asked = Annotations.value(set, Annotations.LOOK_NOW).orElse(null);
            var isAsked = !Objects.equals(asked, schedule.lookNow)
                    || !Objects.equals(
                            before.observedGeneration(), set.getMetadata().getGeneration());
            schedule.lookNow = asked;
            var tenth = Schedule.period(set.getSpec().resyncPeriod()).dividedBy(10);
            return isAsked ? Duration.ZERO : tenth.compareTo(OLDEST_LIST) < 0 ? tenth : OLDEST_LIST;
        }

        /** How long until the next entry of the spec ends. */
        private Optional<Duration> untilExpiry() {
            return requireNonNullElse(set.getSpec().projects(), List.<ProjectEntry>of()).stream()
                    .flatMap(entry -> ProjectSetRules.expiry(entry).stream())
                    .filter(end -> end.isAfter(now))
                    .min(Instant::compareTo)
                    .map(end -> Duration.between(now, end).plusMillis(1));
        }

        /** What ImageShares go by. */
        private boolean isNewToOthers(@Nullable ProjectSetStatus after) {
            return after != null
                    && !(Objects.equals(before.projects(), after.projects())
                            && Objects.equals(before.released(), after.released())
                            && Objects.equals(before.complete(), after.complete())
                            && Objects.equals(before.cloud(), after.cloud())
                            && Objects.equals(before.observedGeneration(), after.observedGeneration()));
        }

        // ------------------------------------------------------------- events

        /** One event a pass and kind. */
        private void tell(SetOutcome outcome) {
            var plan = outcome.plan;
            if (plan != null && !set.getSpec().suspend()) {
                tellOf(plan);
            }
            outcome.problems.stream()
                    .filter(p -> p.reason() != Reason.Progressing)
                    .filter(p -> !Conditions.has(before.conditions(), Conditions.READY, p.reason()))
                    .forEach(p -> say(EventRecorder.Type.Warning, p.reason().name(), p.message()));
            var told = Conditions.find(before.conditions(), Conditions.READY)
                    .map(condition -> condition.message())
                    .orElse("");
            SetStatus.notes(set)
                    .filter(note -> !told.contains(note))
                    .ifPresent(note -> say(EventRecorder.Type.Warning, "NotAProjectID", note));
            log(outcome);
        }

        private void tellOf(SetPlan plan) {
            var names = new HashMap<String, String>();
            Stream.of(requireNonNullElse(before.projects(), List.<SetProject>of()), plan.projects())
                    .flatMap(Collection::stream)
                    .forEach(project -> names.put(project.projectID(), SetStatus.named(project)));
            var left = new HashSet<>(plan.left());
            plan.expired().forEach(left::remove);
            say("ProjectsJoined", "Joined the set: ", plan.joined(), names);
            say("ProjectsLeft", "Left the set: ", left.stream().sorted().toList(), names);
            say("ProjectsExpired", "Left the set, since their time has come: ", plan.expired(), names);
            var wereAbsent = new HashSet<String>();
            requireNonNullElse(before.projects(), List.<SetProject>of()).stream()
                    .filter(project -> project.absentSince() != null)
                    .forEach(project -> wereAbsent.add(project.projectID()));
            var absent = plan.projects().stream()
                    .filter(project -> project.absentSince() != null && !wereAbsent.contains(project.projectID()))
                    .map(SetProject::projectID)
                    .toList();
            say("ProjectsAbsent", "Nothing names these any more; they stay in the set for now: ", absent, names);
        }

        private void say(String reason, String introduction, List<String> ids, Map<String, String> names) {
            if (!ids.isEmpty()) {
                say(
                        EventRecorder.Type.Normal,
                        reason,
                        introduction
                                + EventRecorder.names(ids.stream()
                                        .map(id -> names.getOrDefault(id, id))
                                        .toList()));
            }
        }

        private void say(EventRecorder.Type type, String reason, String message) {
            events.record(set, type, reason, message);
        }

        private void log(SetOutcome outcome) {
            var plan = outcome.plan;
            var isChanged = plan != null
                    && !set.getSpec().suspend()
                    && !(plan.joined().isEmpty() && plan.left().isEmpty());
            if (isChanged
                    || !Objects.equals(before.conditions(), set.getStatus().conditions())) {
                passes.about(outcome.problems.isEmpty() ? LOG.atInfo() : LOG.atWarn(), set)
                        .addKeyValue("joined", plan == null ? 0 : plan.joined().size())
                        .addKeyValue("left", plan == null ? 0 : plan.left().size())
                        .log(
                                "{}",
                                Conditions.find(set.getStatus().conditions(), Conditions.READY)
                                        .map(c -> c.reason() + ": " + c.message())
                                        .orElse(""));
            } else {
                passes.about(LOG.atDebug(), set).log("Nothing new");
            }
        }
    }
}
