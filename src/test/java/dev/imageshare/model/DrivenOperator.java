package dev.imageshare.model;

import dev.imageshare.acceptance.ImageAcceptanceReconciler;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.rotation.ImageShareSetReconciler;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.MemberCalls;
import dev.imageshare.share.ShareSets;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.BaseControl;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * One process of the operator: its reconcilers as they ship, and instead of the SDK's threads a queue that is worked on by
 * the caller's. What the SDK does around a pass (filters, timers, deleted objects) is done here.
 */
final class DrivenOperator implements AutoCloseable {

    /** What a pass is about. */
    record Ref(String kind, String key) implements Comparable<Ref> {
        @Override
        public int compareTo(Ref other) {
            return toString().compareTo(other.toString());
        }

        String namespace() {
            return key.substring(0, key.indexOf('/'));
        }

        /** The same in each sequence, whose namespaces have its number. */
        String lasting() {
            return kind + " " + key.replaceFirst("-[0-9]+/", "/");
        }
    }

    private static final String SHARE = "ImageShare";
    private static final String ACCEPTANCE = "ImageAcceptance";
    private static final String ROTATION = "ImageShareSet";

    final ToldCache<ImageShare> shares = new ToldCache<>();
    final ToldCache<ImageAcceptance> acceptances = new ToldCache<>();
    final ToldCache<ImageShareSet> rotations = new ToldCache<>();
    /** What the API server says of the time: nothing, unless a test has it speak. */
    final ServerClock apiServer;

    private final ToldSecrets toldSecrets;
    private final MovableClock clock;
    private final Clouds clouds;
    private final CredentialSecrets secrets;
    private final ImageShareReconciler shareReconciler;
    private final ImageAcceptanceReconciler acceptanceReconciler;
    private final ImageShareSetReconciler rotationReconciler;
    private final OnUpdateFilter<? super ImageShare> shareFilter;
    private final OnUpdateFilter<? super ImageAcceptance> acceptanceFilter;
    private final OnUpdateFilter<? super ImageShareSet> rotationFilter;
    private final Map<Ref, Instant> due = new TreeMap<>();
    private final Map<Ref, HasMetadata> gone = new TreeMap<>();
    /** The object that this thread is working on. */
    private final ThreadLocal<String> subject = ThreadLocal.withInitial(() -> "");

    DrivenOperator(
            KubernetesClient client,
            MovableClock clock,
            long seed,
            CloudSettings cloudSettings,
            ShareSettings settings,
            BooleanSupplier leading) {
        // One pass at a time finds its turn free.
        this(
                client,
                clock,
                seed,
                cloudSettings,
                settings,
                new Leadership(leading, leading),
                new FairScheduler(1, 1, 1),
                clock::move);
    }

