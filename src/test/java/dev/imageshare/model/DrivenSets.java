package dev.imageshare.model;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.projectset.Followers;
import dev.imageshare.projectset.ProjectSetReconciler;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.reconcile.ParallelCalls;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One process's reconciler of ProjectSets, on the caller's thread, with one set to look after. */
final class DrivenSets implements AutoCloseable {

    private final MovableClock clock;
    private final EmbeddedKubernetes api;
    private final String namespace;
    private final Clouds clouds;
    private final ToldSecrets toldSecrets;
    private final ToldCache<ProjectSet> cache = new ToldCache<>();
    private final ProjectSetReconciler reconciler;
    private final OnUpdateFilter<? super ProjectSet> filter;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "driven-sets");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Instant due;

    DrivenSets(
            EmbeddedKubernetes api,
            KubernetesClient client,
            MovableClock clock,
            String namespace,
            long seed,
            CloudSettings cloudSettings,
            Followers followers,
            BooleanSupplier clockTrusted) {
        this.api = api;
        this.clock = clock;
        this.namespace = namespace;
        clouds = new Clouds(
                cloudSettings,
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
        toldSecrets = new ToldSecrets(client);
        var secrets = new CredentialSecrets(toldSecrets.client(), Set.of(), true);
        secrets.onGone(clouds::forget);
        reconciler = new ProjectSetReconciler(
                client,
                new CloudAccess(clouds, secrets),
                new EventRecorder(client, clock),
                new ParallelCalls(threads, 1),
                new FairScheduler(1, 1, 1),
                new Leadership(() -> true, () -> true),
                followers,
                clockTrusted,
                clock,
                new Backoff(new Random(seed)));
        var configuration = ControllerConfigurationOverrider.override(
                new BaseConfigurationService().getConfigurationFor(reconciler));
        ProjectSetReconciler.configure(configuration);
        filter = configuration.build().getInformerConfig().getOnUpdateFilter();
        reconciler
                .prepareEventSources(new EventSourceContext<>(cache, null, client, ProjectSet.class))
                .forEach(source -> {
                    source.setEventHandler(event -> due = clock.instant());
                    source.start();
                });
        secrets.start();
    }

    ProjectSetReconciler reconciler() {
        return reconciler;
    }

    /** The watch tells how things are now. */
    void tell() {
        toldSecrets.tell(api.objects(Secret.class, namespace, new HashMap<>()));
        var left = new TreeSet<>(cache.objects().keySet());
        for (var set : api.objects(ProjectSet.class, namespace, new HashMap<>())) {
            var key = ToldCache.key(set);
            left.remove(key);
            var before = cache.objects().put(key, set);
            if (before == null
                    || (!before.getMetadata()
                                    .getResourceVersion()
                                    .equals(set.getMetadata().getResourceVersion())
                            && filter.accept(set, before))) {
                due = clock.instant();
            }
        }
        left.forEach(cache.objects()::remove);
    }

    /** When the next pass is due; null: when something happens. */
    @Nullable
    Instant due() {
        return due;
    }

    boolean isDue() {
        return due != null && !due.isAfter(clock.instant());
    }

    /** Runs a pass over the set. */
    void pass() {
        due = null;
        for (var set : List.copyOf(cache.objects().values())) {
            try {
                reconciler.reconcile(set, context()).getScheduleDelay().ifPresent(delay -> {
                    var at = clock.instant().plusMillis(delay);
                    due = due == null || at.isBefore(due) ? at : due;
                });
            } catch (Exception e) {
                throw new IllegalStateException("a pass must not fail", e);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Context<ProjectSet> context() {
        return (Context<ProjectSet>) Proxy.newProxyInstance(
                DrivenSets.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, args) -> {
                    if (method.getName().equals("isPrimaryResourceDeleted")) {
                        return false;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public void close() {
        clouds.close();
        threads.shutdownNow();
    }
}
