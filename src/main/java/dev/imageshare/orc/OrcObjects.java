package dev.imageshare.orc;

import dev.imageshare.orc.Referent.Resolved;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.orc.Referent.Why;
import dev.imageshare.reconcile.Backoff;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves references to ORC objects. A kind is first read when an object of it is requested, and watched from then on;
 * only the ID of each object is kept. ORC is optional: whether it is installed is detected within a minute.
 */
public final class OrcObjects implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OrcObjects.class);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration AFTER_DELETION = Duration.ofSeconds(2);
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(30);
    private static final String ALL = "";

    /** The address of an object. */
    public record OrcObjectKey(OrcKind kind, String namespace, String name) {
        @Override
        public String toString() {
            return kind + " " + namespace + "/" + name;
        }
    }

    private final KubernetesClient client;
    private final Set<String> namespaces;
    private final ScheduledExecutorService timer;
    private final Backoff backoff;
    private final Map<OrcKind, Map<String, Watched>> watched = new EnumMap<>(OrcKind.class);
    private final List<Consumer<OrcObjectKey>> listeners = new CopyOnWriteArrayList<>();

    /** What was last reported for each requested object: the callback is only called for differences. */
    private final Map<OrcObjectKey, Referent> reported = new ConcurrentHashMap<>();

    /**
     * @param namespaces the watched namespaces; empty for all
     * @param timer rechecks a kind that can't be read; shut down by the caller
     */
    public OrcObjects(
            KubernetesClient client, Set<String> namespaces, ScheduledExecutorService timer, Backoff backoff) {
        this.client = client;
        this.namespaces = Set.copyOf(namespaces);
        this.timer = timer;
        this.backoff = backoff;
        for (var kind : OrcKind.values()) {
            watched.put(kind, new ConcurrentHashMap<>());
        }
    }

    /** Calls back with the address of a requested object when it resolves to something else than was reported. */
    public void onChange(Consumer<OrcObjectKey> listener) {
        listeners.add(listener);
    }

    /** What the object resolves to. The first request for a kind waits for the API server's response. */
    public Referent look(OrcObjectKey key) {
        var place = namespaces.isEmpty() ? ALL : key.namespace();
        var watch = places(key.kind()).computeIfAbsent(place, p -> new Watched(key.kind(), p));
        watch.ensureStarted();
        return reported.compute(key, (k, last) -> watch.read(k));
    }

    private Map<String, Watched> places(OrcKind kind) {
        return Objects.requireNonNull(watched.get(kind));
    }

    /**
     * Ends the watches of kinds that nobody refers to any longer, and checks those that lost their connection.
     *
     * @param used whether an object refers to the kind
     * @param named whether an object refers to the object
     */
    public void sweep(Predicate<OrcKind> used, Predicate<OrcObjectKey> named) {
        watched.forEach((kind, places) -> {
            if (!used.test(kind)) {
                places.values().forEach(Watched::stop);
                places.clear();
            }
            places.values().forEach(place -> later(Duration.ZERO, place::check));
        });
        reported.keySet().removeIf(key -> !named.test(key));
    }

    @Override
    public void close() {
        watched.values().forEach(places -> places.values().forEach(Watched::stop));
    }

    private void report(OrcObjectKey key) {
        var changed = new boolean[1];
        reported.computeIfPresent(key, (k, last) -> {
            var watch = places(k.kind()).get(namespaces.isEmpty() ? ALL : k.namespace());
            var now = watch == null ? last : watch.read(k);
            changed[0] = !now.equals(last);
            return now;
        });
        if (changed[0]) {
            LOG.atDebug().addKeyValue("object", key).log("A reference resolves to something else");
            listeners.forEach(listener -> listener.accept(key));
        }
    }

    private void later(Duration wait, Runnable task) {
        try {
            var unused = timer.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not checked again: the operator stops");
        }
    }

    /** One kind in one namespace, or in all. */
    private final class Watched {
        private final OrcKind kind;
        private final String namespace;

        /** Why the kind can't be read; null if it can. */
        private volatile @Nullable Unresolved trouble = new Unresolved(Why.UNREADABLE, "not read yet");

        private volatile @Nullable SharedIndexInformer<GenericKubernetesResource> informer;
        private final AtomicBoolean checkDue = new AtomicBoolean();
        private volatile boolean asked;
        private int failures;
        private int disconnectedLooks;
        private boolean stopped;

        Watched(OrcKind kind, String namespace) {
            this.kind = kind;
            this.namespace = namespace;
        }

        void ensureStarted() {
            if (!asked) {
                synchronized (this) {
                    if (!asked && !stopped) {
                        start();
                        asked = true;
                    }
                }
            }
        }

        /** What the object resolves to, from what is known here. */
        Referent read(OrcObjectKey key) {
            var refused = trouble;
            var source = informer;
            if (refused != null || source == null) {
                return refused != null ? refused : new Unresolved(Why.UNREADABLE, "not read yet");
            }
            var object = source.getStore().getByKey(Cache.namespaceKeyFunc(key.namespace(), key.name()));
            if (object == null) {
                return new Unresolved(Why.ABSENT);
            }
            if (object.isMarkedForDeletion()) {
                return new Unresolved(Why.GOING);
            }
            return object.get("status", "id") instanceof String id && !id.isEmpty()
                    ? new Resolved(id)
                    : new Unresolved(Why.NO_ID);
        }

        /** Checks whether the kind exists and may be read, and if so lists and watches it. */
        private void start() {
            var refusal = probe();
            if (refusal.isEmpty()) {
                var next = newInformer();
                try {
                    next.start().toCompletableFuture().get(LIST_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                    informer = next; // only now are missing objects really absent
                } catch (ExecutionException e) {
                    refusal = Optional.of(refusal(e.getCause()));
                } catch (TimeoutException e) {
                    refusal = Optional.of(refusal(e));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    refusal = Optional.of(refusal(e));
                }
                if (refusal.isPresent()) {
                    next.stop();
                }
            }
            settle(refusal.orElse(null));
        }

        private void settle(@Nullable Unresolved refusal) {
            if (!asked || !Objects.equals(refusal, trouble)) {
                var isNormal = refusal == null || refusal.why() == Why.NOT_INSTALLED;
                (isNormal ? LOG.atInfo() : LOG.atWarn())
                        .addKeyValue("resource", kind.resource())
                        .addKeyValue("namespace", namespace.isEmpty() ? "all" : namespace)
                        .log(
                                "{}",
                                refusal == null
                                        ? "ORC objects are watched"
                                        : "ORC objects can't be read: {} " + refusal.why() + " " + refusal.detail());
            }
            disconnectedLooks = 0;
            trouble = refusal;
            if (refusal == null) {
                failures = 0;
            } else {
                end(informer);
                retryLater();
            }
        }

        private void retryLater() {
            var wait = backoff.afterFailures(++failures);
            var longest = backoff.spread(LONGEST_WAIT);
            later(wait.compareTo(longest) < 0 ? wait : longest, this::restart);
        }

        private void restart() {
            synchronized (this) {
                if (stopped) {
                    return;
                }
                try {
                    start();
                } catch (RuntimeException | Error e) {
                    LOG.warn("A check for ORC objects failed; it is retried", e);
                    retryLater();
                }
            }
            announceAll();
        }

        /** A deletion may be caused by the removal of the CRD, which ends the watch a moment later. */
        private void checkSoon() {
            if (checkDue.compareAndSet(false, true)) {
                later(AFTER_DELETION, () -> {
                    checkDue.set(false);
                    check();
                });
            }
        }

        /**
         * Fabric8 reconnects a watch by itself, indefinitely, and meanwhile keeps what it has; it doesn't report
         * whether the kind still exists.
         */
        void check() {
            var source = informer;
            synchronized (this) {
                if (stopped || source == null || trouble != null) {
                    return;
                }
                if (source.isWatching()) {
                    disconnectedLooks = 0;
                    return;
                }
                var refusal = probe();
                if (refusal.isPresent()) {
                    settle(refusal.get());
                } else if (++disconnectedLooks > 1) {
                    end(source);
                    start();
                }
            }
            announceAll();
        }

        synchronized void stop() {
            stopped = true;
            end(informer);
        }

        private void end(@Nullable SharedIndexInformer<GenericKubernetesResource> old) {
            informer = null;
            if (old != null) {
                old.stop();
            }
        }

        private void announceAll() {
            reported.keySet().stream()
                    .filter(key -> key.kind() == kind)
                    .filter(key -> namespace.isEmpty() || namespace.equals(key.namespace()))
                    .forEach(OrcObjects.this::report);
        }

        private Optional<Unresolved> probe() {
            try {
                objects().list(new ListOptionsBuilder().withLimit(1L).build());
                return Optional.empty();
            } catch (KubernetesClientException e) {
                return Optional.of(refusal(e));
            }
        }

        private static Unresolved refusal(@Nullable Throwable failure) {
            for (var cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof KubernetesClientException e && e.getCode() > 0) {
                    return switch (e.getCode()) {
                        case 404 -> new Unresolved(Why.NOT_INSTALLED);
                        case 403 -> new Unresolved(Why.FORBIDDEN);
                        default -> new Unresolved(Why.UNREADABLE, "status " + e.getCode());
                    };
                }
            }
            return new Unresolved(Why.UNREADABLE, "no answer");
        }

        private AnyNamespaceOperation<
                        GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
                objects() {
            var all = client.genericKubernetesResources(kind.context());
            return namespace.isEmpty() ? all.inAnyNamespace() : all.inNamespace(namespace);
        }

        /** Whether Fabric8 should list again by itself; if the kind is gone or forbidden, that is our task. */
        private boolean goesOn(boolean started, Throwable failure) {
            if (!started) {
                return false;
            }
            var why = refusal(failure).why();
            var again = why == Why.UNREADABLE && !(failure instanceof WatcherException);
            if (!again) {
                later(Duration.ZERO, this::check);
            }
            return again;
        }

        private SharedIndexInformer<GenericKubernetesResource> newInformer() {
            var made = objects().runnableInformer(0);
            made.itemStore(new ReducedStateItemStore<>(
                    ReducedStateItemStore.NAME_KEY_STATE,
                    GenericKubernetesResource.class,
                    client.getKubernetesSerialization(),
                    "metadata.deletionTimestamp",
                    "status.id"));
            made.exceptionHandler(this::goesOn);
            made.addEventHandler(new ResourceEventHandler<GenericKubernetesResource>() {
                @Override
                public void onAdd(GenericKubernetesResource object) {
                    see(object);
                }

                @Override
                public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
                    see(object);
                }

                @Override
                public void onDelete(GenericKubernetesResource object, boolean finalStateUnknown) {
                    see(object);
                    checkSoon();
                }

                private void see(GenericKubernetesResource object) {
                    report(new OrcObjectKey(
                            kind,
                            object.getMetadata().getNamespace(),
                            object.getMetadata().getName()));
                }
            });
            return made;
        }
    }
}
