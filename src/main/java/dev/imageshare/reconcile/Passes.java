package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.reconcile.Counters.Counted;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The passes over the objects of one kind: runs them, makes of a failure another try, remembers when each object is due,
 * and asks for a pass when an object's Secret changes. The SDK's retry gives up after five tries, and counts a
 * rescheduled error as a success, so all of this is ours.
 *
 * @param <R> the kind
 * @param <S> what is remembered of an object
 */
public final class Passes<R extends HasMetadata, S extends Schedule> {

    /** When a process that doesn't lead looks whether it does. */
    public static final Duration NOT_LEADING = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Passes.class);
    private static final String BY_SECRET = "spec.cloudCredentialsRef.secretName";

    /** What the API server answers to what it will not take a moment later either: no right, malformed, too large, invalid. */
    private static final Set<Integer> REFUSED = Set.of(400, 403, 413, 422);

    /** What else fails is told once it has failed so often in a row: an API server that restarts is no news. */
    private static final int TOLD_AFTER = 3;

    /** Characters of what the API server says. */
    private static final int MAX_QUOTED = 512;

    /** An object that waits for its turn is called; should the SDK ever lose the call, it is looked at then. */
    private static final Duration CALLED_BY_THEN = Duration.ofMinutes(5);

    private final Function<R, @Nullable CloudCredentialsRef> ref;
    private final Supplier<S> newSchedule;
    private final FairScheduler turns;
    private final BooleanSupplier leading;
    private final Clock clock;
    private final Backoff backoff;
    private final Counters counters;
    private final Map<String, S> schedules = new ConcurrentHashMap<>();
    private final Nudges<R> nudges = new Nudges<>();

    /** The time of the first pass, or of the first look of the watchdog; the cache of objects is complete by then. */
    private volatile @Nullable Instant runningSince;

    private @Nullable IndexerResourceCache<R> cache;

    /**
     * @param ref the object's reference to its credentials, or null
     * @param newSchedule for an object that is new to this process
     * @param turns those of this process, for all kinds
     * @param leading whether this process may write now
     * @param counters counts passes that the Kubernetes API ended, and looks that were overdue
     */
    public Passes(
            Function<R, @Nullable CloudCredentialsRef> ref,
            Supplier<S> newSchedule,
            FairScheduler turns,
            BooleanSupplier leading,
            Clock clock,
            Backoff backoff,
            Counters counters) {
        this.ref = ref;
        this.newSchedule = newSchedule;
        this.turns = turns;
        this.leading = leading;
        this.clock = clock;
        this.backoff = backoff;
        this.counters = counters;
    }

    /**
     * How late this process is.
     *
     * @param oldestLook how long ago the object was looked at that was looked at longest ago, or has waited for its first
     *     look; without those that are only looked at when they change
     * @param overdue by how much the object is overdue that is so the most; zero if none is
     */
    public record Lateness(Duration oldestLook, Duration overdue) {}

    /** What asks for passes besides changes of the objects: call it once, before the first pass. */
    public List<EventSource<?, R>> eventSources(IndexerResourceCache<R> primaries, CredentialSecrets secrets) {
        cache = primaries;
        primaries.addIndexer(
                BY_SECRET,
                object -> secretKey(object).map(Object::toString).stream().toList());
        // Before the first pass the cache can't be asked, and each object is about to be looked at anyway.
        secrets.onChange(key -> naming(key).forEach(this::nudge));
        return List.of(nudges);
    }

    /** Whether a change of an object asks for a pass over it, whatever its kind; our own writes don't. */
    public static boolean asksForAPass(HasMetadata now, HasMetadata before) {
        // After a gap in the watch, an object that took the place of another comes as its update.
        return !now.getMetadata().getUid().equals(before.getMetadata().getUid())
                || !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || now.isMarkedForDeletion() != before.isMarkedForDeletion()
                || differs(Annotations.LOOK_NOW, now, before)
                // An approval leaves the generation alone, too.
                || differs(ImageShare.APPROVE_REMOVALS, now, before);
    }

    private static boolean differs(String annotation, HasMetadata now, HasMetadata before) {
        return !Annotations.value(now, annotation).equals(Annotations.value(before, annotation));
    }

    /** For what fails outside of a pass, in the SDK itself: without end, and at most ten minutes apart. */
    public static Retry retry() {
        return new GenericRetry()
                .withoutMaxAttempts()
                .setInitialInterval(Backoff.FIRST.toMillis())
                .setIntervalMultiplier(2)
                .setMaxInterval(Backoff.MAX.toMillis());
    }

    /** Asks for a pass. */
    public void nudge(R object) {
        nudge(ResourceID.fromResource(object));
    }

    /** Asks for a pass over the object of this name. */
    public void nudge(ResourceID object) {
        nudges.ask(object);
    }

    /** The objects that name this Secret, as far as is known: none before the first pass. */
    public List<R> naming(CredentialSecrets.SecretKey key) {
        return isRunning() ? cache().byIndex(BY_SECRET, key.toString()) : List.of();
    }

    /** Whether there was a pass, so that the cache of objects is complete. */
    public boolean isRunning() {
        return runningSince != null;
    }

    public boolean isLeading() {
        return leading.getAsBoolean();
    }

    public IndexerResourceCache<R> cache() {
        return Objects.requireNonNull(cache, "not started");
    }

    /** The address of the Secret that the object names, if it names one. */
    public Optional<CredentialSecrets.SecretKey> secretKey(R object) {
        var named = ref.apply(object);
        return named == null || named.secretName() == null
                ? Optional.empty()
                : Optional.of(
                        new CredentialSecrets.SecretKey(object.getMetadata().getNamespace(), named.secretName()));
    }

    /**
     * Whether there is an object of this name. Where the SDK says that one is gone and another has taken its name, it hands
     * out that other one, which isn't gone.
     */
    public boolean isThere(R object) {
        return cache().get(ResourceID.fromResource(object)).isPresent();
    }

    /**
     * The SDK has forgotten the object of this name, after a pass that was told that it is gone. What it heard meanwhile of
     * one that has taken the name is forgotten with it.
     */
    public void forgotten(ResourceID object) {
        cache().get(object).ifPresent(nudges::insist);
    }

    /** What is remembered of the object, at the beginning of a pass. */
    public S begin(R object) {
        var schedule = schedules.computeIfAbsent(object.getMetadata().getUid(), uid -> newSchedule.get());
        schedule.begin(object.getMetadata().getGeneration());
        return schedule;
    }

    /**
     * Runs one pass when it is the object's turn, and makes of any failure of ours or of the API server's another try. An
     * object that has to wait for its turn had no pass: nothing is remembered of it.
     *
     * @param pass says how long to wait for the next one; empty: until something changes
     * @param fault tells in the object's status, and in an event, of a fault of the operator or of the Kubernetes API;
     *     whatever the status knew stays
     */
    public Optional<Duration> run(
            R object, S schedule, Function<FairScheduler.Turn, Optional<Duration>> pass, Consumer<Problem> fault) {
        if (runningSince == null) {
            runningSince = clock.instant();
        }
        var id = ResourceID.fromResource(object);
        Optional<Duration> wait;
        try (var turn =
                turns.begin(object.getMetadata().getUid(), object.getMetadata().getNamespace(), () -> nudges.ask(id))) {
            wait = pass.apply(turn);
            schedule.counted();
        } catch (FairScheduler.NotYetException e) {
            about(LOG.atDebug(), object).log("Waits for its turn: {}", e.getMessage());
            return Optional.of(CALLED_BY_THEN);
        } catch (PassAbandonedException e) {
            about(LOG.atDebug(), object).log("The pass is void: {}", e.getMessage());
            wait = Optional.of(schedule.afterVoid(backoff));
        } catch (KubernetesClientException e) {
            wait = Optional.of(schedule.afterFailure(backoff));
            counters.add(Counted.PASS_REFUSED, 1);
            about(LOG.atWarn(), object)
                    .addKeyValue("again", wait.get())
                    .log("The Kubernetes API refused or failed a call: {}", e.getMessage());
            if (REFUSED.contains(e.getCode()) || schedule.failures() >= TOLD_AFTER) {
                tell(object, refusal(e), fault);
            }
        } catch (RuntimeException | Error e) {
            // Also an Error: the SDK never asks again for an object whose pass ended in one.
            about(LOG.atError(), object)
                    .setCause(WithoutMessages.of(e))
                    .log("A pass failed because of a bug in the operator");
            tell(
                    object,
                    Problem.of(
                            Reason.InternalError,
                            "The operator hit a bug ("
                                    + rootOf(e).getClass().getSimpleName()
                                    + "), and tries again. Please report it, with what the operator's log says about this"
                                    + " object."),
                    fault);
            wait = Optional.of(schedule.afterFailure(backoff));
        }
        schedule.end(clock.instant(), wait);
        return wait;
    }

    private static Throwable rootOf(Throwable fault) {
        var root = fault;
        for (var depth = 0; root.getCause() != null && depth < 100; depth++) {
            root = root.getCause();
        }
        return root;
    }

    private static Problem refusal(KubernetesClientException e) {
        var said = e.getStatus() == null ? null : e.getStatus().getMessage();
        var why = said != null ? said : rootOf(e).getClass().getSimpleName();
        return Problem.of(
                Reason.KubernetesRefused,
                "The Kubernetes API refused or failed a call" + (e.getCode() <= 0 ? "" : " (" + e.getCode() + ")")
                        + ": "
                        + FieldRules.clipped(why, MAX_QUOTED)
                        + ". Nothing is done for this object until the call succeeds. The operator tries again, at most ten minutes"
                        + " apart.");
    }

    private void tell(R object, Problem problem, Consumer<Problem> fault) {
        if (!leading.getAsBoolean()) {
            return;
        }
        try {
            fault.accept(problem);
        } catch (RuntimeException | Error e) {
            about(LOG.atWarn(), object)
                    .addKeyValue("failure", e.getClass().getName())
                    .log("{} could not be written into the object's status", problem.reason());
        }
    }

    /** Whether the object is still the one that a pass began with, and this process still leads. */
    public boolean isCurrent(R object) {
        return leading.getAsBoolean()
                && cache().get(ResourceID.fromResource(object))
                        .filter(now -> isStill(object, now))
                        .isPresent();
    }

    /** Whether an object, as it is now, is still the one that a pass began with. */
    public boolean isStill(R object, R now) {
        return now.getMetadata().getUid().equals(object.getMetadata().getUid())
                && Objects.equals(
                        now.getMetadata().getGeneration(), object.getMetadata().getGeneration())
                && now.isMarkedForDeletion() == object.isMarkedForDeletion();
    }

    /** Forgets an object that is gone, and gives what was remembered of it, if anything was. */
    public Optional<S> forget(String uid) {
        turns.forget(uid);
        return Optional.ofNullable(schedules.remove(uid));
    }

    /**
     * Finds objects that are overdue, those that never had a pass among them: a fault of the SDK in use can lose one for
     * good (operator-sdk issue 3416). Each is asked for again, counted, and named in the log. Call it now and then, once the
     * cache of objects is complete.
     *
     * @param patience how late a pass may be
     * @param gone called with the UID of each object that went without our knowing
     * @return how many were overdue
     */
    public int watch(Duration patience, Consumer<String> gone) {
        if (!leading.getAsBoolean()) {
            return 0;
        }
        if (runningSince == null) {
            runningSince = clock.instant();
        }
        // Before the cache is read, so that no new object is taken for gone.
        var remembered = new HashSet<>(Set.copyOf(schedules.keySet()));
        var present = cache().list().toList();
        present.forEach(object -> remembered.remove(object.getMetadata().getUid()));
        remembered.forEach(uid -> {
            forget(uid);
            gone.accept(uid);
        });
        var now = clock.instant();
        var overdue = 0;
        for (var object : present) {
            var uid = object.getMetadata().getUid();
            var due = dueSince(object, schedules.get(uid));
            if (due != null && due.plus(patience).isBefore(now) && !turns.isWaiting(uid)) {
                overdue++;
                about(LOG.atWarn(), object).addKeyValue("due", due).log("The object is overdue, so it is queued again");
                nudges.insist(object);
            }
        }
        counters.add(Counted.LOOK_OVERDUE, overdue);
        return overdue;
    }

    /** When the object's next look is or was due; null: when something changes. */
    private @Nullable Instant dueSince(R object, @Nullable S schedule) {
        return schedule == null || schedule.last() == null
                ? later(Objects.requireNonNull(runningSince), object)
                : schedule.next();
    }

    /**
     * Goes through all objects; none before the first pass.
     *
     * @param each called with each of them
     */
    public Lateness survey(Consumer<R> each) {
        var oldest = Duration.ZERO;
        var overdue = Duration.ZERO;
        if (isRunning()) {
            var now = clock.instant();
            for (var object : cache().list().toList()) {
                each.accept(object);
                var schedule = schedules.get(object.getMetadata().getUid());
                var due = dueSince(object, schedule);
                if (due != null) {
                    var last = schedule == null ? null : schedule.last();
                    oldest = longer(oldest, Duration.between(last == null ? due : last, now));
                    overdue = longer(overdue, Duration.between(due, now));
                }
            }
        }
        return new Lateness(oldest, overdue);
    }

    private Instant later(Instant since, R object) {
        var created = Instant.parse(object.getMetadata().getCreationTimestamp());
        return created.isAfter(since) ? created : since;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** A line of the log that says which object it is about. */
    public LoggingEventBuilder about(LoggingEventBuilder line, R object) {
        var named = ref.apply(object);
        return line.addKeyValue("kind", object.getKind())
                .addKeyValue("namespace", object.getMetadata().getNamespace())
                .addKeyValue("name", object.getMetadata().getName())
                .addKeyValue("cloud", named == null ? null : named.cloudName());
    }
}
