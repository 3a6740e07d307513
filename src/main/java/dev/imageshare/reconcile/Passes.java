package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
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

    /** What the API server answers to a write that it could never take: malformed, too large, against the CRD. */
    private static final Set<Integer> REFUSED_AS_WRONG = Set.of(400, 413, 422);

    /** An object that waits for its turn is called; should the SDK ever lose the call, it is looked at then. */
    private static final Duration CALLED_BY_THEN = Duration.ofMinutes(5);

    private final Function<R, @Nullable CloudCredentialsRef> ref;
    private final Supplier<S> newSchedule;
    private final Turns turns;
    private final BooleanSupplier leading;
    private final Clock clock;
    private final Backoff backoff;
    private final Map<String, S> schedules = new ConcurrentHashMap<>();
    private final SimpleInboundEventSource<R> nudges = new SimpleInboundEventSource<>("nudges");

    /** The time of the first pass, from which on the cache of objects is complete. */
    private volatile @Nullable Instant runningSince;

    private @Nullable IndexerResourceCache<R> cache;

    /**
     * @param ref the object's reference to its credentials, or null
     * @param newSchedule for an object that is new to this process
     * @param turns those of this process, for all kinds
     * @param leading whether this process may write now
     */
    public Passes(
            Function<R, @Nullable CloudCredentialsRef> ref,
            Supplier<S> newSchedule,
            Turns turns,
            BooleanSupplier leading,
            Clock clock,
            Backoff backoff) {
        this.ref = ref;
        this.newSchedule = newSchedule;
        this.turns = turns;
        this.leading = leading;
        this.clock = clock;
        this.backoff = backoff;
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

    /** Asks for a pass. */
    public void nudge(R object) {
        nudge(ResourceID.fromResource(object));
    }

    /** Asks for a pass over the object of this name. */
    public void nudge(ResourceID object) {
        nudges.propagateEvent(object);
    }

    /** The objects that name this Secret, as far as is known: none before the first pass. */
    public List<R> naming(CredentialSecrets.Key key) {
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
    public Optional<CredentialSecrets.Key> secretKey(R object) {
        var named = ref.apply(object);
        return named == null || named.secretName() == null
                ? Optional.empty()
                : Optional.of(new CredentialSecrets.Key(object.getMetadata().getNamespace(), named.secretName()));
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
     * @param fault tells of a fault of the operator in the object's status; whatever the status knew stays
     */
    public Optional<Duration> run(
            R object, S schedule, Function<Turns.Turn, Optional<Duration>> pass, Consumer<Problem> fault) {
        if (runningSince == null) {
            runningSince = clock.instant();
        }
        var id = ResourceID.fromResource(object);
        Optional<Duration> wait;
        try (var turn = turns.begin(
                object.getMetadata().getUid(), object.getMetadata().getNamespace(), () -> nudges.propagateEvent(id))) {
            wait = pass.apply(turn);
            schedule.counted();
        } catch (Turns.NotYetException e) {
            about(LOG.atDebug(), object).log("Waits for its turn: {}", e.getMessage());
            return Optional.of(CALLED_BY_THEN);
        } catch (VoidPassException e) {
            about(LOG.atDebug(), object).log("The pass is void: {}", e.getMessage());
            wait = Optional.of(schedule.afterVoid(backoff));
        } catch (KubernetesClientException e) {
            about(LOG.atWarn(), object).log("The Kubernetes API refused or failed a call: {}", e.getMessage());
            if (REFUSED_AS_WRONG.contains(e.getCode())) {
                tell(object, "the API server refused what it wrote, " + e.getCode(), fault);
            }
            wait = Optional.of(schedule.afterFailure(backoff));
        } catch (RuntimeException | Error e) {
            // Also an Error: the SDK never asks again for an object whose pass ended in one.
            about(LOG.atError(), object)
                    .setCause(WithoutMessages.of(e))
                    .log("A pass failed by a fault of the operator");
            tell(object, rootOf(e).getClass().getSimpleName(), fault);
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

    private void tell(R object, String what, Consumer<Problem> fault) {
        if (!leading.getAsBoolean()) {
            return;
        }
        try {
            fault.accept(Problem.of(
                    Reason.InternalError,
                    "The operator failed by a fault of its own (" + what
                            + "); it is tried again. Please report it, with"
                            + " what the operator's log says of this object."));
        } catch (RuntimeException | Error e) {
            about(LOG.atWarn(), object)
                    .addKeyValue("failure", e.getClass().getName())
                    .log("The fault could not be told in the object's status");
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

    public void forget(String uid) {
        schedules.remove(uid);
        turns.forget(uid);
    }

    /**
     * Finds objects that are overdue: a fault of the SDK in use can lose one for good (operator-sdk issue 3416). Each is
     * asked for again and named in the log.
     *
     * @param patience how late a pass may be
     * @param gone called with the UID of each object that went without our knowing
     * @return how many were overdue
     */
    public int watch(Duration patience, Consumer<String> gone) {
        if (!isRunning() || !leading.getAsBoolean()) {
            return 0;
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
            var schedule = schedules.get(object.getMetadata().getUid());
            if (schedule != null
                    && schedule.isOverdue(now, patience)
                    && !turns.isWaiting(object.getMetadata().getUid())) {
                overdue++;
                about(LOG.atWarn(), object)
                        .addKeyValue("last", schedule.last())
                        .log("Not looked at for too long; it is asked for again");
                nudge(object);
            }
        }
        return overdue;
    }

    /**
     * Goes through all objects; none before the first pass.
     *
     * @param each called with each of them
     */
    public Lateness survey(Consumer<R> each) {
        var oldest = Duration.ZERO;
        var overdue = Duration.ZERO;
        var since = runningSince;
        if (since != null) {
            var now = clock.instant();
            for (var object : cache().list().toList()) {
                each.accept(object);
                var schedule = schedules.get(object.getMetadata().getUid());
                var last = schedule == null ? null : schedule.last();
                if (schedule == null || last == null) {
                    var waits = Duration.between(later(since, object), now);
                    oldest = longer(oldest, waits);
                    overdue = longer(overdue, waits);
                } else if (schedule.next() != null) {
                    oldest = longer(oldest, Duration.between(last, now));
                    overdue = longer(overdue, Duration.between(schedule.next(), now));
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
