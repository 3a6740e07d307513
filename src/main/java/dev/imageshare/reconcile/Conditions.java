package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds an object's conditions by kstatus' rules: {@code Ready} is always there, and beside a Ready that is False there
 * is exactly one of {@code Reconciling} and {@code Stalled}, each only while it is True.
 */
public final class Conditions {

    public static final String READY = "Ready";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";

    private static final int MAX_MESSAGE = 32_768;

    private static final Pattern REQUEST_ID = Pattern.compile("req-[0-9a-f-]{36}");

    private final List<Condition> before;
    private final List<Condition> after = new ArrayList<>();
    private final long generation;
    private final Instant now;

    /**
     * @param before the conditions so far, or null; a condition whose status stays keeps its time
     * @param generation the object's generation that was looked at
     */
    public Conditions(@Nullable List<Condition> before, long generation, Instant now) {
        this.before = before == null ? List.of() : before;
        this.generation = generation;
        this.now = now;
    }

    /** The condition of this type, if there is one. */
    public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
        if (conditions != null) {
            for (var condition : conditions) { // of ten thousand objects at each scrape: no stream
                if (type.equals(condition.type())) {
                    return Optional.of(condition);
                }
            }
        }
        return Optional.empty();
    }

    /** Ready's reason and message, for a line of the log; empty if there is no such condition. */
    public static String readyText(@Nullable List<Condition> conditions) {
        return find(conditions, READY)
                .map(ready -> ready.reason() + ": " + ready.message())
                .orElse("");
    }

    /** Whether the condition of this type is there with this reason. */
    public static boolean has(@Nullable List<Condition> conditions, String type, Reason reason) {
        return find(conditions, type)
                .filter(c -> c.reason().equals(reason.name()))
                .isPresent();
    }

    /**
     * Ready by what a pass found.
     *
     * @param problems what keeps the object from being Ready; the gravest one is the reason
     * @param ready the reason if there are none
     * @param inOrder the message if there are none
     * @param notes what the message tells besides
     * @param stalled whether a reason that gets some grace has had it
     */
    public Conditions ready(
            List<Problem> problems, Reason ready, Supplier<String> inOrder, List<String> notes, boolean stalled) {
        var main = problems.stream().min(Comparator.comparing(Problem::reason));
        var parts = new ArrayList<String>();
        parts.add(main.map(Problem::message).orElseGet(inOrder));
        problems.stream()
                .filter(p -> !p.equals(main.get()))
                .map(p -> "Also " + p.reason() + ": " + p.message())
                .forEach(parts::add);
        main.flatMap(p -> p.reason().again(needsPerson(p.reason(), stalled))).ifPresent(again -> {
            if (!parts.get(0).endsWith(".")) {
                parts.set(0, parts.get(0) + "."); // what a service said ends in anything
            }
            parts.add(again);
        });
        parts.addAll(notes);
        return ready(main.map(Problem::reason).orElse(ready), String.join(" ", parts), stalled);
    }

    /** Ready, and what goes with it; {@code stalled} only counts for a reason of kind {@code SOON_STALLED}. */
    public Conditions ready(Reason reason, String message, boolean stalled) {
        var isReady = reason.kind() == Reason.Effect.READY;
        set(READY, isReady ? Condition.Status.True : Condition.Status.False, reason.name(), message);
        if (!isReady) {
            set(needsPerson(reason, stalled) ? STALLED : RECONCILING, Condition.Status.True, reason.name(), message);
        }
        return this;
    }

    private static boolean needsPerson(Reason reason, boolean stalled) {
        return reason.kind() == Reason.Effect.STALLED
                || (reason.kind() == Reason.Effect.STALLED_AFTER_GRACE && stalled);
    }

    public Conditions set(String type, Condition.Status status, String reason, String message) {
        var text = FieldRules.clipped(message, MAX_MESSAGE);
        var same = find(before, type).filter(c -> c.status() == status);
        var since = same.map(Condition::lastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        var told = keepIfSame(
                same.filter(c -> c.reason().equals(reason))
                        .map(Condition::message)
                        .orElse(null),
                text);
        after.add(new Condition(type, status, reason, told, since, generation));
        return this;
    }

    /**
     * The message to write: a failure that repeats has a new request ID each time, and that alone is nothing new.
     *
     * @param before what was written before, or null
     */
    public static String keepIfSame(@Nullable String before, String message) {
        return before != null && withoutRequestIds(before).equals(withoutRequestIds(message)) ? before : message;
    }

    private static String withoutRequestIds(String message) {
        return REQUEST_ID.matcher(message).replaceAll("");
    }

    /** Keeps a condition as it was, for example when nothing new is known about it. */
    public Conditions keep(String type) {
        find(before, type).ifPresent(after::add);
        return this;
    }

    public List<Condition> build() {
        return List.copyOf(after);
    }
}
