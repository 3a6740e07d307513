package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ObjectReconciler;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Schedule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reconciles ProjectSets. Writes nothing to OpenStack. There is no finalizer, since deleting a set removes nobody. */
@ControllerConfiguration(
        name = ProjectSetReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ProjectSetReconciler extends ObjectReconciler<ProjectSet, ProjectSetStatus, Schedule> {

    /** The controller's name. */
    public static final String NAME = "projectset";

    private static final String BY_SELECTORS_SECRET = "spec.selectors.cloudCredentialsRef.secretName";

    private static final ProjectSetSpec NO_SPEC = new ProjectSetSpec(
            null, null, null, null, LeaveOptions.DEFAULTS, ProjectSetSpec.DEFAULT_RESYNC_PERIOD, false);

    private final CloudAccess clouds;
    private final LiveSets live;
    private volatile Applicants applicants = Applicants.NOT_SERVED;
    private final List<Consumer<ResourceID>> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param turns shared by all kinds of this process
     * @param lead what this process may do now
     * @param followers the ImageShares that refer to a set
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
        super(
                ProjectSet.class,
                ProjectSetReconciler::credentials,
                Schedule::new,
                client,
                events,
                turns,
                lead,
                clock,
                backoff);
        this.clouds = clouds;
        this.live = new LiveSets(
                clouds,
                parallel,
                followers,
                () -> applicants,
                clockTrusted,
                passes,
                statuses,
                new SetEvents(events, passes::about),
                this::announce,
                clock,
                backoff);
    }

    /** Has requests counted among the sources of sets; to be called before the start, if at all. */
    public void follow(Applicants asking) {
        applicants = asking;
        asking.onChange(passes::nudge);
    }

    /** Configures what the annotation on this class can't. */
    public static void configure(ControllerConfigurationOverrider<ProjectSet> configuration) {
        configure(configuration, Passes::asksForAPass);
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

    /** The distinct Secrets that the selectors refer to. */
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
    protected Optional<Duration> pass(ProjectSet set, Schedule tracked, FairScheduler.Turn turn) {
        if (set.isMarkedForDeletion()) {
            announce(set); // it waits for others' finalizers, and no longer changes
            return Optional.empty();
        }
        return live.pass(set, tracked, turn);
    }

    @Override
    protected void onDeleted(ProjectSet set) {
        super.onDeleted(set);
        live.forget(ResourceID.fromResource(set));
        announce(set);
    }

    @Override
    protected void withoutSpec(ProjectSet set) {
        set.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ProjectSet set) {
        return SetStatus.before(set).conditions();
    }

    @Override
    protected ProjectSetStatus failed(ProjectSet set, Problem fault, boolean stalled, Instant now) {
        return SetStatus.of(set, SetOutcome.failed(fault), stalled, null, now);
    }

    @Override
    protected void reportFault(ProjectSet set, Schedule tracked, Problem fault) {
        super.reportFault(set, tracked, fault);
        announce(set);
    }

    private void announce(ProjectSet set) {
        var id = ResourceID.fromResource(set);
        listeners.forEach(listener -> listener.accept(id));
    }

    /** Calls back with the name of a set whose status changed, or that is being deleted or is gone. The callback must be quick. */
    public void onChange(Consumer<ResourceID> listener) {
        listeners.add(listener);
    }

    /** The set with this name, with the latest status that this process wrote, even if the cache lags behind. */
    public Optional<ProjectSet> find(ResourceID name) {
        return passes.cache().get(name).map(statuses::freshest);
    }

    /** The display names of a set's projects, by ID, including projects that left it, until all ImageShares have followed. */
    public Map<String, String> projectNames(ResourceID name) {
        var names = new HashMap<>(live.namesOfReleased(name));
        find(name).ifPresent(set -> names.putAll(set.projectNames()));
        return names;
    }

    /** Requests a pass: an ImageShare that refers to the set has followed it. */
    public void nudge(ResourceID name) {
        passes.nudge(name);
    }

    /** Current totals over all ProjectSets. */
    public ProjectSetCensus census() {
        return new ProjectSetCensus(passes);
    }

    /** Whether a known ProjectSet refers to this Secret. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty() || !bySelectors(key).isEmpty();
    }
}
