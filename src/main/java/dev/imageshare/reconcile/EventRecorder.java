package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells in Kubernetes Events what a pass did. An event that says the same again within an hour only counts up, as
 * client-go's recorder does. An event that can't be written is logged and never fails a pass: in a namespace that is
 * being deleted none can be created.
 */
public final class EventRecorder {

    public static final String COMPONENT = "imageshare-operator";

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int MAX_NAME = 255;
    private static final int NAMED = 20;
    private static final int MAX_MESSAGE = 1024;
    /** Bytes of names in one event. */
    private static final int MAX_LISTED = 900;
    /** An event's name has 253 characters at most, as its object's name. */
    private static final int MAX_PREFIX = 253 - 17;

    private static final int REMEMBERED = 4096;
    private static final Duration AGGREGATED = Duration.ofHours(1);

    /** An event's type. */
    public enum Type {
        Normal,
        Warning
    }

    private record Said(String uid, String reason, String message) {}

    private record Series(String name, int count, Instant last) {}

    private final KubernetesClient client;
    private final Clock clock;
    private final LongAdder lost = new LongAdder();
    private final Map<Said, Series> said = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Said, Series> eldest) {
            return size() > REMEMBERED;
        }
    };

    public EventRecorder(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** Up to 20 of the names, and how many more there are. Names from outside can't break a line or flood it. */
    public static String names(Collection<String> names) {
        var shown = names.stream().limit(NAMED).map(EventRecorder::printable).collect(Collectors.joining(", "));
        return names.size() > NAMED ? shown + " and " + (names.size() - NAMED) + " more" : shown;
    }

    /** As {@link #names}, but only as many as fit into an event beside a few words. */
    public static String namesInEvent(Collection<String> names) {
        var shown = new ArrayList<String>();
        var room = MAX_LISTED;
        for (var name : names) {
            var text = printable(name);
            room -= bytes(text) + ", ".length();
            if (shown.size() == NAMED || (room < 0 && !shown.isEmpty())) {
                break;
            }
            shown.add(text);
        }
        var more = names.size() - shown.size();
        return String.join(", ", shown) + (more == 0 ? "" : " and " + more + " more");
    }

    private static String printable(String name) {
        return FieldRules.clipped(name, MAX_NAME);
    }

    /** On one line, and of at most 1 KiB as Kubernetes counts it: in bytes. */
    private static String withinLimit(String message) {
        var line = FieldRules.clipped(message, MAX_MESSAGE);
        for (var over = bytes(line) - MAX_MESSAGE; over > 0; over = bytes(line) - MAX_MESSAGE) {
            // A character has four bytes at most, so this many must go at least.
            line = FieldRules.clipped(line, line.codePointCount(0, line.length()) - (over + 3) / 4);
        }
        return line;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** How many events could not be written. */
    public long lost() {
        return lost.sum();
    }

    /**
     * Warns of what keeps an object from being Ready, unless its Ready had the same reason before. What only takes time is no
     * event.
     *
     * @param before the object's conditions as the pass found them, or null
     */
    public void newProblems(HasMetadata about, @Nullable List<Condition> before, Collection<Problem> problems) {
        problems.stream()
                .filter(problem -> problem.reason() != Reason.Progressing)
                .filter(problem -> !Conditions.has(before, Conditions.READY, problem.reason()))
                .forEach(problem -> record(about, Type.Warning, problem.reason().name(), problem.message()));
    }

    /** Says something of an object, with a reason in CamelCase. */
    public void record(HasMetadata about, Type type, String reason, String message) {
        var text = withinLimit(message);
        var key = new Said(about.getMetadata().getUid(), reason, text);
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Series last;
        synchronized (said) {
            last = said.get(key);
        }
        try {
            Series next;
            if (last != null
                    && last.last.plus(AGGREGATED).isAfter(now)
                    && countUp(about, last.name, last.count + 1, now)) {
                next = new Series(last.name, last.count + 1, now);
            } else {
                next = new Series(create(about, type, reason, text, now), 1, now);
            }
            synchronized (said) {
                said.put(key, next);
            }
        } catch (KubernetesClientException e) {
            // In a namespace that is being deleted none can be created, and nobody misses it.
            var isMissed = e.getCode() != 403 || !String.valueOf(e.getMessage()).contains("being terminated");
            if (isMissed) {
                lost.increment();
            }
            LOG.atLevel(isMissed ? Level.WARN : Level.DEBUG)
                    .addKeyValue("namespace", about.getMetadata().getNamespace())
                    .addKeyValue("name", about.getMetadata().getName())
                    .addKeyValue("reason", reason)
                    .log("The event could not be written: {}", e.getMessage());
        }
    }

    private boolean countUp(HasMetadata about, String name, int count, Instant now) {
        var namespace = about.getMetadata().getNamespace();
        // Of an object, Fabric8 makes the patch by itself; of a text, it reads the object first, which needs a right
        // more.
        var change = new EventBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withCount(count)
                .withLastTimestamp(now.toString())
                .build();
        try {
            return client.v1()
                            .events()
                            .inNamespace(namespace)
                            .resource(change)
                            .patch(PatchContext.of(PatchType.JSON_MERGE))
                    != null;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return false; // events live for an hour by default
            }
            throw e;
        }
    }

    private String create(HasMetadata about, Type type, String reason, String message, Instant now) {
        var namespace = about.getMetadata().getNamespace();
        var prefix = about.getMetadata().getName();
        var name = prefix.substring(0, Math.min(prefix.length(), MAX_PREFIX)) + "."
                + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
        client.v1()
                .events()
                .inNamespace(namespace)
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withInvolvedObject(new ObjectReferenceBuilder()
                                .withApiVersion(about.getApiVersion())
                                .withKind(about.getKind())
                                .withNamespace(namespace)
                                .withName(about.getMetadata().getName())
                                .withUid(about.getMetadata().getUid())
                                .withResourceVersion(about.getMetadata().getResourceVersion())
                                .build())
                        .withType(type.name())
                        .withReason(reason)
                        .withMessage(message)
                        .withNewSource()
                        .withComponent(COMPONENT)
                        .endSource()
                        .withReportingComponent(COMPONENT)
                        .withReportingInstance(COMPONENT)
                        .withCount(1)
                        .withFirstTimestamp(now.toString())
                        .withLastTimestamp(now.toString())
                        .build())
                .create();
        return name;
    }
}
