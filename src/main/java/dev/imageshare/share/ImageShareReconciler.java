package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.StatusWriter;
import dev.imageshare.reconcile.StatusWriter.StaleException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
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
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Reconciles ImageShares. Each pass reads the truth, writes the status only if it changed, and says itself when the next
 * one is due: the SDK's retry gives up after five tries, and counts a rescheduled error as a success.
 */
@ControllerConfiguration(
        name = "imageshare",
        finalizerName = ImageShareReconciler.FINALIZER,
        generationAwareEventProcessing = false)
public final class ImageShareReconciler implements Reconciler<ImageShare>, Cleaner<ImageShare> {

    /** Kept on each ImageShare until its members are revoked or left on purpose. */
    public static final String FINALIZER = "imageshare.dev/members";

    private static final Logger LOG = LoggerFactory.getLogger(ImageShareReconciler.class);

    private static final ImageShareStatus EMPTY = new ImageShareStatus(null, null, null, null, null, null, null, null);

    private static final ImageShareSpec NO_SPEC = new ImageShareSpec(
            null,
            null,
            null,
            MembershipPolicy.Authoritative,
            ManagementPolicy.managed,
            ManagedOptions.DEFAULTS,
            ImageShareSpec.DEFAULT_RESYNC_PERIOD);

    private static final String BY_SECRET = "spec.cloudCredentialsRef.secretName";
    private static final Duration GRACE = Duration.ofMinutes(5);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration STALLED_PERIOD = Duration.ofMinutes(10);
    private static final Duration NOT_LEADING = Duration.ofSeconds(10);
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private final Clouds clouds;
    private final CredentialSecrets secrets;
    private final EventRecorder events;
    private final StatusWriter<ImageShare, ImageShareStatus> statuses;
    private final MemberWriter writer;
    private final ShareSettings settings;
    private final BooleanSupplier leading;
    private final Clock clock;
    private final Backoff backoff;

    private final Map<String, Look> looks = new ConcurrentHashMap<>();
    private final Map<ImageKey, String> busy = new ConcurrentHashMap<>();
    private final SimpleInboundEventSource<ImageShare> nudges = new SimpleInboundEventSource<>("nudges");

    private volatile boolean running;
    private @Nullable IndexerResourceCache<ImageShare> cache;
    private @Nullable Claims claims;
    private @Nullable MassDeletion massDeletion;

    /**
     * @param clouds the sessions, shared by all reconcilers of this process
     * @param leading whether this process may write now
     */
    public ImageShareReconciler(
            KubernetesClient client,
            Clouds clouds,
            CredentialSecrets secrets,
            EventRecorder events,
            MemberCalls calls,
            ShareSettings settings,
            BooleanSupplier leading,
            Clock clock,
            Backoff backoff) {
        this.clouds = clouds;
        this.secrets = secrets;
        this.events = events;
        this.statuses = new StatusWriter<>(client, ImageShare.class);
        this.writer = new MemberWriter(calls.executor(), settings.parallelism(), calls.pause());
        this.settings = settings;
        this.leading = leading;
        this.clock = clock;
        this.backoff = backoff;
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageShare> configuration) {
        configuration
                .withOnUpdateFilter(ImageShareReconciler::asksForAPass)
                // Resync is ours; without this the SDK looks at each object every ten hours on its own.
                .withReconciliationMaxInterval(null);
    }

    /** Our own status writes ask for no pass; an approval, which leaves the generation alone, does. */
    private static boolean asksForAPass(ImageShare now, ImageShare before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || now.isMarkedForDeletion() != before.isMarkedForDeletion()
                || now.hasFinalizer(FINALIZER) != before.hasFinalizer(FINALIZER)
                || !Objects.equals(approval(now), approval(before));
    }

    private static @Nullable String approval(HasMetadata object) {
        var annotations = object.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(ImageShare.APPROVE_REMOVALS);
    }

