package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.Mandate;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
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
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles ImageAcceptances. Their deletion changes no answer, so there is no finalizer; the SDK is told to call for a
 * deleted object all the same, since others may have waited for it to go.
 */
@ControllerConfiguration(
        name = ImageAcceptanceReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageAcceptanceReconciler implements Reconciler<ImageAcceptance> {

    /** The controller's name. */
    public static final String NAME = "imageacceptance";

    private static final Logger LOG = LoggerFactory.getLogger(ImageAcceptanceReconciler.class);

    private static final ImageAcceptanceStatus EMPTY = new ImageAcceptanceStatus(null, null, null, null, null, null);

    private static final ImageAcceptanceSpec NO_SPEC =
            new ImageAcceptanceSpec(null, null, null, null, ImageAcceptanceSpec.DEFAULT_RESYNC_PERIOD);

    private final CloudAccess clouds;
    private final EventRecorder events;
    private final StatusWriter<ImageAcceptance, ImageAcceptanceStatus> statuses;
    private final ParallelCalls parallel;
    private final Clock clock;
    private final Backoff backoff;
    private final Passes<ImageAcceptance, TrackedAcceptance> passes;
    private final Counters counters = new Counters();

    private @Nullable Precedence precedence;

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
        this.clouds = clouds;
        this.events = events;
        this.statuses = new StatusWriter<>(client, ImageAcceptance.class, lead.mayWriteStatus());
        this.parallel = parallel;
        this.clock = clock;
        this.backoff = backoff;
        this.passes = new Passes<>(
                ImageAcceptanceReconciler::credentials,
                TrackedAcceptance::new,
                turns,
                lead.mayReconcile(),
                clock,
                backoff,
                counters);
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageAcceptance> configuration) {
        configuration
                .withOnUpdateFilter(Passes::asksForAPass)
                // Resync is ours; without this the SDK looks at each object every ten hours on its own.
                .withReconciliationMaxInterval(null)
                .withRetry(Passes.retry());
    }

    private static @Nullable CloudCredentialsRef credentials(ImageAcceptance acceptance) {
        return acceptance.getSpec() == null ? null : acceptance.getSpec().cloudCredentialsRef();
    }

    @Override
    public List<EventSource<?, ImageAcceptance>> prepareEventSources(EventSourceContext<ImageAcceptance> context) {
        precedence = new Precedence(context.getPrimaryCache(), clouds.sameClouds(), clock);
        return passes.eventSources(context.getPrimaryCache(), clouds.secrets());
    }

    @Override
    public UpdateControl<ImageAcceptance> reconcile(ImageAcceptance cached, Context<ImageAcceptance> context) {
        if (context.isPrimaryResourceDeleted()) {
            if (!passes.isThere(cached)) {
                onDeleted(cached);
            }
            return UpdateControl.noUpdate();
        }
        if (!passes.isLeading()) {
            return UpdateControl.<ImageAcceptance>noUpdate().rescheduleAfter(Passes.NOT_LEADING);
        }
        if (!passes.isRunning()) {
            precedence().start(passes.cache().list());
        }
        var acceptance = statuses.freshest(cached);
        var schedule = passes.begin(acceptance);
        var wait = passes.run(
                acceptance,
                schedule,
                turn -> pass(acceptance, schedule, turn),
                fault -> reportFault(statuses.freshest(cached), schedule, fault));
        return wait.isPresent()
                ? UpdateControl.<ImageAcceptance>noUpdate().rescheduleAfter(wait.get())
                : UpdateControl.noUpdate();
    }

    private Optional<Duration> pass(ImageAcceptance acceptance, TrackedAcceptance schedule, FairScheduler.Turn turn) {
        if (acceptance.isMarkedForDeletion()) {
            // It waits for the finalizers of others, and answers nothing any more.
            nudgeOthers(acceptance);
            precedence().forget(acceptance.getMetadata().getUid()).forEach(passes::nudge);
            return Optional.empty();
        }
        var pass = new AcceptanceVisit(acceptance, schedule, turn);
        try {
            var wait = pass.run();
            precedence().looked(acceptance).forEach(passes::nudge);
            return wait;
        } finally {
            pass.announce();
        }
    }

    /** The operator or the Kubernetes API failed, and the pass with it: says so, and keeps what the status knows. */
    private void reportFault(ImageAcceptance acceptance, TrackedAcceptance schedule, Problem fault) {
        var before = acceptance.getStatus() == null ? EMPTY : acceptance.getStatus();
        var outcome = new AcceptanceOutcome();
        outcome.problems.add(fault);
        var now = clock.instant();
        var stalled = schedule.graceIsOver(outcome.problems, before.conditions(), now);
        var next = AcceptanceStatus.of(acceptance, outcome, stalled, null, now);
        try {
            if (!next.equals(before)) {
                statuses.write(acceptance, next);
            }
        } finally {
            if (!Conditions.has(before.conditions(), Conditions.READY, fault.reason())) {
                events.record(
                        acceptance, EventRecorder.Type.Warning, fault.reason().name(), fault.message());
            }
        }
    }

    /** What it kept others from, they may do now. */
    private void onDeleted(ImageAcceptance acceptance) {
        if (acceptance.getSpec() != null && passes.isRunning()) {
            nudgeOthers(acceptance);
        }
        forget(acceptance.getMetadata().getUid());
    }

    private void nudgeOthers(ImageAcceptance acceptance) {
        precedence().others(acceptance).forEach(passes::nudge);
    }

    private void forget(String uid) {
        passes.forget(uid);
        statuses.forget(uid);
        precedence().forget(uid).forEach(passes::nudge);
    }

    private Precedence precedence() {
        return Objects.requireNonNull(precedence, "not started");
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

    /** What all ImageAcceptances come to now. */
    public AcceptanceCensus census() {
        return new AcceptanceCensus(passes);
    }

    /** Whether an ImageAcceptance names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty();
    }

    /** One pass over one object, and its dealings with Kubernetes. */
    private final class AcceptanceVisit implements Mandate {

        private final ImageAcceptanceStatus before;
        private final TrackedAcceptance schedule;
        private final FairScheduler.Turn turn;
        private final Instant now = clock.instant();
        private ImageAcceptance acceptance;

        AcceptanceVisit(ImageAcceptance acceptance, TrackedAcceptance schedule, FairScheduler.Turn turn) {
            if (acceptance.getSpec() == null) {
                acceptance.setSpec(NO_SPEC); // only where the CRD isn't enforced; refused as invalid
            }
            this.acceptance = acceptance;
            this.schedule = schedule;
            this.turn = turn;
            this.before = acceptance.getStatus() == null ? EMPTY : acceptance.getStatus();
        }

        Optional<Duration> run() {
            var violation = AcceptanceRules.violation(acceptance.getSpec(), acceptance.getStatus());
            var outcome = violation.map(this::invalid).orElseGet(this::lookAtCloud);
            var stalled = schedule.graceIsOver(outcome.problems, before.conditions(), now);
            acceptance = statuses.writeIfChanged(
                    acceptance,
                    lastSyncTime -> AcceptanceStatus.of(acceptance, outcome, stalled, lastSyncTime, now),
                    outcome.offers != null,
                    before.lastSyncTime(),
                    schedule,
                    backoff,
                    now);
            tell(outcome);
            var resync = violation.isPresent()
                    ? Schedule.STALLED_PERIOD
                    : GoDuration.parse(acceptance.getSpec().resyncPeriod()).orElse(Schedule.STALLED_PERIOD);
            return schedule.next(outcome.problems, resync, stalled, backoff, now);
        }

        private AcceptanceOutcome invalid(String violation) {
            var outcome = new AcceptanceOutcome();
            outcome.problems.add(Problem.of(Reason.InvalidSpec, violation));
            return outcome;
        }

        private AcceptanceOutcome lookAtCloud() {
            try {
                var client = clouds.newPass(
                        acceptance.getMetadata().getNamespace(),
                        acceptance.getSpec().cloudCredentialsRef(),
                        turn,
                        this::holds);
                var outcome = new AcceptancePass(acceptance, client, precedence(), this, now).run(parallel);
                count(outcome);
                return outcome;
            } catch (ProblemException e) {
                var outcome = new AcceptanceOutcome();
                outcome.problems.add(e.problem());
                return outcome;
            }
        }

        private void count(AcceptanceOutcome outcome) {
            counters.add(Counted.ANSWER_GIVEN, outcome.answeredNow.size());
            schedule.changed = counters.drift(
                    Counted.ANSWER_FOUND,
                    Counted.ANSWER_HEALED,
                    schedule.changed,
                    outcome.changed,
                    outcome.answeredNow,
                    outcome.changed);
        }

        /** One event a pass and kind. */
        private void tell(AcceptanceOutcome outcome) {
            var answer = acceptance.getSpec().memberStatus();
            if (!outcome.answeredNow.isEmpty()) {
                say(
                        EventRecorder.Type.Normal,
                        "ImagesAnswered",
                        "Now " + answer + ": " + EventRecorder.names(outcome.answeredNow));
            }
            reportAnswersOfOthers(outcome);
            outcome.problems.stream()
                    .filter(p -> p.reason() != Reason.Progressing)
                    .filter(p -> !Conditions.has(before.conditions(), Conditions.READY, p.reason()))
                    .forEach(p -> say(EventRecorder.Type.Warning, p.reason().name(), p.message()));
            var told = Conditions.find(before.conditions(), Conditions.READY)
                    .map(c -> c.message())
                    .orElse("");
            outcome.notes.stream()
                    .filter(note -> !told.contains(note.text()))
                    .forEach(note -> say(EventRecorder.Type.Warning, note.reason(), note.text()));
            if (!outcome.answeredNow.isEmpty()
                    || !Objects.equals(
                            before.conditions(), acceptance.getStatus().conditions())) {
                passes.about(outcome.problems.isEmpty() ? LOG.atInfo() : LOG.atWarn(), acceptance)
                        .addKeyValue("answered", outcome.answeredNow.size())
                        .log(
                                "{}",
                                Conditions.find(acceptance.getStatus().conditions(), Conditions.READY)
                                        .map(c -> c.reason() + ": " + c.message())
                                        .orElse(""));
            } else {
                passes.about(LOG.atDebug(), acceptance).log("Nothing new");
            }
        }

        /** What this spec no longer says may let others answer; also if this pass failed. */
        void announce() {
            if (schedule.isNewToOthers(before.observedGeneration())) {
                nudgeOthers(acceptance);
            }
        }

        /** Answers that somebody gave by hand, and offers that were withdrawn. */
        private void reportAnswersOfOthers(AcceptanceOutcome outcome) {
            if (outcome.offers == null || before.images() == null) {
                return;
            }
            var old = new HashMap<String, OfferInfo>();
            before.images().forEach(offer -> old.put(offer.id(), offer));
            var answers = new TreeSet<String>();
            for (var offer : outcome.offers) {
                var was = old.get(offer.id());
                if (was != null
                        && was.memberStatus() != offer.memberStatus()
                        && offer.memberStatus() != null
                        && !outcome.answeredNow.contains(offer.id())) {
                    answers.add(offer.id() + " " + offer.memberStatus());
                }
            }
            if (!answers.isEmpty()) {
                say(EventRecorder.Type.Normal, "AnswersChanged", EventRecorder.names(answers));
            }
        }

        private void say(EventRecorder.Type type, String reason, String message) {
            events.record(acceptance, type, reason, message);
        }

        @Override
        public boolean leads() {
            return passes.isLeading();
        }

        @Override
        public boolean holds() {
            return passes.isCurrent(acceptance);
        }
    }
}
