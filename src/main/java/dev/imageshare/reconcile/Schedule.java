package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When one object is to be looked at again, by what this process remembers of it between passes; a restart may lose all
 * of it. Used by one pass at a time.
 */
public class Schedule {

    /** How often a Stalled object is looked at whose own period is none: it can heal from outside. */
    public static final Duration STALLED_PERIOD = Duration.ofMinutes(10);

    /** How often an object is looked at whose own period is none: what it has a claim to has to be proven. */
    private static final Duration PROOF_PERIOD = Duration.ofHours(1);

    private static final Duration GRACE = Duration.ofMinutes(5);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration AT_ONCE = Duration.ofMillis(100);
    private static final int VOIDS_AT_ONCE = 5;
    private static final int STEP_MILLIS = 200;

    /** Failed passes in a row, for the generation below. */
    private int failures;

    /** Void passes in a row. */
    private int voids;

    private long generation;

    /** The newest generation that others were asked to look at their own objects for; 0 before the first. */
    private long announced;

    /** Since when a reason that gets some grace has been there. */
    private final Map<Reason, Instant> since = new EnumMap<>(Reason.class);

    /** When lastSyncTime is to be written although nothing else changed; null: not known yet. */
    private @Nullable Instant touchDue;

    /** When the object was last looked at, and by when it should be again; for the watchdog. */
    private volatile @Nullable Instant last;

    private volatile @Nullable Instant next;

    /** What the annotation said at the last pass by which people ask for a look. */
    private String lookNow = "";

    private boolean hasLooked;

    /** Whether a person has asked for a look since the last pass of this process; asked once a pass. */
    public boolean isAskedFor(HasMetadata object) {
        var now = Annotations.value(object, Annotations.LOOK_NOW).orElse("");
        var isAsked = hasLooked && !now.equals(lookNow);
        hasLooked = true;
        lookNow = now;
        return isAsked;
    }

    /** A pass over this generation begins; failures of an older one don't count. */
    void begin(long newGeneration) {
        if (generation != newGeneration) {
            generation = newGeneration;
            failures = 0;
            voids = 0;
        }
    }

    /**
     * Whether others are to look again because of this object's generation: what it says now may let them work, or keep
     * them from it. Once a generation, however its passes end.
     *
     * @param observed the generation that the status was written for; of an older process's announcements nothing else
     *     is known
     */
    public boolean isNewToOthers(@Nullable Long observed) {
        var isNew = announced == 0 ? observed != null && observed != generation : announced != generation;
        announced = generation;
        return isNew;
    }

    /** A pass has ended, and the next one is due after this wait, if at all. */
    void end(Instant now, Optional<Duration> wait) {
        last = now;
        next = wait.map(now::plus).orElse(null);
    }

    @Nullable
    Instant last() {
        return last;
    }

    /**
     * When the object was last looked at, by this process or, as far as the status shows, by one before it.
     *
     * @param lastSyncTime as the status has it
     */
    public Instant lastLook(@Nullable String lastSyncTime) {
        return last != null ? last : lastSyncTime == null ? Instant.EPOCH : time(lastSyncTime);
    }

    /** When the next look is due; null: when something changes. */
    @Nullable
    Instant next() {
        return next;
    }

    /** A pass was not void. */
    void counted() {
        voids = 0;
    }

    /** The wait after a void pass: at once, but not for ever, since a watch that is behind makes one after the other void. */
    Duration afterVoid(Backoff backoff) {
        return ++voids <= VOIDS_AT_ONCE ? AT_ONCE : backoff.afterFailures(voids - VOIDS_AT_ONCE);
    }

    /** Failed passes in a row. */
    int failures() {
        return failures;
    }

    /** The wait after a pass that failed as a whole. */
    Duration afterFailure(Backoff backoff) {
        return backoff.afterFailures(++failures);
    }