    /** @param pause called by a pass that waits, on its thread */
    DrivenOperator(
            KubernetesClient client,
            MovableClock clock,
            long seed,
            CloudSettings cloudSettings,
            ShareSettings settings,
            Leadership lead,
            FairScheduler turns,
            Consumer<Duration> pause) {
        clouds = new Clouds(
                cloudSettings,
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
        apiServer = new ServerClock(
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
        this.clock = clock;
        toldSecrets = new ToldSecrets(client);
        secrets = new CredentialSecrets(toldSecrets.client(), java.util.Set.of(), true);
        secrets.onGone(clouds::forget);
        var access = new CloudAccess(clouds, secrets);
        var events = new EventRecorder(client, clock);
        var backoff = new Backoff(randomOfEach(seed));
        // One call at a time, on the pass's own thread: no helper is ever asked for.
        var parallel = new ParallelCalls(new NoThreads(), 1);
        // No spec here refers to ORC's objects, so nothing of them is ever asked for, and no thread begins.
        var orc = new OrcObjects(client, java.util.Set.of(), Executors.newSingleThreadScheduledExecutor(), backoff);
        shareReconciler = new ImageShareReconciler(
                client,
                access,
                orc,
                events,
                new MemberCalls(parallel, pause),
                settings,
                turns,
                lead,
                clock,
                new ClockCheck(clock, apiServer),
                backoff);
        acceptanceReconciler =
                new ImageAcceptanceReconciler(client, access, events, parallel, turns, lead, clock, backoff);
        rotationReconciler = new ImageShareSetReconciler(
                client,
                access,
                events,
                shareReconciler::ofSet,
                () -> true,
                ImageShareReconciler::violation,
                turns,
                lead,
                () -> true,
                clock,
                backoff);
        shareReconciler.follow(new ShareSets() {
            @Override
            public Optional<ImageShareSpec> wanted(ImageShare share) {
                return rotationReconciler.wanted(share);
            }

            @Override
            public boolean isUndecided(ImageShare share) {
                return rotationReconciler.isUndecided(share);
            }

            @Override
            public boolean hasReleased(ImageShare share) {
                return rotationReconciler.hasReleased(share);
            }

            @Override
            public void looked(ImageShare share, boolean gone) {
                rotationReconciler.looked(share, gone);
            }
        });
        rotationFilter = filter(rotationReconciler, ImageShareSetReconciler::configure);
        shareFilter = filter(shareReconciler, ImageShareReconciler::configure);
        acceptanceFilter = filter(acceptanceReconciler, ImageAcceptanceReconciler::configure);
        listen(
                SHARE,
                shareReconciler.prepareEventSources(new EventSourceContext<>(shares, null, client, ImageShare.class)));
        listen(
                ACCEPTANCE,
                acceptanceReconciler.prepareEventSources(
                        new EventSourceContext<>(acceptances, null, client, ImageAcceptance.class)));
        listen(
                ROTATION,
                rotationReconciler.prepareEventSources(
                        new EventSourceContext<>(rotations, null, client, ImageShareSet.class)));
        secrets.start();
    }

    /** Random numbers of which each object has its own, whatever others there are: nobody's waits depend on another's. */
    private RandomGenerator randomOfEach(long seed) {
        // Not Random, whose first numbers are much alike where the seeds are.
        var streams = new ConcurrentHashMap<String, SplittableRandom>();
        return () -> streams.computeIfAbsent(subject.get(), of -> new SplittableRandom(seed * 31 + of.hashCode()))
                .nextLong();
    }

    private static <R extends HasMetadata> OnUpdateFilter<? super R> filter(
            Reconciler<R> reconciler, Consumer<ControllerConfigurationOverrider<R>> configure) {
        var configuration = ControllerConfigurationOverrider.override(
                new BaseConfigurationService().getConfigurationFor(reconciler));
        configure.accept(configuration);
        return configuration.build().getInformerConfig().getOnUpdateFilter();
    }

    private <R extends HasMetadata> void listen(String kind, List<EventSource<?, R>> sources) {
        sources.forEach(source -> {
            source.setEventHandler(event -> wake(ref(kind, event)));
            source.start();
        });
    }

    private static Ref ref(String kind, Event event) {
        var id = event.getRelatedCustomResourceID();
        return new Ref(kind, id.getNamespace().orElseThrow() + "/" + id.getName());
    }

    private void wake(Ref ref) {
        due.merge(ref, clock.instant(), (a, b) -> a.isBefore(b) ? a : b);
    }

    /** The watch tells how things are now. */
    void tell(
            Collection<ImageShare> nowShares,
            Collection<ImageAcceptance> nowAcceptances,
            Collection<Secret> nowSecrets) {
        tell(namespace -> true, nowShares, nowAcceptances, nowSecrets);
    }

    /** The watch tells how things are now in some namespaces; these are all that there are in them. */
    void tell(
            Predicate<String> namespaces,
            Collection<ImageShare> nowShares,
            Collection<ImageAcceptance> nowAcceptances,
            Collection<Secret> nowSecrets) {
        tell(SHARE, namespaces, shares, nowShares, shareFilter);
        tell(ACCEPTANCE, namespaces, acceptances, nowAcceptances, acceptanceFilter);
        toldSecrets.tell(namespaces, nowSecrets);
    }

    /** The watch tells how the ImageShareSets of these namespaces are now. */
    void tellRotations(Predicate<String> namespaces, Collection<ImageShareSet> now) {
        tell(ROTATION, namespaces, rotations, now, rotationFilter);
    }

    private <R extends HasMetadata> void tell(
            String kind,
            Predicate<String> namespaces,
            ToldCache<R> cache,
            Collection<R> now,
            OnUpdateFilter<? super R> filter) {
        var left = new TreeMap<>(cache.objects());
        left.values().removeIf(object -> !namespaces.test(object.getMetadata().getNamespace()));
        for (var object : now) {
            var key = ToldCache.key(object);
            var ref = new Ref(kind, key);
            left.remove(key);
            var before = cache.objects().put(key, object);
            if (before != null
                    && !before.getMetadata()
                            .getUid()
                            .equals(object.getMetadata().getUid())) {
                onDeleted(ref, before);
                before = null;
            }
            if (before == null
                    || (!before.getMetadata()
                                    .getResourceVersion()
                                    .equals(object.getMetadata().getResourceVersion())
                            && filter.accept(object, before))) {
                wake(ref);
            }
        }
        left.forEach((key, object) -> {
            cache.objects().remove(key);
            onDeleted(new Ref(kind, key), object);
        });
    }

    private void onDeleted(Ref ref, HasMetadata object) {
        due.remove(ref);
        gone.put(ref, object); // the SDK calls for a deleted one, as it is told to
        wake(ref);
    }

    /** When the next pass is due; null: none is, until something happens. */
    Instant nextDue() {
        return nextDue(ref -> true);
    }

    /** When the next pass over one of these is due. */
    Instant nextDue(Predicate<Ref> of) {
        return due.entrySet().stream()
                .filter(e -> of.test(e.getKey()))
                .map(Map.Entry::getValue)
                .min(Instant::compareTo)
                .orElse(null);
    }

    /** The objects whose pass is due now, in a fixed order. */
    List<Ref> dueNow() {
        return dueNow(ref -> true);
    }

    /** Those of these whose pass is due now, in a fixed order. */
    List<Ref> dueNow(Predicate<Ref> of) {
        var now = clock.instant();
        return due.entrySet().stream()
                .filter(e -> !e.getValue().isAfter(now) && of.test(e.getKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How long until this one's pass is due; null: never. */
    Duration dueIn(Ref ref) {
        var at = due.get(ref);
        return at == null ? null : Duration.between(clock.instant(), at);
    }

    /** Runs the pass. */
    void pass(Ref ref) {
        due.remove(ref);
        subject.set(ref.lasting());
        try {
            passOver(ref);
        } finally {
            subject.remove();
        }
    }

    private void passOver(Ref ref) {
        if (ref.kind().equals(SHARE)) {
            pass(ref, shares, shareReconciler, shareReconciler::forgotten, ImageShare.class);
        } else if (ref.kind().equals(ROTATION)) {
            pass(ref, rotations, rotationReconciler, rotationReconciler::forgotten, ImageShareSet.class);
        } else {
            pass(ref, acceptances, acceptanceReconciler, acceptanceReconciler::forgotten, ImageAcceptance.class);
        }
    }

    private <R extends HasMetadata> void pass(
            Ref ref, ToldCache<R> cache, Reconciler<R> reconciler, Consumer<ResourceID> forgotten, Class<R> kind) {
        var cached = cache.objects().get(ref.key());
        var deleted = kind.cast(gone.remove(ref));
        try {
            if (deleted != null) {
                // Where one of its name is there again, the SDK hands out that one, and forgets what it heard of it.
                reconciler.reconcile(cached == null ? deleted : cached, context(true));
                forgotten.accept(ResourceID.fromResource(deleted));
            } else if (cached != null) {
                again(ref, reconciler.reconcile(cached, context(false)));
            }
        } catch (Exception e) {
            throw new IllegalStateException("a pass must not fail", e);
        }
    }

    private void again(Ref ref, BaseControl<?> control) {
        control.getScheduleDelay()
                .ifPresent(delay -> due.merge(ref, clock.instant().plusMillis(delay), (a, b) -> a.isBefore(b) ? a : b));
    }

    @SuppressWarnings("unchecked")
    private static <R extends HasMetadata> Context<R> context(boolean deleted) {
        return (Context<R>) Proxy.newProxyInstance(
                DrivenOperator.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, args) -> {
                    if (method.getName().equals("isPrimaryResourceDeleted")) {
                        return deleted;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** What the counter of removed members says. */
    long membersRemoved() {
        return shareReconciler.counters().of(Counters.Counted.MEMBER_REMOVED);
    }

    /** What the operator's watchdog does every half minute. */
    void watchdog() {
        shareReconciler.watch(Duration.ofMinutes(5));
        acceptanceReconciler.watch(Duration.ofMinutes(5));
        rotationReconciler.watch(Duration.ofMinutes(5));
        secrets.sweep(key -> shareReconciler.names(key) || acceptanceReconciler.names(key), shareReconciler::needs);
    }

    @Override
    public void close() {
        clouds.close();
    }

    private static final class NoThreads extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            throw new IllegalStateException("one call at a time");
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
