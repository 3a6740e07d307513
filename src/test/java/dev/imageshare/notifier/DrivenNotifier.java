package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.model.ToldCache;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.MovableClock;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A notifier's reconciler as it ships, against an API server, on the test's thread and clock: a message goes out when the test
 * says so, and the test is the receiver. Killed and started anew as often as wanted.
 */
final class DrivenNotifier {

    /** What a receiver was handed. */
    record Delivery(Instant at, String address, List<Notice> notices) {}

    private static final Duration QUIET = Duration.ofSeconds(30);

    final MovableClock clock = new MovableClock();
    final Map<String, Shares> shares = new TreeMap<>();
    final List<Delivery> deliveries = new ArrayList<>();

    /** What the receiver says; TAKEN unless a test says otherwise. */
    Function<Parcel, Receipt> answer = parcel -> Receipt.taken("");

    String contacts = "";
    int kills;

    private final EmbeddedKubernetes api;
    private final KubernetesClient client;
    private final String namespace;
    private final long seed;
    private final ToldCache<ImageNotifier> cache = new ToldCache<>();
    private ImageNotifierReconciler reconciler;
    private Runnable underWay;
    private ImageNotifier known;
    private long knownAt;
    private Instant due;
    private int contactsVersion;
    private boolean leads = true;
    private boolean isGoing;

    DrivenNotifier(
            EmbeddedKubernetes api, KubernetesClient client, String namespace, long seed, ImageNotifierSpec spec) {
        this.api = api;
        this.client = client;
        this.namespace = namespace;
        this.seed = seed;
        var notifier = new ImageNotifier();
        notifier.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("mail")
                .build());
        notifier.setSpec(spec);
        client.resource(notifier).create();
        start();
    }

    void contacts(String text) {
        contacts = text;
        contactsVersion++;
        due = clock.instant();
    }

    private void start() {
        var random = new Random(seed + kills);
        reconciler = new ImageNotifierReconciler(
                client,
                ns -> Optional.of(shares()),
                new CredentialSecrets(client, Set.of(namespace), false),
                new Told(),
                (ns, task) -> {
                    if (underWay != null) {
                        throw new IllegalStateException("two messages at once");
                    }
                    underWay = task;
                    return true;
                },
                new EventRecorder(client, clock),
                NotifierSettings.defaults(),
                new FairScheduler(1, 1, 1),
                new Leadership(() -> leads, () -> leads),
                clock,
                new Backoff(random));
        reconciler
                .prepareEventSources(new EventSourceContext<>(cache, null, client, ImageNotifier.class))
                .forEach(source -> {
                    source.setEventHandler(event -> due = clock.instant());
                    source.start();
                });
        due = clock.instant();
    }

    private List<ImageShare> shares() {
        return shares.values().stream().map(share -> share.object(namespace)).toList();
    }

    /** The process ends at once; another one begins. */
    void kill() {
        kills++;
        underWay = null;
        start();
    }

    /** The receiver has taken the message that is under way, and nobody noted it. */
    void killAfterSend() {
        var task = underWay;
        if (task != null) {
            task.run();
        }
        kill();
    }

    boolean isUnderWay() {
        return underWay != null;
    }

    /** Hands over the message that is under way, if one is. */
    void deliver() {
        var task = underWay;
        underWay = null;
        if (task != null) {
            task.run();
        }
    }

    /** Asks for it only if anything was written meanwhile. */
    ImageNotifier object() {
        var version = api.version();
        if (known == null || knownAt != version) {
            known = client.resources(ImageNotifier.class)
                    .inNamespace(namespace)
                    .withName("mail")
                    .get();
            knownAt = version;
        }
        return known;
    }

    void edit(UnaryOperator<ImageNotifierSpec> change) {
        client.resources(ImageNotifier.class)
                .inNamespace(namespace)
                .withName("mail")
                .edit(notifier -> {
                    notifier.setSpec(change.apply(notifier.getSpec()));
                    return notifier;
                });
        due = clock.instant();
    }

    /** Runs a pass, if one is due. */
    void pass() {
        if (due != null && !due.isAfter(clock.instant())) {
            look();
        }
    }

    /** Runs a pass. */
    void look() {
        due = null;
        var now = object();
        cache.objects().put(namespace + "/mail", now);
        var control = reconciler.reconcile(now, context());
        control.getScheduleDelay().ifPresent(delay -> {
            var next = clock.instant().plusMillis(delay);
            due = due == null || next.isBefore(due) ? next : due;
        });
    }

    /** Lets time go by, with all passes and messages in it; of long times in which no message waits with a pass an hour. */
    void run(Duration time) {
        var isLong = time.compareTo(Duration.ofHours(12)) > 0;
        var quiet = 0;
        var end = clock.instant().plus(time);
        isGoing = true;
        for (var rounds = 0; isGoing; rounds++) {
            if (rounds > 100_000) {
                throw new IllegalStateException("passes without end");
            }
            pass();
            if (underWay != null) {
                deliver();
            } else if (due == null || due.isAfter(clock.instant())) {
                var wait = due == null ? QUIET : Duration.between(clock.instant(), due);
                quiet = wait.compareTo(QUIET) < 0 || reconciler.waiting() > 0 ? 0 : quiet + 1;
                var at = isLong && quiet > 4
                        ? clock.instant().plus(Duration.ofHours(1))
                        : clock.instant().plus(wait);
                var next = at.isAfter(end) ? end : at;
                clock.move(Duration.between(clock.instant(), next));
                if (isLong && quiet > 4) {
                    due = next;
                }
                isGoing = next.isBefore(end);
            }
        }
    }

    long count(Counted action) {
        return reconciler.counters().of(action);
    }

    @SuppressWarnings("unchecked")
    private static Context<ImageNotifier> context() {
        return (Context<ImageNotifier>) Proxy.newProxyInstance(
                DrivenNotifier.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, args) -> {
                    if (method.getName().equals("isPrimaryResourceDeleted")) {
                        return false;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    private final class Told implements Receivers {
        @Override
        public Ready of(ImageNotifier notifier) {
            return new Ready(
                    "v" + contactsVersion,
                    Contacts.parse(contacts, contacts.getBytes(StandardCharsets.UTF_8)),
                    () -> parcel -> {
                        var receipt = answer.apply(parcel);
                        if (receipt.outcome() == Receipt.Result.TAKEN) {
                            deliveries.add(new Delivery(
                                    clock.instant(), parcel.recipient().address(), parcel.notices()));
                        }
                        return receipt;
                    },
                    Integer.MAX_VALUE);
        }

        @Override
        public void onChange(BiConsumer<String, String> listener) {
            // the test asks for passes itself
        }
    }
}