    @Override
    public List<EventSource<?, ImageShare>> prepareEventSources(EventSourceContext<ImageShare> context) {
        var primaries = context.getPrimaryCache();
        primaries.addIndexer(Claims.BY_IMAGE, Claims::index);
        primaries.addIndexer(MassDeletion.DELETING, MassDeletion::index);
        primaries.addIndexer(
                BY_SECRET,
                share -> secretKey(share).map(Object::toString).stream().toList());
        var imageClaims = new Claims(primaries);
        cache = primaries;
        claims = imageClaims;
        massDeletion = new MassDeletion(
                primaries,
                settings.massDeletionLimit(),
                settings.massDeletionSettle(),
                clock,
                share -> Revocation.takesAccess(share, imageClaims));
        // Before the first pass the cache can't be asked, and each object is about to be looked at anyway.
        secrets.onChange(key -> {
            if (running) {
                primaries.byIndex(BY_SECRET, key.toString()).forEach(this::nudge);
            }
        });
        return List.of(nudges);
    }

    @Override
    public UpdateControl<ImageShare> reconcile(ImageShare cached, Context<ImageShare> context) {
        if (!leading.getAsBoolean()) {
            return UpdateControl.<ImageShare>noUpdate().rescheduleAfter(NOT_LEADING);
        }
        var look = look(cached);
        var pass = new Pass(statuses.freshest(cached), look);
        var wait = finish(pass, look, pass::reconcile);
        return wait.isPresent()
                ? UpdateControl.<ImageShare>noUpdate().rescheduleAfter(wait.get())
                : UpdateControl.noUpdate();
    }

