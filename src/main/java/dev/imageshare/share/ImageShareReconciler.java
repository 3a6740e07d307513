package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles ImageShares. Each pass reads the truth, writes the status only if it changed, and says itself when the next
 * one is due: the SDK's retry gives up after five tries, and counts a rescheduled error as a success. So the finalizer is
 * ours too: the SDK is told to call for every event, and leaves finalizers alone then.
 */
@ControllerConfiguration(
        name = ImageShareReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageShareReconciler implements Reconciler<ImageShare> {

    /** The controller's name. */
    public static final String NAME = "imageshare";

    /** Kept on each ImageShare until its members are revoked or left on purpose. */
    public static final String FINALIZER = "imageshare.dev/members";

    private static final Logger LOG = LoggerFactory.getLogger(ImageShareReconciler.class);

    private static final ImageShareStatus EMPTY = new ImageShareStatus(null, null, null, null, null, null, null, null);

    private static final ImageShareSpec NO_SPEC = new ImageShareSpec(
            null,
            null,
            null,
            null,
            MembershipPolicy.Authoritative,
            ManagementPolicy.managed,
            ManagedOptions.DEFAULTS,
            ImageShareSpec.DEFAULT_RESYNC_PERIOD);

    private static final Duration HOUR = Duration.ofHours(1);

    private final KubernetesClient client;
    private final CloudAccess clouds;
    private final CredentialSecrets secrets;
    private final ShareEvents events;
    private final StatusWriter<ImageShare, ImageShareStatus> statuses;
    private final MemberCalls calls;
    private final References references;
    private final ShareSettings settings;
    private final Clock clock;
    private final ClockCheck time;
    private final Backoff backoff;

    private final Passes<ImageShare, TrackedShare> passes;
    private final ImageLocks locks = new ImageLocks();
    private final Counters counters = new Counters();

    private @Nullable Claims claims;
    private @Nullable MassDeletion massDeletion;

    /**
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     * @param time by which access ends
     */
    public ImageShareReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            OrcObjects orc,
            EventRecorder events,
            MemberCalls calls,
            ShareSettings settings,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            ClockCheck time,
            Backoff backoff) {
        this.client = client;
        this.clouds = clouds;
        this.secrets = clouds.secrets();
        this.statuses = new StatusWriter<>(client, ImageShare.class, lead.mayWriteStatus());
        this.calls = calls;
        this.time = time;
        this.references = new References(orc, time);
        this.settings = settings;
        this.passes = new Passes<>(
                ImageShareReconciler::credentials,
                TrackedShare::new,
                turns,
                lead.mayReconcile(),
                clock,
                backoff,
                counters);
        this.events = new ShareEvents(events, settings.expiryNotice(), passes::about);
        this.clock = clock;
        this.backoff = backoff;
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageShare> configuration) {
        configuration
                .withOnUpdateFilter(ImageShareReconciler::asksForAPass)
                // Resync is ours; without this the SDK looks at each object every ten hours on its own.
                .withReconciliationMaxInterval(null)
                .withRetry(Passes.retry());
    }

    /** Also an approval, which leaves the generation alone, and a finalizer that is taken off. */
    private static boolean asksForAPass(ImageShare now, ImageShare before) {
        return Passes.asksForAPass(now, before)
                || (before.hasFinalizer(FINALIZER) && !now.hasFinalizer(FINALIZER))
                || !Annotations.value(now, ImageShare.APPROVE_REMOVALS)
                        .equals(Annotations.value(before, ImageShare.APPROVE_REMOVALS));
    }

    @Override
    public List<EventSource<?, ImageShare>> prepareEventSources(EventSourceContext<ImageShare> context) {
        var primaries = context.getPrimaryCache();
        primaries.addIndexers(Claims.indexers());
        primaries.addIndexers(MassDeletion.indexers());
        primaries.addIndexer(References.BY_REFERENCE, References::index);
        references.onChange(primaries, passes::nudge);
        var imageClaims = new Claims(primaries, references::resolve, clouds.sameClouds(), clock);
        claims = imageClaims;
        massDeletion =
                new MassDeletion(primaries, settings, clock, share -> Revocation.takesAccess(share, imageClaims));
        return passes.eventSources(primaries, secrets);
    }

    @Override
    public UpdateControl<ImageShare> reconcile(ImageShare cached, Context<ImageShare> context) {
        if (context.isPrimaryResourceDeleted()) {
            if (!passes.isThere(cached)) {
                onDeleted(cached);
            }
            return UpdateControl.noUpdate();
        }
        if (!passes.isLeading()) {
            return UpdateControl.<ImageShare>noUpdate().rescheduleAfter(Passes.NOT_LEADING);
        }
        if (!passes.isRunning()) {
            claims().start(passes.cache().list());
        }
        var share = statuses.freshest(cached);
        var look = passes.begin(share);
        var wait = passes.run(
                share,
                look,
                turn -> pass(share, look, turn),
                fault -> reportFault(statuses.freshest(cached), look, fault));
        return wait.isPresent()
                ? UpdateControl.<ImageShare>noUpdate().rescheduleAfter(wait.get())
                : UpdateControl.noUpdate();
    }

    private Optional<Duration> pass(ImageShare share, TrackedShare look, FairScheduler.Turn turn) {
        if (share.isMarkedForDeletion() && !share.hasFinalizer(FINALIZER)) {
            return Optional.empty(); // it waits for the finalizers of others
        }
        // Before anything is done that only a finalizer lets us undo.
        var held = share.isMarkedForDeletion() ? share : statuses.addFinalizer(share, FINALIZER);
        var pass = new ShareVisit(held, look, turn);
        try {
            var wait = held.isMarkedForDeletion() ? pass.cleanUp() : pass.reconcile();
            claims().looked(held).forEach(passes::nudge);
            return wait;
        } finally {
            locks.leave(held.getMetadata().getUid());
            pass.announce();
        }
    }

    private void onDeleted(ImageShare share) {
        var others = passes.isRunning() ? others(share) : List.<ImageShare>of();
        var wasReleased = forget(share.getMetadata().getUid())
                .filter(look -> look.released != 0)
                .isPresent();
        if (!wasReleased) {
            others.forEach(passes::nudge); // somebody took the finalizer off
        }
    }

    private Optional<TrackedShare> forget(String uid) {
        statuses.forget(uid);
        claims().forget(uid).forEach(passes::nudge);
        return passes.forget(uid);
    }

    /** The others that count for the image that this object was last seen to be of. */
    private List<ImageShare> others(ImageShare share) {
        return claims().imageOf(share)
                .map(image -> claims().others(share, image))
                .orElse(List.of());
    }

    /** The operator or the Kubernetes API failed, and the pass with it: says so, and keeps what the status knows. */
    private void reportFault(ImageShare share, TrackedShare look, Problem fault) {
        var problem = share.isMarkedForDeletion() && fault.reason() == Reason.InternalError
                ? fault.saying(Revocation.WAY_OUT)
                : fault;
        var before = share.getStatus() == null ? EMPTY : share.getStatus();
        var outcome = new ShareOutcome();
        outcome.problems.add(problem);
        var now = clock.instant();
        var stalled = look.graceIsOver(outcome.problems, before.conditions(), now);
        var next = ShareStatus.of(share, outcome, stalled, null, now);
        try {
            if (!next.equals(before)) {
                statuses.write(share, next);
            }
        } finally {
            events.fault(share, before, problem);
        }
    }

    private Claims claims() {
        return Objects.requireNonNull(claims, "not started");
    }

    /**
     * Finds objects that are overdue, and forgets those that went without a clean-up, for example because somebody took
     * the finalizer off.
     *
     * @param patience how late a pass may be
     * @return how many were overdue
     */
    public int watch(Duration patience) {
        if (passes.isRunning()) {
            references.sweep(passes.cache());
            passes.cache().list().forEach(statuses::caughtUp);
        }
        return passes.watch(patience, this::forget);
    }

    /** The SDK has forgotten the object of this name; to be called for each. */
    public void forgotten(ResourceID object) {
        passes.forgotten(object);
    }

    /** The ImageShares of a namespace, as the watch last told of them; once the operator has started. */
    public Stream<ImageShare> inNamespace(String namespace) {
        return passes.cache().list(namespace);
    }

    /** Has ProjectSets counted among the sources of members; to be called before the start, if at all. */
    public void follow(ProjectSets sets) {
        references.follow(sets);
    }

    /**
     * Of the projects that a ProjectSet let go, those that an ImageShare which names it has yet to deal with.
     *
     * @param released the IDs
     */
    public Set<String> waitingFor(ProjectSet set, Set<String> released) {
        return passes.isRunning() ? References.waitingFor(passes.cache(), set, released) : released;
    }

    /** What was done since this process started. */
    public Counters counters() {
        return counters;
    }

    /** What all ImageShares come to now. */
    public ShareCensus census() {
        return new ShareCensus(passes, claims, clock.instant());
    }

    /** Whether an ImageShare names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty();
    }

    /** Whether an ImageShare will need this Secret to revoke its members, also if that isn't known yet. */
    public boolean needs(CredentialSecrets.SecretKey key) {
        return !passes.isRunning() || passes.naming(key).stream().anyMatch(ImageShareReconciler::needsSecret);
    }

    private static @Nullable CloudCredentialsRef credentials(ImageShare share) {
        return share.getSpec() == null ? null : share.getSpec().cloudCredentialsRef();
    }

    private static boolean needsSecret(ImageShare share) {
        return Claims.isManaged(share) && share.getSpec().managedOptions().onDelete() == OnDelete.delete;
    }

    /** One pass over one object, and its dealings with Kubernetes. */
    private final class ShareVisit implements RemovalMandate, Securing {

        private final ImageShareStatus before;
        private final TrackedShare look;
        private final FairScheduler.Turn turn;
        private final Instant now = clock.instant();
        private ImageShare share;

        /** Whether the references that this pass goes by still stand for the same. */
        private BooleanSupplier asDeclared = () -> true;

        /** Whether the API server says so, too, of those for which it is asked. */
        private BooleanSupplier asConfirmed = () -> true;

        ShareVisit(ImageShare share, TrackedShare look, FairScheduler.Turn turn) {
            if (share.getSpec() == null) {
                share.setSpec(NO_SPEC); // only where the CRD isn't enforced; refused as invalid
            }
            this.share = share;
            this.look = look;
            this.turn = turn;
            this.before = share.getStatus() == null ? EMPTY : share.getStatus();
        }

        Optional<Duration> reconcile() {
            var outcome = new ShareOutcome();
            var violation = look.violation(share);
            if (violation.isPresent()) {
                outcome.problems.add(Problem.of(Reason.InvalidSpec, violation.get()));
            } else {
                outcome = lookAtCloud();
            }
            var wait = settle(outcome, resyncPeriod(violation.isPresent()));
            if (!Objects.equals(before.members(), share.getStatus().members())) {
                references.followed(share);
            }
            events.looked(share, before, outcome, look.lastLook(before.lastSyncTime()), now);
            if (!look.reportedOtherClouds && claims().isElsewhere(share)) {
                look.reportedOtherClouds = true; // once a process
                events.isElsewhere(share);
            }
            return wait;
        }

        private MemberWriter writer() {
            return new MemberWriter(calls, look.memberQuota);
        }

        private ShareOutcome lookAtCloud() {
            ImageClient images;
            try {
                images = images();
            } catch (ProblemException e) {
                var outcome = new ShareOutcome();
                outcome.problems.add(e.problem());
                return outcome;
            }
            var reading = time.read(images.clock());
            var declared = references.resolve(share, before, reading);
            asDeclared = () -> declared.equals(references.resolve(share, before, reading));
            asConfirmed = () -> declared.equals(references.resolve(share, before, reading, this::askForSet));
            var pass = new SharePass(
                    share,
                    declared,
                    images,
                    look.contention,
                    plan -> look.heldNames.of(plan, images),
                    claims(),
                    this,
                    this,
                    now);
            var outcome = pass.run(imageDue(), writer());
            count(outcome);
            if (pass.hasReadImage()) {
                look.imageDue = now.plus(backoff.spread(HOUR));
            }
            if (outcome.problems.stream().anyMatch(p -> p.reason() == Reason.NotImageOwner)) {
                var others = others(share);
                claims().withdraw(share);
                if (!Conditions.has(before.conditions(), Conditions.READY, Reason.NotImageOwner)) {
                    others.forEach(passes::nudge);
                }
            }
            return outcome;
        }

        private void count(ShareOutcome outcome) {
            counters.add(Counted.MEMBER_ADDED, outcome.addedNow.size());
            counters.add(Counted.MEMBER_REMOVED, outcome.removedNow.size());
            var plan = outcome.plan;
            if (plan != null) {
                look.missing = counters.drift(
                        Counted.MISSING_FOUND,
                        Counted.MISSING_HEALED,
                        look.missing,
                        outcome.missing,
                        outcome.addedNow,
                        plan.add());
                look.undeclared = counters.drift(
                        Counted.UNDECLARED_FOUND,
                        Counted.UNDECLARED_HEALED,
                        look.undeclared,
                        outcome.foreign,
                        outcome.removedNow,
                        Stream.concat(plan.remove().stream(), plan.held().stream())
                                .toList());
            }
        }

        private ImageClient images() {
            return clouds.newPass(
                    share.getMetadata().getNamespace(), share.getSpec().cloudCredentialsRef(), turn, this::holds);
        }

        /** Once an hour; after a start at some time within the hour, so that many objects don't ask at once. */
        private boolean imageDue() {
            var ready = Conditions.find(before.conditions(), Conditions.READY)
                    .filter(c -> c.status() == Condition.Status.True)
                    .isPresent();
            if (look.imageDue == null) {
                look.imageDue = now.plus(backoff.within(HOUR));
            }
            return look.isAskedFor(share) || !ready || !look.imageDue.isAfter(now);
        }

        private Duration resyncPeriod(boolean invalid) {
            return invalid
                    ? Schedule.STALLED_PERIOD
                    : GoDuration.parse(share.getSpec().resyncPeriod()).orElse(Schedule.STALLED_PERIOD);
        }

        /** Writes the status if it changed, and says when to look again. */
        private Optional<Duration> settle(ShareOutcome outcome, Duration resync) {
            var stalled = look.graceIsOver(outcome.problems, before.conditions(), now);
            share = statuses.writeIfChanged(
                    share,
                    lastSyncTime -> ShareStatus.of(share, outcome, stalled, lastSyncTime, now),
                    outcome.plan != null,
                    before.lastSyncTime(),
                    look,
                    backoff,
                    now);
            return noLaterThanTheNextEnd(outcome, look.next(outcome.problems, resync, stalled, backoff, now));
        }

        /** Access ends when it is due, not a resync later; but a cloud that asks for patience gets it. */
        private Optional<Duration> noLaterThanTheNextEnd(ShareOutcome outcome, Optional<Duration> wait) {
            return outcome.declaration == null
                            || outcome.problems.stream()
                                    .anyMatch(p -> p.retryAfter().isPresent())
                    ? wait
                    : outcome.declaration
                            .nextEnd()
                            .map(end -> Duration.between(now, end))
                            .filter(left -> wait.isEmpty() || left.compareTo(wait.get()) < 0)
                            .or(() -> wait);
        }

        Optional<Duration> cleanUp() {
            if (look.deletionSeen == null) {
                look.deletionSeen = now;
            }
            long generation = share.getMetadata().getGeneration();
            if (look.released != generation) {
                var revocation =
                        new Revocation(share, this::images, writer(), claims(), this, this, this::massDeletion);
                var problem = revocation.run();
                reportRevoked(revocation);
                if (problem.isPresent()) {
                    return keepWaiting(problem.get(), revocation);
                }
                events.kept(share, revocation.kept, revocation.keptBecause);
                if (!revocation.revoked.isEmpty()) {
                    Objects.requireNonNull(massDeletion).done(share);
                }
                look.released = generation;
            }
            statuses.removeFinalizer(share, FINALIZER);
            release();
            events.deleted(share, look.revoked.size());
            return Optional.empty();
        }

        /** Once each: a pass that failed after a removal may be followed by one that finds the member gone. */
        private void reportRevoked(Revocation revocation) {
            var revoked = new TreeSet<>(revocation.revoked);
            revoked.removeAll(look.revoked);
            look.revoked.addAll(revoked);
            counters.add(Counted.MEMBER_REMOVED, revoked.size());
            events.revoked(share, revoked);
        }

        private Optional<Duration> keepWaiting(Problem problem, Revocation revocation) {
            var outcome = new ShareOutcome();
            outcome.problems.add(problem);
            var stalled = look.graceIsOver(outcome.problems, before.conditions(), now);
            var next = ShareStatus.of(share, outcome, stalled, null, now);
            if (!revocation.hash.isEmpty()) {
                next = ShareStatus.held(next, revocation.hash);
            }
            if (!next.equals(share.getStatus())) {
                share = statuses.write(share, next);
            }
            events.waits(share, before, problem);
            return revocation.settling.or(
                    () -> look.next(outcome.problems, Schedule.STALLED_PERIOD, stalled, backoff, now));
        }

        private void release() {
            var others = others(share);
            claims().withdraw(share);
            others.forEach(passes::nudge);
            passes.secretKey(share).ifPresent(key -> {
                var needed = passes.naming(key).stream()
                        .filter(other -> !other.getMetadata()
                                .getUid()
                                .equals(share.getMetadata().getUid()))
                        .anyMatch(ImageShareReconciler::needsSecret);
                if (!needed) {
                    secrets.release(key);
                }
            });
        }

        /** What this spec says now, or no longer says, may let others work, or keep them from it; also if this pass failed. */
        void announce() {
            if (look.isNewToOthers(before.observedGeneration())) {
                others(share).forEach(passes::nudge);
            }
        }

        @Override
        public void enter(CloudImage image) {
            locks.enter(share.getMetadata().getUid(), share.getMetadata().getNamespace(), image);
        }

        @Override
        public void holdSecret() {
            if (needsSecret(share)) {
                passes.secretKey(share).ifPresent(secrets::hold);
            }
        }

        private MassDeletion.DeletionVerdict massDeletion() {
            return Objects.requireNonNull(massDeletion).judge(share, Objects.requireNonNull(look.deletionSeen));
        }

        @Override
        public boolean holds() {
            return passes.isCurrent(share) && (!References.any(share.getSpec()) || asDeclared.getAsBoolean());
        }

        @Override
        public boolean leads() {
            return passes.isLeading();
        }

        @Override
        public boolean isConfirmed() {
            var metadata = share.getMetadata();
            try {
                var newest = client.resources(ImageShare.class)
                        .inNamespace(metadata.getNamespace())
                        .withName(metadata.getName())
                        .get();
                return newest != null
                        && passes.isStill(share, newest)
                        && (SetSources.references(share.getSpec()).isEmpty() || asConfirmed.getAsBoolean());
            } catch (KubernetesClientException e) {
                events.log(LOG.atWarn(), share).log(
                        "The Kubernetes API can't be asked before a removal: {}", e.getMessage());
                return false;
            }
        }

        private SetReferent askForSet(String name) {
            return SetReferent.of(Optional.ofNullable(client.resources(ProjectSet.class)
                    .inNamespace(share.getMetadata().getNamespace())
                    .withName(name)
                    .get()));
        }

        @Override
        public void journal(ShareOutcome outcome) {
            share = statuses.write(share, ShareStatus.of(share, outcome, false, null, now));
        }
    }
}
