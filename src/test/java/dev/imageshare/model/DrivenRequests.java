package dev.imageshare.model;

import dev.imageshare.access.ImageAccessRequestReconciler;
import dev.imageshare.access.ImageAccessRequestReconciler.SetLookup;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.projectset.ProjectSetReconciler;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.MovableClock;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process's reconciler of ImageAccessRequests, on the caller's thread, with the set of a {@link DrivenSets}. */
final class DrivenRequests implements AutoCloseable {

    private final MovableClock clock;
    private final EmbeddedKubernetes api;
    private final String producer;
    private final List<String> consumers;
    private final Clouds clouds;
    private final ToldSecrets toldSecrets;
    private final ToldCache<ImageAccessRequest> cache = new ToldCache<>();
    private final ToldCache<ImageAccessDecision> decisions = new ToldCache<>();
    private final ImageAccessRequestReconciler reconciler;
    private final Map<String, Instant> due = new TreeMap<>();

    /** @param consumers the namespaces of those who ask */
    DrivenRequests(
            EmbeddedKubernetes api,
            KubernetesClient client,
            MovableClock clock,
            String producer,
            List<String> consumers,
            long seed,
            ProjectSetReconciler sets) {
        this.api = api;
        this.clock = clock;
        this.producer = producer;
        this.consumers = consumers;
        clouds = new Clouds(
                CloudSettings.defaults(),
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
        toldSecrets = new ToldSecrets(client);
        var secrets = new CredentialSecrets(toldSecrets.client(), Set.of(), true);
        secrets.onGone(clouds::forget);
        reconciler = new ImageAccessRequestReconciler(
                client,
                new CloudAccess(clouds, secrets),
                new SetLookup() {
                    @Override
                    public Optional<ProjectSet> find(ResourceID name) {
                        return sets.find(name);
                    }

                    @Override
                    public void onChange(Consumer<ResourceID> listener) {
                        sets.onChange(listener);
                    }
                },
                set -> List.of(),
                () -> true,
                false,
                true,
                new EventRecorder(client, clock),
                new FairScheduler(1, 1, 1),
                new Leadership(() -> true, () -> true),
                clock,
                new Backoff(new Random(seed)));
        reconciler.prepare(cache, decisions).forEach(source -> {
            source.setEventHandler(event -> {
                var id = event.getRelatedCustomResourceID();
                due.put(id.getNamespace().orElseThrow() + "/" + id.getName(), clock.instant());
            });
            source.start();
        });
        sets.follow(reconciler);
        secrets.start();
    }

    /** The watch tells how things are now. */
    void tell() {
        var secrets = new ArrayList<>(api.objects(Secret.class, producer, new HashMap<>()));
        consumers.forEach(each -> secrets.addAll(api.objects(Secret.class, each, new HashMap<>())));
        toldSecrets.tell(secrets);
        tellDecisions();
        var left = new TreeSet<>(cache.objects().keySet());
        for (var consumer : consumers) {
            for (var request : api.objects(ImageAccessRequest.class, consumer, new HashMap<>())) {
                var key = ToldCache.key(request);
                left.remove(key);
                var before = cache.objects().put(key, request);
                if (before == null
                        || !before.getMetadata()
                                .getUid()
                                .equals(request.getMetadata().getUid())
                        || !before.getMetadata()
                                .getGeneration()
                                .equals(request.getMetadata().getGeneration())) {
                    due.put(key, clock.instant());
                }
            }
        }
        for (var key : left) {
            var gone = cache.objects().remove(key);
            due.remove(key);
            reconcile(gone, true);
        }
    }

    /** A decision that comes or goes asks for a pass over its request. */
    private void tellDecisions() {
        var before = new TreeMap<>(decisions.objects());
        decisions.objects().clear();
        for (var decision : api.objects(ImageAccessDecision.class, producer, new HashMap<>())) {
            var key = ToldCache.key(decision);
            decisions.objects().put(key, decision);
            if (before.remove(key) == null) {
                ask(decision);
            }
        }
        before.values().forEach(this::ask);
    }

    private void ask(ImageAccessDecision decision) {
        var ref = decision.getSpec().requestRef();
        due.put(ref.namespace() + "/" + ref.name(), clock.instant());
    }

    /** When the next pass is due; null: when something happens. */
    @Nullable
    Instant due() {
        due.keySet().retainAll(cache.objects().keySet());
        return due.values().stream().min(Instant::compareTo).orElse(null);
    }

    /** Runs the passes that are due. */
    void pass() {
        var now = clock.instant();
        for (var key : List.copyOf(due.keySet())) {
            if (!due.get(key).isAfter(now)) {
                due.remove(key);
                var request = cache.objects().get(key);
                if (request != null) {
                    reconcile(request, false);
                }
            }
        }
    }

    private void reconcile(ImageAccessRequest request, boolean gone) {
        try {
            var delay = reconciler.reconcile(request, context(gone)).getScheduleDelay();
            delay.ifPresent(millis -> due.merge(
                    ToldCache.key(request), clock.instant().plusMillis(millis), (a, b) -> a.isBefore(b) ? a : b));
        } catch (Exception e) {
            throw new IllegalStateException("a pass must not fail", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Context<ImageAccessRequest> context(boolean gone) {
        return (Context<ImageAccessRequest>) Proxy.newProxyInstance(
                DrivenRequests.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, args) -> {
                    if (method.getName().equals("isPrimaryResourceDeleted")) {
                        return gone;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public void close() {
        clouds.close();
    }
}