    @Override
    public DeleteControl cleanup(ImageShare cached, Context<ImageShare> context) {
        if (!leading.getAsBoolean()) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(NOT_LEADING.toMillis());
        }
        var look = look(cached);
        var pass = new Pass(statuses.freshest(cached), look);
        var wait = finish(pass, look, pass::cleanUp);
        if (wait.isPresent()) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(wait.get().toMillis());
        }
        looks.remove(cached.getMetadata().getUid());
        statuses.forget(cached.getMetadata().getUid());
        return DeleteControl.defaultDelete();
    }

    /** Runs one pass, and makes of any failure of ours or of the API server's another try. */
    private Optional<Duration> finish(Pass pass, Look look, Supplier<Optional<Duration>> run) {
        running = true;
        Optional<Duration> wait;
        try {
            wait = run.get();
        } catch (StaleException e) {
            pass.log(LOG.atDebug()).log("The pass is void: {}", e.getMessage());
            wait = Optional.of(AT_ONCE);
        } catch (BusyException e) {
            pass.log(LOG.atDebug()).log("Another object of the same image is being worked on");
            wait = Optional.of(AT_ONCE);
        } catch (KubernetesClientException e) {
            pass.log(LOG.atWarn()).log("The Kubernetes API refused or failed a call: {}", e.getMessage());
            wait = Optional.of(backoff.afterFailures(++look.failures));
        } catch (RuntimeException e) {
            pass.log(LOG.atError()).setCause(e).log("A pass failed by a fault of the operator");
            wait = Optional.of(backoff.afterFailures(++look.failures));
        } finally {
            pass.leave();
        }
        var now = clock.instant();
        look.last = now;
        look.next = wait.map(now::plus).orElse(null);
        return wait;
    }

    private Look look(ImageShare share) {
        var look = looks.computeIfAbsent(share.getMetadata().getUid(), uid -> new Look());
        long generation = share.getMetadata().getGeneration();
        if (look.generation != generation) {
            look.generation = generation;
            look.failures = 0;
        }
        return look;
    }

    private void nudge(ImageShare share) {
        nudges.propagateEvent(ResourceID.fromResource(share));
    }

    private IndexerResourceCache<ImageShare> cache() {
        return Objects.requireNonNull(cache, "not started");
    }

    private Claims claims() {
        return Objects.requireNonNull(claims, "not started");
    }

    /**
     * Finds objects that are overdue: a fault of the SDK in use can lose one for good (operator-sdk issue 3416). Each is
     * asked for again and named in the log. Also lets go of Secrets that nobody needs any longer.
     *
     * @param patience how late a pass may be
     * @return how many were overdue
     */
    public int watch(Duration patience) {
        var primaries = cache;
        if (primaries == null || !running || !leading.getAsBoolean()) {
            return 0;
        }
        var remembered =
                Set.copyOf(looks.keySet()); // before the cache is read, so that no new object is taken for gone
        var present = primaries.list().toList();
        forgetGone(remembered, present);
        var now = clock.instant();
        var overdue = 0;
        for (var share : present) {
            var look = looks.get(share.getMetadata().getUid());
            if (look == null || look.next == null) {
                continue;
            }
            if (look.next.plus(patience).isBefore(now)) {
                overdue++;
                LOG.atWarn()
                        .addKeyValue("namespace", share.getMetadata().getNamespace())
                        .addKeyValue("name", share.getMetadata().getName())
                        .addKeyValue("last", look.last)
                        .log("Not looked at for too long; it is asked for again");
                nudge(share);
            }
        }
        secrets.sweep(
                key -> !primaries.byIndex(BY_SECRET, key.toString()).isEmpty(),
                key -> primaries.byIndex(BY_SECRET, key.toString()).stream()
                        .anyMatch(ImageShareReconciler::needsSecret));
        return overdue;
    }

    /** Forgets objects that went without a clean-up, for example because somebody took the finalizer off. */
    private void forgetGone(Set<String> remembered, List<ImageShare> present) {
        var gone = new HashSet<>(remembered);
        present.forEach(share -> gone.remove(share.getMetadata().getUid()));
        gone.forEach(uid -> {
            looks.remove(uid);
            statuses.forget(uid);
            claims().forget(uid);
        });
    }

    private static Optional<CredentialSecrets.Key> secretKey(ImageShare share) {
        var ref = share.getSpec() == null ? null : share.getSpec().cloudCredentialsRef();
        return ref == null || ref.secretName() == null
                ? Optional.empty()
                : Optional.of(new CredentialSecrets.Key(share.getMetadata().getNamespace(), ref.secretName()));
    }

    private static boolean needsSecret(ImageShare share) {
        return Claims.isManaged(share) && share.getSpec().managedOptions().onDelete() == OnDelete.delete;
    }

    /** One pass over one object, and its dealings with Kubernetes. */
    private final class Pass implements Revocation.Surroundings {

        private final ImageShareStatus before;
        private final boolean firstLook;
        private final Look look;
        private final Instant now = clock.instant();
        private final Set<ImageKey> entered = new HashSet<>();
        private ImageShare share;

        Pass(ImageShare share, Look look) {
            if (share.getSpec() == null) {
                share.setSpec(NO_SPEC); // only where the CRD isn't enforced; refused as invalid
            }
            this.share = share;
            this.look = look;
            this.firstLook = share.getStatus() == null;
            this.before = firstLook ? EMPTY : share.getStatus();
        }

        Optional<Duration> reconcile() {
            var outcome = new Outcome();
            var violation = SpecRules.violation(share.getSpec(), share.getStatus());
            if (violation.isPresent()) {
                outcome.problems.add(Problem.of(Reason.InvalidSpec, violation.get()));
            } else {
                outcome = lookAtCloud();
            }
            var wait = settle(outcome, resyncPeriod(violation.isPresent()));
            tell(outcome);
            return wait;
        }

        private Outcome lookAtCloud() {
            ImageClient client;
            try {
                client = client();
            } catch (ProblemException e) {
                var outcome = new Outcome();
                outcome.problems.add(e.problem());
                return outcome;
            }
            var pass = new SharePass(share, client, writer, look.contention, this, now);
            var outcome = pass.run(imageDue());
            if (pass.hasReadImage()) {
                look.imageDue = now.plus(backoff.spread(HOUR));
            }
            if (outcome.problems.stream().anyMatch(p -> p.reason() == Reason.NotImageOwner)) {
                claims().withdraw(share);
            }
            return outcome;
        }

        private ImageClient client() {
            var ref = share.getSpec().cloudCredentialsRef();
            if (ref == null || ref.secretName() == null || ref.cloudName() == null) {
                throw Problem.of(Reason.InvalidSpec, "spec.cloudCredentialsRef needs secretName and cloudName.")
                        .asException();
            }
            var credentials = secrets.resolve(share.getMetadata().getNamespace(), ref);
            return clouds.cloud(credentials.secretUid(), credentials.cloudName(), credentials.config())
                    .newPass();
        }

        /** Once an hour; after a start at some time within the hour, so that many objects don't ask at once. */
        private boolean imageDue() {
            var ready = Conditions.find(before.conditions(), Conditions.READY)
                    .filter(c -> c.status() == Condition.Status.True)
                    .isPresent();
            if (look.imageDue == null) {
                look.imageDue = now.plus(backoff.within(HOUR));
            }
            return !ready || !look.imageDue.isAfter(now);
        }

        private Duration resyncPeriod(boolean invalid) {
            return invalid
                    ? STALLED_PERIOD
                    : GoDuration.parse(share.getSpec().resyncPeriod()).orElse(STALLED_PERIOD);
        }

        /** Writes the status if it changed, and says when to look again. */
        private Optional<Duration> settle(Outcome outcome, Duration resync) {
            var stalled = graceIsOver(outcome);
            var compared = outcome.plan != null;
            var next = ShareStatus.of(share, outcome, stalled, null, now);
            if (!next.equals(share.getStatus())) {
                share = statuses.write(share, compared ? ShareStatus.of(share, outcome, stalled, now, now) : next);
                look.touchDue = now.plus(backoff.spread(HOUR));
            } else if (compared && touchDue()) {
                share = statuses.write(share, ShareStatus.of(share, outcome, stalled, now, now));
                look.touchDue = now.plus(backoff.spread(HOUR));
            }
            return wait(outcome, resync, stalled);
        }

        private boolean touchDue() {
            if (look.touchDue == null) {
                var last = before.lastSyncTime() == null ? Instant.EPOCH : Instant.parse(before.lastSyncTime());
                var due = last.plus(HOUR);
                look.touchDue = due.isAfter(now) ? due : now.plus(backoff.within(HOUR));
            }
            return !look.touchDue.isAfter(now);
        }

        private boolean graceIsOver(Outcome outcome) {
            var over = false;
            var seen = new HashSet<Reason>();
            for (var problem : outcome.problems) {
                if (problem.reason().kind() == Reason.Kind.SOON_STALLED) {
                    seen.add(problem.reason());
                    var since = look.since.computeIfAbsent(problem.reason(), r -> now);
                    over |= wasStalledFor(problem.reason())
                            || !since.plus(GRACE).isAfter(now);
                }
            }
            look.since.keySet().retainAll(seen);
            return over;
        }

        /** How long until the first grace is over; then the object is to be looked at, to say so. */
        private Duration graceLeft(boolean stalled) {
            return stalled
                    ? STALLED_PERIOD
                    : look.since.values().stream()
                            .map(since -> Duration.between(now, since.plus(GRACE)))
                            .min(Duration::compareTo)
                            .orElse(STALLED_PERIOD);
        }

        private static Duration min(Duration a, Duration b) {
            return a.compareTo(b) <= 0 ? a : b;
        }

        /** A restart doesn't give five minutes anew. */
        private boolean wasStalledFor(Reason reason) {
            return Conditions.find(before.conditions(), Conditions.STALLED)
                    .filter(c -> c.reason().equals(reason.name()))
                    .isPresent();
        }

        private Optional<Duration> wait(Outcome outcome, Duration resync, boolean stalled) {
            if (outcome.problems.isEmpty()) {
                look.failures = 0;
                return resync.isZero() ? Optional.empty() : Optional.of(backoff.spread(resync));
            }
            look.failures++;
            var soon = outcome.problems.stream()
                    .anyMatch(p -> switch (p.reason().kind()) {
                        case RECONCILING -> true;
                        case SOON_STALLED -> !stalled;
                        case STALLED, READY -> false;
                    });
            var wait = soon
                    ? min(backoff.afterFailures(look.failures), graceLeft(stalled))
                    : backoff.spread(resync.isZero() ? STALLED_PERIOD : resync);
            var asked = outcome.problems.stream()
                    .flatMap(p -> p.retryAfter().stream())
                    .max(Duration::compareTo)
                    .orElse(Duration.ZERO);
            return Optional.of(wait.compareTo(asked) < 0 ? asked : wait);
        }

        /** One event a pass and kind. */
        private void tell(Outcome outcome) {
            if (!outcome.addedNow.isEmpty()) {
                say(EventRecorder.Type.Normal, "MembersAdded", "Added " + EventRecorder.names(outcome.addedNow));
            }
            if (!outcome.removedNow.isEmpty()) {
                say(EventRecorder.Type.Normal, "MembersRemoved", "Removed " + EventRecorder.names(outcome.removedNow));
            }
            tellAnswers();
            var changed = !Objects.equals(
                    before.observedGeneration(), share.getMetadata().getGeneration());
            if (changed && !outcome.suspectNames.isEmpty()) {
                say(
                        EventRecorder.Type.Warning,
                        "NotAProjectID",
                        "No project IDs, so probably nobody gets the image by them: "
                                + EventRecorder.names(outcome.suspectNames));
            }
            outcome.problems.stream()
                    .filter(p -> p.reason() != Reason.Progressing)
                    .filter(p -> isNew(p, outcome))
                    .forEach(p -> say(EventRecorder.Type.Warning, p.reason().name(), p.message()));
            if (changed && !firstLook && outcome.image != null) {
                // What this spec no longer says may let others work, or keep them from it.
                claims().others(share, ImageKey.of(outcome.image)).forEach(ImageShareReconciler.this::nudge);
            }
            if (!outcome.addedNow.isEmpty()
                    || !outcome.removedNow.isEmpty()
                    || !Objects.equals(before.conditions(), share.getStatus().conditions())) {
                log(outcome.problems.isEmpty() ? LOG.atInfo() : LOG.atWarn())
                        .addKeyValue("added", outcome.addedNow.size())
                        .addKeyValue("removed", outcome.removedNow.size())
                        .log(
                                "{}",
                                Conditions.find(share.getStatus().conditions(), Conditions.READY)
                                        .map(c -> c.reason() + ": " + c.message())
                                        .orElse(""));
            } else {
                log(LOG.atDebug()).log("Nothing new");
            }
        }

        private boolean isNew(Problem problem, Outcome outcome) {
            if (problem.reason() == Reason.RemovalHeld) {
                var held = before.plan() == null ? null : before.plan().hash();
                return outcome.plan == null || !outcome.plan.hash().equals(held);
            }
            return Conditions.find(before.conditions(), Conditions.READY)
                    .filter(c -> c.reason().equals(problem.reason().name()))
                    .isEmpty();
        }

        private void tellAnswers() {
            var old = new HashMap<String, MemberInfo>();
            if (before.members() != null) {
                before.members().forEach(m -> old.put(m.projectID(), m));
            }
            var answers = new TreeSet<String>();
            if (share.getStatus() != null && share.getStatus().members() != null) {
                for (var member : share.getStatus().members()) {
                    var was = old.get(member.projectID());
                    if (was != null
                            && was.status() != null
                            && member.status() != null
                            && was.status() != member.status()) {
                        answers.add(member.projectID() + " " + member.status());
                    }
                }
            }
            if (!answers.isEmpty()) {
                say(EventRecorder.Type.Normal, "AnswersChanged", EventRecorder.names(answers));
            }
        }

        Optional<Duration> cleanUp() {
            if (look.deletionSeen == null) {
                look.deletionSeen = now;
            }
            var revocation = new Revocation(share, this::client, writer, this);
            var problem = revocation.run();
            if (!revocation.revoked.isEmpty()) {
                say(EventRecorder.Type.Normal, "MembersRemoved", "Removed " + EventRecorder.names(revocation.revoked));
            }
            if (problem.isPresent()) {
                return waitToGo(problem.get(), revocation);
            }
            if (!revocation.kept.isEmpty()) {
                say(
                        EventRecorder.Type.Normal,
                        "MembersKept",
                        "Keep their access, since " + revocation.keptBecause + ": "
                                + EventRecorder.names(revocation.kept));
            }
            if (!revocation.revoked.isEmpty()) {
                Objects.requireNonNull(massDeletion).done(share);
            }
            log(LOG.atInfo())
                    .addKeyValue("removed", revocation.revoked.size())
                    .addKeyValue("kept", revocation.kept.size())
                    .log("Deleted");
            letGo();
            return Optional.empty();
        }

        private Optional<Duration> waitToGo(Problem problem, Revocation revocation) {
            var outcome = new Outcome();
            outcome.problems.add(problem);
            var stalled = graceIsOver(outcome);
            var next = ShareStatus.of(share, outcome, stalled, null, now);
            if (!revocation.hash.isEmpty()) {
                next = ShareStatus.held(next, revocation.hash);
            }
            if (!next.equals(share.getStatus())) {
                share = statuses.write(share, next);
            }
            if (problem.reason() != Reason.Progressing && isNewHere(problem)) {
                say(EventRecorder.Type.Warning, problem.reason().name(), problem.message());
                log(LOG.atWarn()).log("Waits to be deleted: {}: {}", problem.reason(), problem.message());
            }
            return revocation.settling.or(() -> wait(outcome, STALLED_PERIOD, stalled));
        }

        private boolean isNewHere(Problem problem) {
            return Conditions.find(before.conditions(), Conditions.READY)
                    .filter(c -> c.reason().equals(problem.reason().name()))
                    .filter(c -> c.observedGeneration() == share.getMetadata().getGeneration())
                    .isEmpty();
        }

        private void letGo() {
            var image = before.image();
            var others = image == null ? List.<ImageShare>of() : claims().others(share, ImageKey.of(image));
            claims().withdraw(share);
            others.forEach(ImageShareReconciler.this::nudge);
            secretKey(share).ifPresent(key -> {
                var needed = cache().byIndex(BY_SECRET, key.toString()).stream()
                        .filter(other -> !other.getMetadata()
                                .getUid()
                                .equals(share.getMetadata().getUid()))
                        .anyMatch(ImageShareReconciler::needsSecret);
                if (!needed) {
                    secrets.release(key);
                }
            });
        }

        private void say(EventRecorder.Type type, String reason, String message) {
            events.record(share, type, reason, message);
        }

        LoggingEventBuilder log(LoggingEventBuilder line) {
            var ref = share.getSpec() == null ? null : share.getSpec().cloudCredentialsRef();
            var status = share.getStatus();
            return line.addKeyValue("namespace", share.getMetadata().getNamespace())
                    .addKeyValue("name", share.getMetadata().getName())
                    .addKeyValue(
                            "image",
                            status == null || status.image() == null
                                    ? null
                                    : status.image().id())
                    .addKeyValue("cloud", ref == null ? null : ref.cloudName());
        }

        void leave() {
            entered.forEach(key -> busy.remove(key, share.getMetadata().getUid()));
        }

        @Override
        public void enter(ImageKey key) {
            var uid = share.getMetadata().getUid();
            var worker = busy.putIfAbsent(key, uid);
            if (worker == null) {
                entered.add(key);
            } else if (!worker.equals(uid)) {
                throw new BusyException();
            }
        }

        @Override
        public void proven(ImageKey key) {
            claims().prove(share, key);
            if (needsSecret(share)) {
                secretKey(share).ifPresent(secrets::hold);
            }
        }

        @Override
        public Optional<ImageShare> conflict(ImageKey key) {
            return claims().conflict(share, key);
        }

        @Override
        public Set<String> declaredByOthers(ImageKey key) {
            return Claims.declared(claims().others(share, key));
        }

        @Override
        public Collection<ImageShare> likelySuccessors(ImageKey key) {
            return claims().likely(share, key);
        }

        @Override
        public boolean hasUnseen() {
            return claims().hasUnseen(share);
        }

        @Override
        public MassDeletion.Verdict massDeletion() {
            return Objects.requireNonNull(massDeletion).judge(share, Objects.requireNonNull(look.deletionSeen));
        }

        @Override
        public boolean current() {
            return leading.getAsBoolean()
                    && cache().get(ResourceID.fromResource(share))
                            .filter(s -> s.getMetadata()
                                    .getUid()
                                    .equals(share.getMetadata().getUid()))
                            .filter(s -> Objects.equals(
                                    s.getMetadata().getGeneration(),
                                    share.getMetadata().getGeneration()))
                            .filter(s -> s.isMarkedForDeletion() == share.isMarkedForDeletion())
                            .isPresent();
        }

        @Override
        public void journal(Outcome outcome) {
            share = statuses.write(share, ShareStatus.of(share, outcome, false, null, now));
        }
    }

    /** Equal POSTs from two places at once can make two rows of one member, so one pass an image at a time. */
    private static final class BusyException extends RuntimeException {
        BusyException() {
            super("busy", null, false, false);
        }
    }
}
