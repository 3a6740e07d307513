package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the reconcilers of all kinds do alike: they answer the SDK, and make one pass over one object at a time. Each pass reads
 * the truth, writes the status only if it changed, and says itself when the next one is due: the SDK's retry gives up after five
 * tries, and counts a rescheduled error as a success. A kind says what one pass does, and how a fault reads in its status.
 *
 * <p>A subclass is annotated with {@code @ControllerConfiguration(generationAwareEventProcessing = false,
 * triggerReconcilerOnAllEvents = true)}: the SDK is to call for a deleted object too, since others may have waited for it to go,
 * and leaves finalizers alone then.
 *
 * @param <R> the kind
 * @param <T> its status
 * @param <S> what this process remembers of one object between passes
 */
public abstract class ObjectReconciler<R extends CustomResource<?, T>, T, S extends Schedule> implements Reconciler<R> {

    protected final Passes<R, S> passes;
    protected final StatusWriter<R, T> statuses;
    protected final Counters counters = new Counters();

    private final EventRecorder events;
    private final Clock clock;

    /**
     * @param credentials what an object names, or null
     * @param newSchedule for an object that is new to this process
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     */
    protected ObjectReconciler(
            Class<R> type,
            Function<R, @Nullable CloudCredentialsRef> credentials,
            Supplier<S> newSchedule,
            KubernetesClient client,
            EventRecorder events,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            Backoff backoff) {
        this.passes = new Passes<>(credentials, newSchedule, turns, lead.mayReconcile(), clock, backoff, counters);
        this.statuses = new StatusWriter<>(client, type, lead.mayWriteStatus());
        this.events = events;
        this.clock = clock;
    }

    /**
     * What the annotation can't say.
     *
     * @param asksForAPass whether an update of an object asks for a pass over it
     */
    protected static <R extends CustomResource<?, ?>> void configure(
            ControllerConfigurationOverrider<R> configuration, OnUpdateFilter<R> asksForAPass) {
        configuration
                .withOnUpdateFilter(asksForAPass)
                // Resync is ours; without this the SDK looks at each object every ten hours on its own.
                .withReconciliationMaxInterval(null)
                .withRetry(Passes.retry());
    }

    @Override
    public final UpdateControl<R> reconcile(R cached, Context<R> context) {
        if (context.isPrimaryResourceDeleted()) {
            if (!passes.isThere(cached)) {
                onDeleted(cached);
            }
            return UpdateControl.noUpdate();
        }
        if (!passes.isLeading()) {
            return UpdateControl.<R>noUpdate().rescheduleAfter(Passes.NOT_LEADING);
        }
        if (!passes.isRunning()) {
            beforeFirstPass();
        }
        var object = complete(statuses.freshest(cached));
        var tracked = passes.begin(object);
        var wait = passes.run(
                object,
                tracked,
                turn -> pass(object, tracked, turn),
                fault -> reportFault(complete(statuses.freshest(cached)), tracked, fault));
        return wait.isPresent() ? UpdateControl.<R>noUpdate().rescheduleAfter(wait.get()) : UpdateControl.noUpdate();
    }

    /** With a spec, which is missing only where the CRD isn't enforced, and refused as invalid then. */
    private R complete(R object) {
        if (object.getSpec() == null) {
            withoutSpec(object);
        }
        return object;
    }

    /**
     * One pass over one object, which has a spec.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    protected abstract Optional<Duration> pass(R object, S tracked, FairScheduler.Turn turn);

    /** Gives an object that has no spec one that is refused as invalid. */
    protected abstract void withoutSpec(R object);

    /** The conditions of the object's status; null if there are none. */
    protected abstract @Nullable List<Condition> conditions(R object);

    /** The status that says that a pass failed as a whole, and keeps what the status knows. */
    protected abstract T failed(R object, Problem fault, boolean stalled, Instant now);

    /** The fault, in words that suit the object. */
    protected Problem describe(R object, Problem fault) {
        return fault;
    }

    /** Before the first pass of this process; the cache of objects is complete. */
    protected void beforeFirstPass() {}

    /** The object is gone. */
    protected void onDeleted(R object) {
        forget(object.getMetadata().getUid());
    }

    /** Forgets an object that is gone, also one that went without a call of {@link #onDeleted}. */
    protected void forget(String uid) {
        passes.forget(uid);
        statuses.forget(uid);
    }

    /** The operator or the Kubernetes API failed, and the pass with it. */
    protected void reportFault(R object, S tracked, Problem fault) {
        var problem = describe(object, fault);
        var before = conditions(object);
        var now = clock.instant();
        var stalled = tracked.graceIsOver(List.of(problem), before, now);
        var next = failed(object, problem, stalled, now);
        try {
            if (!next.equals(object.getStatus())) {
                statuses.write(object, next);
            }
        } finally {
            events.newProblems(object, before, List.of(problem));
        }
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
    public final void forgotten(ResourceID object) {
        passes.forgotten(object);
    }

    /** What was done since this process started. */
    public final Counters counters() {
        return counters;
    }
}
