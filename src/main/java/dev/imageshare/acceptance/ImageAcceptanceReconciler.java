package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
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
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reconciles ImageAcceptances. Their deletion changes no answer, so there is no finalizer. */
@ControllerConfiguration(
        name = ImageAcceptanceReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageAcceptanceReconciler
        extends ObjectReconciler<ImageAcceptance, ImageAcceptanceStatus, TrackedAcceptance> {

    /** The controller's name. */
    public static final String NAME = "imageacceptance";

    private static final ImageAcceptanceSpec NO_SPEC =
            new ImageAcceptanceSpec(null, null, null, null, ImageAcceptanceSpec.DEFAULT_RESYNC_PERIOD);

    private final CloudAccess clouds;
    private final AcceptanceEvents events;
    private final ParallelCalls parallel;
    private final Clock clock;
    private final Backoff backoff;

    private @Nullable Precedence precedence;
    private @Nullable LiveAcceptances live;

    /**
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     */
    public ImageAcceptanceReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            EventRecorder events,
            ParallelCalls parallel,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            Backoff backoff) {
        super(
                ImageAcceptance.class,
                ImageAcceptanceReconciler::credentials,
                TrackedAcceptance::new,
                client,
                events,
                turns,
                lead,
                clock,
                backoff);
        this.clouds = clouds;
        this.events = new AcceptanceEvents(events, passes::about);
        this.parallel = parallel;
        this.clock = clock;
        this.backoff = backoff;
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageAcceptance> configuration) {
        configure(configuration, Passes::asksForAPass);
    }

    private static @Nullable CloudCredentialsRef credentials(ImageAcceptance acceptance) {
        return acceptance.getSpec() == null ? null : acceptance.getSpec().cloudCredentialsRef();
    }

    @Override
    public List<EventSource<?, ImageAcceptance>> prepareEventSources(EventSourceContext<ImageAcceptance> context) {
        precedence = new Precedence(context.getPrimaryCache(), clouds.sameClouds(), clock);
        live = new LiveAcceptances(clouds, precedence, parallel, passes, statuses, events, counters, clock, backoff);
        return passes.eventSources(context.getPrimaryCache(), clouds.secrets());
    }

    private Precedence precedence() {
        return Objects.requireNonNull(precedence, "not started");
    }

    @Override
    protected void beforeFirstPass() {
        precedence().start(passes.cache().list());
    }

    @Override
    protected Optional<Duration> pass(ImageAcceptance acceptance, TrackedAcceptance tracked, FairScheduler.Turn turn) {
        if (acceptance.isMarkedForDeletion()) {
            // It waits for the finalizers of others, and answers nothing any more.
            nudgeOthers(acceptance);
            precedence().forget(acceptance.getMetadata().getUid()).forEach(passes::nudge);
            return Optional.empty();
        }
        try {
            var wait = Objects.requireNonNull(live, "not started").pass(acceptance, tracked, turn);
            precedence().looked(acceptance).forEach(passes::nudge);
            return wait;
        } finally {
            // What this spec no longer says may let others answer; also if this pass failed.
            if (tracked.isNewToOthers(AcceptanceStatus.before(acceptance).observedGeneration())) {
                nudgeOthers(statuses.freshest(acceptance));
            }
        }
    }

    private void nudgeOthers(ImageAcceptance acceptance) {
        precedence().others(acceptance).forEach(passes::nudge);
    }

    /** What it kept others from, they may do now. */
    @Override
    protected void onDeleted(ImageAcceptance acceptance) {
        if (acceptance.getSpec() != null && passes.isRunning()) {
            nudgeOthers(acceptance);
        }
        super.onDeleted(acceptance);
    }

    @Override
    protected void forget(String uid) {
        super.forget(uid);
        precedence().forget(uid).forEach(passes::nudge);
    }

    @Override
    protected void withoutSpec(ImageAcceptance acceptance) {
        acceptance.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ImageAcceptance acceptance) {
        return AcceptanceStatus.before(acceptance).conditions();
    }

    @Override
    protected ImageAcceptanceStatus failed(ImageAcceptance acceptance, Problem fault, boolean stalled, Instant now) {
        return AcceptanceStatus.of(acceptance, AcceptanceOutcome.failed(fault), stalled, null, now);
    }

    /** What all ImageAcceptances come to now. */
    public AcceptanceCensus census() {
        return new AcceptanceCensus(passes);
    }

    /** Whether an ImageAcceptance names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty();
    }
}
