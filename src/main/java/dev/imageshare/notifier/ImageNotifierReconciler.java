package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ShareSelector;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.TrackedNotifier.DoneParcel;
import dev.imageshare.notifier.Waiting.DueNotice;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ObjectReconciler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.WithoutMessages;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles ImageNotifiers. A pass asks no service but Kubernetes; messages are handed over on threads of their own, one at
 * a time for each notifier. Deleting a notifier needs no work, so there is no finalizer.
 */
@ControllerConfiguration(
        name = ImageNotifierReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageNotifierReconciler
        extends ObjectReconciler<ImageNotifier, ImageNotifierStatus, TrackedNotifier> {

    /** The controller's name. */
    public static final String NAME = "imagenotifier";

    private static final Logger LOG = LoggerFactory.getLogger(ImageNotifierReconciler.class);

    private static final Duration SOON = Duration.ofSeconds(1);

    private static final ImageNotifierSpec NO_SPEC =
            new ImageNotifierSpec(null, null, null, null, null, null, null, null, null, false);

    private final Function<String, Optional<List<ImageShare>>> shares;
    private final CredentialSecrets credentials;
    private final Receivers receivers;
    private final NotifierSettings settings;
    private final EventRecorder events;
    private final Clock clock;
    private final Backoff backoff;
    private final BiPredicate<String, Runnable> handOver;

    /** How many messages wait, by the notifier's UID. */
    private final Map<String, Integer> waiting = new ConcurrentHashMap<>();

    /**
     * @param shares the ImageShares of a namespace; empty as long as not all of them are known
     * @param credentials told of by the passes that all kinds share; none are read
     * @param secrets those that notifiers name; closed by the caller
     * @param deliveries hands messages over; closed by the caller
     * @param receivers where Secrets may point, whom to trust beside Java's authorities, and the way there
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     */
    public ImageNotifierReconciler(
            KubernetesClient client,
            Function<String, Optional<List<ImageShare>>> shares,
            CredentialSecrets credentials,
            NotificationSecrets secrets,
            Deliveries deliveries,
            CloudSettings receivers,
            EventRecorder events,
            NotifierSettings settings,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            Backoff backoff) {
        this(
                client,
                shares,
                credentials,
                new SecretReceivers(secrets, receivers, settings.smtpPorts(), clock),
                deliveries::run,
                events,
                settings,
                turns,
                lead,
                clock,
                backoff);
    }

    /** @param handOver runs a task for a namespace on another thread; false if it can't now */
    ImageNotifierReconciler(
            KubernetesClient client,
            Function<String, Optional<List<ImageShare>>> shares,
            CredentialSecrets credentials,
            Receivers receivers,
            BiPredicate<String, Runnable> handOver,
            EventRecorder events,
            NotifierSettings settings,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            Backoff backoff) {
        super(
                ImageNotifier.class,
                notifier -> null,
                () -> new TrackedNotifier(new Outbox(settings.interval(), settings.settle(), backoff)),
                client,
                events,
                turns,
                lead,
                clock,
                backoff);
        this.shares = shares;
        this.credentials = credentials;
        this.receivers = receivers;
        this.handOver = handOver;
        this.settings = settings;
        this.events = events;
        this.clock = clock;
        this.backoff = backoff;
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageNotifier> configuration) {
        configure(configuration, Passes::asksForAPass);
    }

    @Override
    public List<EventSource<?, ImageNotifier>> prepareEventSources(EventSourceContext<ImageNotifier> context) {
        receivers.onChange(this::secretChanged);
        return passes.eventSources(context.getPrimaryCache(), credentials);
    }

    /** Before the first pass the cache can't be asked, and each object is about to be looked at anyway. */
    private void secretChanged(String namespace, String name) {
        if (passes.isRunning()) {
            passes.cache()
                    .list(namespace, notifier -> names(notifier).contains(name))
                    .forEach(passes::nudge);
        }
    }

    private static Set<String> names(ImageNotifier notifier) {
        var names = new TreeSet<String>();
        var spec = notifier.getSpec();
        if (spec != null && spec.secretRef() != null && spec.secretRef().name() != null) {
            names.add(spec.secretRef().name());
        }
        if (spec != null
                && spec.contacts() != null
                && spec.contacts().secretRef() != null
                && spec.contacts().secretRef().name() != null) {
            names.add(spec.contacts().secretRef().name());
        }
        return names;
    }

    @Override
    protected Optional<Duration> pass(ImageNotifier notifier, TrackedNotifier tracked, FairScheduler.Turn turn) {
        return notifier.isMarkedForDeletion()
                ? Optional.empty() // it waits for the finalizers of others, and tells nothing any more
                : new NotifierVisit(notifier, tracked).run();
    }

    @Override
    protected void forget(String uid) {
        super.forget(uid);
        waiting.remove(uid);
    }

    @Override
    protected void withoutSpec(ImageNotifier notifier) {
        notifier.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ImageNotifier notifier) {
        return notifier.getStatus() == null ? null : notifier.getStatus().conditions();
    }

    @Override
    protected ImageNotifierStatus failed(ImageNotifier notifier, Problem fault, boolean stalled, Instant now) {
        return NotifierStatus.of(notifier, List.of(fault), stalled, null, List.of(), now);
    }

    /** What all ImageNotifiers come to now. */
    public NotifierCensus census() {
        return new NotifierCensus(passes);
    }

    /** Messages that wait. */
    public int waiting() {
        return waiting.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** One pass over one object. */
    private final class NotifierVisit {

        private final TrackedNotifier tracked;
        private final ImageNotifierSpec spec;
        private final Instant now = clock.instant();
        private final List<Problem> problems = new ArrayList<>();
        private ImageNotifier notifier;

        NotifierVisit(ImageNotifier notifier, TrackedNotifier tracked) {
            this.notifier = notifier;
            this.tracked = tracked;
            this.spec = notifier.getSpec();
        }

        Optional<Duration> run() {
            takeResult();
            var violation = NotifierRules.violation(spec);
            if (violation.isPresent()) {
                problems.add(Problem.of(Reason.InvalidSpec, violation.get()));
                return end(null, Optional.empty());
            }
            if (spec.suspend()) {
                return end(
                        withDone(tracked.journal(notifier.getStatus()).orElseGet(() -> Journal.begin(now))),
                        Optional.empty());
            }
            var all = shares.apply(notifier.getMetadata().getNamespace());
            if (all.isEmpty()) {
                return Optional.of(SOON); // what isn't known yet must not pass for gone
            }
            var selected = all.get().stream().filter(this::isSelected).toList();
            if (selected.size() > Journal.MAX_SHARES) {
                problems.add(Problem.of(
                        Reason.InvalidSpec,
                        "spec.selector selects " + selected.size() + " ImageShares, and a notifier can follow "
                                + Journal.MAX_SHARES
                                + ": give it labels that fewer have, and others to another notifier."));
                return end(null, Optional.empty());
            }
            return look(selected, all.get());
        }

        private boolean isSelected(ImageShare share) {
            if (share.isMarkedForDeletion()) {
                return tracked.journal(notifier.getStatus())
                        .filter(journal ->
                                journal.shares().containsKey(share.getMetadata().getUid()))
                        .isPresent();
            }
            var labels = share.getMetadata().getLabels();
            return selector()
                    .map(ShareSelector::matchLabels)
                    .filter(wanted -> labels == null || !labels.entrySet().containsAll(wanted.entrySet()))
                    .isEmpty();
        }

        private Optional<ShareSelector> selector() {
            return Optional.ofNullable(spec.selector());
        }

        private Optional<Duration> look(List<ImageShare> selected, List<ImageShare> all) {
            var terms = Terms.of(spec, settings.expiryNotice());
            var status = notifier.getStatus();
            var known = tracked.journal(status);
            var isSameSpec = status != null
                    && Objects.equals(
                            status.observedGeneration(), notifier.getMetadata().getGeneration());
            if (!isSameSpec) {
                tracked.forgetLooks();
            }
            var images = tracked.look(selected, terms, now);
            var before = withDone(known.orElseGet(() -> Journal.begin(now)));
            var handedOut = tracked.outbox.handedOut();
            tracked.withdrawals.look(selected, all, before.nextLook(handedOut));
            var journal = before.looked(
                    images.values(),
                    terms,
                    known.isEmpty() ? Instant.MAX : tracked.newSince(selector(), isSameSpec, before),
                    handedOut,
                    tracked.unchanged(now),
                    now);
            var ready = receiver();
            if (tracked.contacts == null) {
                var wait = end(journal, tracked.outbox.trouble().map(t -> now.plus(settings.look())));
                tracked.looked(selected, selector(), terms, now);
                return wait;
            }
            var round = round(journal, images, terms, ready);
            journal = round.journal();
            var wait = end(journal, round.again());
            tracked.looked(selected, selector(), terms, now);
            if (round.next() != null && ready.isPresent()) {
                return Optional.of(send(round.next().byImage(), ready.get()).orElse(wait.orElse(settings.look())));
            }
            return wait;
        }

        /** @param next the message to send; null if there is none now */
        private record Planned(Journal journal, @Nullable Parcel next, Optional<Instant> again) {}

        private Planned round(
                Journal looked, Map<String, SharedImage> images, Terms terms, Optional<Receivers.Ready> ready) {
            var contacts = Objects.requireNonNull(tracked.contacts);
            var most = ready.map(Receivers.Ready::most).orElse(Integer.MAX_VALUE);
            var journal = looked;
            var due = new ArrayList<>(tracked.found(journal, images, terms));
            due.addAll(withdrawn(journal, contacts, terms));
            var waiting = Waiting.of(due, journal, contacts, most);
            var round = tracked.outbox.round(waiting, journal, contacts, now);
            for (var parcel : round.givenUp()) {
                giveUp(parcel);
                journal = told(journal, parcel, null);
            }
            if (!round.givenUp().isEmpty()) {
                waiting = Waiting.of(due, journal, contacts, most);
            }
            ImageNotifierReconciler.this.waiting.put(
                    notifier.getMetadata().getUid(), waiting.parcels().size());
            journal = journal.settled(waiting.open(), settings.interval(), now);
            tracked.outbox.forgetRested(now);
            return new Planned(journal, round.next(), round.again());
        }

        private List<DueNotice> withdrawn(Journal journal, Contacts contacts, Terms terms) {
            tracked.withdrawals.keep(due -> terms.events().contains(due.notice().event())
                    && contacts.of(due.notice().audience()).stream()
                            .anyMatch(r -> journal.toldTo(due.notice().audience(), r.key()) < due.look()));
            return tracked.withdrawals.untold();
        }

        /** The receiver, if the Secrets are of use; else it is a problem, and what waits is given up in time. */
        private Optional<Receivers.Ready> receiver() {
            try {
                var ready = receivers.of(notifier);
                tracked.contacts = ready.contacts();
                if (!ready.version().equals(tracked.receiverVersion)) {
                    tracked.receiverVersion = ready.version();
                    tracked.outbox.changed();
                }
                tracked.outbox
                        .trouble()
                        .ifPresent(why -> problems.add(Problem.of(
                                Reason.NotDelivered,
                                why + " Each message is tried again for an hour, and then given up.")));
                return Optional.of(ready);
            } catch (ProblemException e) {
                problems.add(e.problem());
                tracked.receiverVersion = "";
                tracked.outbox.unusable(e.problem().message(), now);
                return Optional.empty();
            }
        }

        private void takeResult() {
            var receipt = tracked.result.getAndSet(null);
            if (receipt == null) {
                return;
            }
            var isTaken = receipt.outcome() == Receipt.Result.TAKEN;
            tracked.outbox.ended(receipt, now).ifPresent(parcel -> {
                if (isTaken) {
                    counters.add(Counted.MESSAGE_SENT, 1);
                    tracked.done.add(new DoneParcel(parcel, now, ""));
                } else {
                    counters.add(Counted.MESSAGE_GIVEN_UP, 1);
                    tracked.done.add(new DoneParcel(parcel, null, receipt.message()));
                }
            });
            if (!isTaken) {
                counters.add(Counted.MESSAGE_NOT_TAKEN, 1);
                passes.about(LOG.atWarn(), notifier).log("A message was not accepted: {}", receipt.message());
            }
        }

        private void giveUp(Parcel parcel) {
            var why = tracked.outbox.whyNot(parcel.recipient().key());
            tracked.outbox.done(parcel.recipient().key());
            counters.add(Counted.MESSAGE_GIVEN_UP, 1);
            tracked.done.add(new DoneParcel(parcel, null, "Not accepted for an hour. " + why));
        }

        /** With what is done since the status was written. */
        private Journal withDone(Journal journal) {
            var next = journal;
            for (var done : tracked.done) {
                next = told(next, done.parcel(), done.sentAt());
            }
            return next;
        }

        private Journal told(Journal journal, Parcel parcel, @Nullable Instant at) {
            return journal.told(parcel.recipient().key(), parcel.projects(), this::recipients, parcel.look(), at);
        }

        private Set<String> recipients(String project) {
            return tracked.contacts == null
                    ? Set.of()
                    : tracked.contacts.of(project).stream().map(Recipient::key).collect(Collectors.toSet());
        }

        /**
         * Writes the status, if there is something to write, and says how long to wait.
         *
         * @param journal null: nothing was looked at
         */
        private Optional<Duration> end(@Nullable Journal journal, Optional<Instant> again) {
            var before = notifier.getStatus();
            var conditions = before == null ? null : before.conditions();
            var stalled = tracked.graceIsOver(problems, conditions, now);
            var progress = journal == null ? null : journal.written();
            var next = NotifierStatus.of(notifier, problems, stalled, progress, tracked.done, now);
            if (!next.equals(before)) {
                notifier = statuses.write(notifier, next);
            }
            if (journal != null && progress != null) {
                tracked.writing(progress, journal);
            }
            report(conditions);
            tracked.done.clear();
            var wait = tracked.next(problems, settings.look(), stalled, backoff, now)
                    .orElse(settings.look());
            var until = again.map(moment -> Duration.between(now, moment))
                    .filter(d -> d.compareTo(wait) < 0)
                    .map(d -> d.isNegative() || d.isZero() ? Duration.ofMillis(1) : d);
            return Optional.of(
                    until.orElse(wait.compareTo(settings.look()) > 0 && journal != null ? settings.look() : wait));
        }

        private void report(@Nullable List<Condition> before) {
            events.newProblems(notifier, before, problems);
            var byReason = new HashMap<String, Set<String>>();
            tracked.done.stream()
                    .filter(done -> done.sentAt() == null)
                    .forEach(done -> byReason.computeIfAbsent(done.why(), why -> new TreeSet<>())
                            .addAll(done.parcel().projects()));
            byReason.forEach((why, projects) -> say(
                    "NotDelivered", "Gave up on messages for projects " + EventRecorder.names(projects) + ". " + why));
            if (!Objects.equals(
                    before,
                    notifier.getStatus() == null ? null : notifier.getStatus().conditions())) {
                passes.about(problems.isEmpty() ? LOG.atInfo() : LOG.atWarn(), notifier)
                        .log("{}", Conditions.readyText(notifier.getStatus().conditions()));
            }
        }

        private void say(String reason, String message) {
            events.record(notifier, EventRecorder.Type.Warning, reason, message);
        }

        /** Empty if it goes out: then the pass after it is asked for. Else how long to wait for a free thread. */
        private Optional<Duration> send(Parcel parcel, Receivers.Ready ready) {
            var sent = notifier;
            var isRunning = handOver.test(sent.getMetadata().getNamespace(), () -> {
                tracked.result.set(receipt(parcel, ready));
                passes.nudge(sent);
            });
            if (!isRunning) {
                return Optional.of(SOON);
            }
            tracked.outbox.sending(parcel);
            return Optional.empty();
        }

        private Receipt receipt(Parcel parcel, Receivers.Ready ready) {
            try {
                return passes.isLeading()
                        ? ready.receiver().get().send(parcel)
                        : Receipt.of(Receipt.Result.LATER, "This process no longer leads.");
            } catch (RuntimeException | Error e) {
                LOG.atError()
                        .setCause(WithoutMessages.of(e))
                        .log("A message could not be made or sent by a fault of the operator");
                return Receipt.of(
                        Receipt.Result.LATER,
                        "The operator hit a bug (" + e.getClass().getSimpleName() + ").");
            }
        }
    }
}