    /**
     * Whether a reason that gets some grace has had it.
     *
     * @param before the conditions so far: a restart doesn't give five minutes anew
     */
    public boolean graceIsOver(Collection<Problem> problems, @Nullable List<Condition> before, Instant now) {
        var over = false;
        var seen = new HashSet<Reason>();
        for (var problem : problems) {
            var reason = problem.reason();
            if (reason.kind() == Reason.Effect.STALLED_AFTER_GRACE) {
                seen.add(reason);
                var begun = since.computeIfAbsent(reason, r -> now);
                over |= Conditions.has(before, Conditions.STALLED, reason)
                        || !begun.plus(GRACE).isAfter(now);
            }
        }
        since.keySet().retainAll(seen);
        return over;
    }

    /**
     * The period of an object.
     *
     * @param isValid whether the spec may be gone by; if not, the object can heal only by an edit or from outside
     */
    public static Duration resync(String resyncPeriod, boolean isValid) {
        return isValid ? GoDuration.parse(resyncPeriod).orElse(STALLED_PERIOD) : STALLED_PERIOD;
    }

    /** How often an object is looked at by itself that is in order and has this period. */
    public static Duration period(String resyncPeriod) {
        var given = resync(resyncPeriod, true);
        return given.isZero() ? PROOF_PERIOD : given;
    }

    /**
     * How long to wait for the next pass after one that found these problems; empty: until something changes.
     *
     * @param resync the object's own period, zero for none: then an object that is in order is looked at hourly
     * @param stalled what {@link #graceIsOver} said
     */
    public Optional<Duration> next(
            Collection<Problem> problems, Duration resync, boolean stalled, Backoff backoff, Instant now) {
        if (problems.isEmpty()) {
            failures = 0;
            return Optional.of(periodic(resync.isZero() ? PROOF_PERIOD : resync, backoff, now));
        }
        failures++;
        var soon = problems.stream().anyMatch(p -> switch (p.reason().kind()) {
            case RECONCILING -> true;
            case STALLED_AFTER_GRACE -> !stalled;
            case STALLED, READY -> false;
        });
        var wait = soon
                ? min(backoff.afterFailures(failures), graceLeft(stalled, now))
                : periodic(resync.isZero() ? STALLED_PERIOD : resync, backoff, now);
        var asked = problems.stream()
                .flatMap(p -> p.retryAfter().stream())
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        return Optional.of(wait.compareTo(asked) < 0 ? asked : wait);
    }

    /**
     * The wait until the next of the looks that come by themselves. They fall on the same fifths of a second for all
     * objects: what is awake and warm looks at several for a third less each than if it is woken for each of them.
     */
    private static Duration periodic(Duration period, Backoff backoff, Instant now) {
        var due = now.plus(backoff.spread(period)).toEpochMilli();
        return Duration.ofMillis(due + Math.floorMod(-due, STEP_MILLIS) - now.toEpochMilli());
    }

    /** How long until the first grace is over; then the object is to be looked at, to say so. */
    private Duration graceLeft(boolean stalled, Instant now) {
        return stalled
                ? STALLED_PERIOD
                : since.values().stream()
                        .map(begun -> Duration.between(now, begun.plus(GRACE)))
                        .min(Duration::compareTo)
                        .orElse(STALLED_PERIOD);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /**
     * Whether lastSyncTime is to be written although nothing else changed: once an hour, spread after a start.
     *
     * @param lastSyncTime as the status has it
     */
    public boolean touchDue(@Nullable String lastSyncTime, Backoff backoff, Instant now) {
        if (touchDue == null) {
            var written = lastSyncTime == null ? Instant.EPOCH : time(lastSyncTime);
            var due = written.plus(HOUR);
            touchDue = due.isAfter(now) ? due : now.plus(backoff.within(HOUR));
        }
        return !touchDue.isAfter(now);
    }

    /** A status that somebody else wrote may hold any text. */
    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** lastSyncTime has been written. */
    public void touched(Backoff backoff, Instant now) {
        touchDue = now.plus(backoff.spread(HOUR));
    }
}
