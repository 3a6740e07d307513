package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.Purpose;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets with credentials. One informer a watched namespace sees every Secret, since a Secret carries no mark that
 * it is one of ours, but for those of types that never are; and only the content of those that were asked for is kept, as
 * far as a namespace's share of memory goes. Of the others no more than the name. A change of a kept one is told to the
 * listeners at once.
 *
 * <p>An event can be older than what was read or patched meanwhile, and which is newer can't be told: resource versions may be
 * compared for equality only (Kubernetes' API conventions; client-go's MutationCache and the SDK's TemporaryResourceCache
 * compare them as numbers). So after an answer of the API server events are taken again once that of the answer's version
 * has come; one of another version makes what is known void, and it is read when it is next asked for. Calls are never made
 * with a lock that the informer waits for.
 */
public final class CredentialSecrets implements AutoCloseable {

    /** Kept on a Secret while an object needs it to revoke its members, as ORC does, so a deleted namespace ends cleanly. */
    public static final String FINALIZER = "imageshare.dev/in-use";

    public static final String CLOUDS_YAML = CloudConfig.CLOUDS_YAML;
    public static final String CACERT = CloudConfig.CACERT;

    /** What is read of a Secret's data. */
    public static final Set<String> DATA_KEYS = CloudConfig.SECRET_KEYS;

    /** Lists of objects are read in parts, so that a large one takes no more memory than what is kept of it. */
    public static final long LIST_LIMIT = 500;

    /** A part is in memory as a whole, and a Secret may have a MiB. */
    private static final long SECRETS_LIST_LIMIT = 20;

    /** Of whose types' Secrets no clouds.yaml can be meant; Helm keeps ten of each release, of up to a MiB. */
    private static final List<String> OTHER_TYPES = List.of(
            "helm.sh/release.v1",
            "kubernetes.io/service-account-token",
            "kubernetes.io/dockerconfigjson",
            "kubernetes.io/dockercfg",
            "bootstrap.kubernetes.io/token");

    /**
     * For one namespace, in characters of base64, which take a byte each; what was made of an entry counts as much as its Secret.
     * What is beyond it is read anew in each pass.
     */
    private static final long KEPT_SIZE = 8L << 20;

    /** Finalizers that are looked after at once in one namespace. Anybody there can put ours on any number of Secrets. */
    private static final int SWEPT_AT_ONCE = 20;

    private static final Logger LOG = LoggerFactory.getLogger(CredentialSecrets.class);

    /** A Secret's address. */
    public record SecretKey(String namespace, String name) {}

    private record EntryKey(String cloudName, Purpose purpose) {}

    private final KubernetesClient client;
    private final boolean finalizers;
    private final List<SharedIndexInformer<Secret>> informers = new ArrayList<>();
    private final Map<SecretKey, Kept> kept = new ConcurrentHashMap<>();
    private final NamespaceBudget budget = new NamespaceBudget(KEPT_SIZE);
    private final List<Consumer<SecretKey>> changed = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> gone = new CopyOnWriteArrayList<>();

    /**
     * @param namespaces the watched namespaces; empty for all
     * @param finalizers whether Secrets in use get {@link #FINALIZER}, which needs the right to patch Secrets
     */
    public CredentialSecrets(KubernetesClient client, Set<String> namespaces, boolean finalizers) {
        this.client = client;
        this.finalizers = finalizers;
        if (namespaces.isEmpty()) {
            informers.add(informer(client.secrets().inAnyNamespace()));
        } else {
            namespaces.forEach(n -> informers.add(informer(client.secrets().inNamespace(n))));
        }
    }

    private SharedIndexInformer<Secret> informer(FilterWatchListDeletable<Secret, SecretList, Resource<Secret>> all) {
        var ours = all;
        for (var type : OTHER_TYPES) {
            ours = ours.withoutField("type", type);
        }
        var informer = ours.withLimit(SECRETS_LIST_LIMIT).runnableInformer(0);
        informer.itemStore(new ReducedStateItemStore<>(
                ReducedStateItemStore.NAME_KEY_STATE, Secret.class, client.getKubernetesSerialization()));
        informer.addEventHandler(new Changes());
        return informer;
    }

    /** Calls back with the address of a kept Secret that came, changed or went. Add listeners before {@link #start}. */
    public void onChange(Consumer<SecretKey> listener) {
        changed.add(listener);
    }

    /** Calls back with the UID of a kept Secret that went or was made anew. */
    public void onGone(Consumer<String> listener) {
        gone.add(listener);
    }

    /** Starts the informers and waits for their first lists. */
    public void start() {
        informers.forEach(i -> i.start().toCompletableFuture().join());
    }

    public boolean isWatching() {
        return informers.stream().allMatch(SharedIndexInformer::isWatching);
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::stop);
    }

    /**
     * The credentials that an object names.
     *
     * @param purpose what they are used for
     * @throws ProblemException {@code CredentialsNotFound} without such a Secret, {@code CredentialsInvalid} when its
     *     content is of no use; the message says what to do
     */
    public Credentials resolve(String namespace, CloudCredentialsRef ref, Purpose purpose) {
        var secretName = Objects.requireNonNull(ref.secretName());
        var cloudName = Objects.requireNonNull(ref.cloudName());
        return kept(new SecretKey(namespace, secretName)).credentials(new EntryKey(cloudName, purpose));
    }

    /** Puts {@link #FINALIZER} on the Secret if it isn't there yet; one that is going away is left alone. */
    public void hold(SecretKey key) {
        if (finalizers) {
            kept(key).patched(secret -> {
                var old = secret.finalizers();
                if (secret.isGoing() || old.contains(FINALIZER) || OTHER_TYPES.contains(secret.type())) {
                    return null;
                }
                return old.isEmpty()
                        ? "{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"" + FINALIZER + "\"]}"
                        : "{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\",\"value\":\"" + FINALIZER + "\"}";
            });
        }
    }

    /** Takes {@link #FINALIZER} off the Secret, if it is there. */
    public void release(SecretKey key) {
        if (finalizers) {
            kept(key).patched(secret -> {
                var index = secret.finalizers().indexOf(FINALIZER);
                return index < 0 ? null : "{\"op\":\"remove\",\"path\":\"/metadata/finalizers/" + index + "\"}";
            });
        }
    }

    /**
     * Takes {@link #FINALIZER} off Secrets that nobody needs any longer, and forgets those that nobody names. One that
     * the API server refuses to read or to change stays as it is until the next time.
     *
     * @param named whether an object names the Secret
     * @param needed whether an object will need it to revoke its members
     */
    public void sweep(Predicate<SecretKey> named, Predicate<SecretKey> needed) {
        var swept = new HashMap<String, Integer>();
        for (var entry : List.copyOf(kept.values())) {
            var key = entry.key;
            try {
                if (!needed.test(key) && entry.mayBeHeld()) {
                    if (swept.merge(key.namespace(), 1, Integer::sum) > SWEPT_AT_ONCE) {
                        continue;
                    }
                    release(key);
                }
            } catch (KubernetesClientException e) {
                LOG.atWarn()
                        .addKeyValue("namespace", key.namespace())
                        .addKeyValue("secret", key.name())
                        .log("The finalizer could not be taken off; it is tried again: {}", e.getMessage());
                continue;
            }
            // One that still has the finalizer is kept also if nobody names it, so that it can be let go later.
            if (!named.test(key) && !entry.isHeld()) {
                kept.remove(key, entry);
                entry.drop();
            }
        }
    }

    private Kept kept(SecretKey key) {
        return kept.computeIfAbsent(key, Kept::new);
    }

    private static SecretKey key(Secret secret) {
        return new SecretKey(
                secret.getMetadata().getNamespace(), secret.getMetadata().getName());
    }

    private final class Changes implements ResourceEventHandler<Secret> {
        @Override
        public void onAdd(Secret secret) {
            heard(secret, false);
        }

        @Override
        public void onUpdate(Secret before, Secret secret) {
            heard(secret, false);
        }

        @Override
        public void onDelete(Secret secret, boolean finalStateUnknown) {
            heard(secret, true);
        }
    }

    /** What the informer calls, and nobody else but a test. */
    void heard(Secret secret, boolean deleted) {
        var key = key(secret);
        // One with our finalizer is kept also if nobody asked for it, so that it can be let go.
        var entry = secret.hasFinalizer(FINALIZER) ? kept(key) : kept.get(key);
        if (entry == null) {
            return;
        }
        if (deleted) {
            entry.deleted(secret.getMetadata().getUid());
        }
        if (deleted || entry.seen(secret)) {
            LOG.atDebug()
                    .addKeyValue("namespace", key.namespace())
                    .addKeyValue("secret", key.name())
                    .log("Credentials changed");
            changed.forEach(listener -> listener.accept(key));
        }
    }

    /** One Secret's content. It is read when first asked for, and again once the informer has told of a change. */
    private final class Kept {
        private final SecretKey key;

        /** Held while the API server is asked about this Secret, so that it is asked once; never by the informer. */
        private final ReentrantLock calls = new ReentrantLock();

        private boolean refusalTold;

        /** As last read, perhaps without its data; null: never read, or absent. */
        private @Nullable SecretContent content;

        /** Whether it is here as it was read; if not, it is read each time. */
        private boolean isComplete;

        /** Whether it was never read, or something else was heard of since. */
        private boolean isVoid = true;

        /** The version of the answer that it is from, as long as no event of that version has come; empty: not known. */
        private @Nullable String ahead;

        private long events;
        private @Nullable String lastVersion;
        private final Map<EntryKey, Credentials> parsed = new HashMap<>();
        private long size;
        private boolean dropped;

        Kept(SecretKey key) {
            this.key = key;
        }

        synchronized boolean isHeld() {
            return content != null && content.finalizers().contains(FINALIZER);
        }

        synchronized boolean mayBeHeld() {
            return isVoid || isHeld();
        }

        synchronized void drop() {
            dropped = true;
            keep(null);
        }

        /** An event; says whether the content may be another one. */
        boolean seen(Secret event) {
            var told = SecretContent.of(event);
            String replaced = null;
            boolean differs;
            synchronized (this) {
                events++;
                lastVersion = told.version();
                if (told.version().equals(ahead)) {
                    ahead = null;
                    isVoid = false;
                    return false;
                }
                differs = content == null || !content.hasContentOf(told);
                if (ahead != null) {
                    isVoid = true;
                } else {
                    replaced = take(told);
                }
            }
            reportGone(replaced);
            return differs;
        }

        /** An event of a Secret that is gone, as is what was known of it, unless that is of another one of the name. */
        void deleted(@Nullable String uid) {
            String known = null;
            synchronized (this) {
                events++;
                lastVersion = null;
                if (ahead == null || (content != null && content.uid().equals(uid))) {
                    known = take(null);
                    ahead = null;
                } else {
                    isVoid = true;
                }
            }
            reportGone(known);
        }

        private void reportGone(@Nullable String uid) {
            if (uid != null) {
                gone.forEach(listener -> listener.accept(uid));
            }
        }

        private @Nullable SecretContent current() {
            synchronized (this) {
                if (isComplete && !isVoid) {
                    return content;
                }
            }
            calls.lock();
            try {
                long before;
                synchronized (this) {
                    if (isComplete && !isVoid) {
                        return content;
                    }
                    before = events;
                }
                return answered(
                        client.secrets()
                                .inNamespace(key.namespace())
                                .withName(key.name())
                                .get(),
                        before,
                        null);
            } finally {
                calls.unlock();
            }
        }

        /**
         * Takes the API server's answer.
         *
         * @param before how many events there had been when it was asked: after one that came since, it needs not be the
         *     newer one of the two, unless that is of its version or of one that is known to be older
         * @param older the version that a patch was made for; null for a read
         */
        private @Nullable SecretContent answered(@Nullable Secret answer, long before, @Nullable String older) {
            var now = answer == null ? null : SecretContent.of(answer);
            String replaced = null;
            synchronized (this) {
                var isHeard = now != null && now.version().equals(lastVersion);
                if (events == before || isHeard || (older != null && older.equals(lastVersion))) {
                    replaced = take(now);
                    ahead = isHeard ? null : now == null ? "" : now.version();
                } else if (isComplete && !isVoid) {
                    return content; // an event came that is taken
                }
            }
            reportGone(replaced);
            return now;
        }

        /** Gives the UID of the one that it was before, if that is another one. */
        private @Nullable String take(@Nullable SecretContent now) {
            var before = content == null ? null : content.uid();
            keep(now);
            isVoid = false;
            return before == null || (now != null && now.uid().equals(before)) ? null : before;
        }

        private void keep(@Nullable SecretContent now) {
            budget.giveBack(key.namespace(), size);
            size = 0;
            if (now == null || content == null || !content.hasContentOf(now)) {
                parsed.clear();
            }
            // The informer doesn't tell of other types, nor that one of them takes the place of what is absent.
            isComplete = now != null && !OTHER_TYPES.contains(now.type()) && takes(now.size() * (1 + parsed.size()));
            if (!isComplete) {
                parsed.clear();
            }
            content = now == null || isComplete ? now : now.withoutData();
        }

        private boolean takes(long more) {
            if (dropped || !budget.take(key.namespace(), more)) {
                return false;
            }
            size += more;
            return true;
        }

        /**
         * Applies a JSON patch's operation, made for the Secret as it is; null for none. If the Secret turns out to have
         * changed, once more.
         */
        void patched(Function<SecretContent, @Nullable String> operation) {
            calls.lock();
            try {
                for (var tries = 1; ; tries++) {
                    var current = current();
                    var change = current == null ? null : operation.apply(current);
                    if (current == null || change == null) {
                        return;
                    }
                    try {
                        patch(current, change);
                        refusalTold = false;
                        return;
                    } catch (KubernetesClientException e) {
                        synchronized (this) {
                            isVoid = true;
                            ahead = "";
                        }
                        if (e.getCode() == 404) {
                            return;
                        }
                        if (e.getCode() == 403) {
                            reportRefusal();
                            return;
                        }
                        if (e.getCode() != 409 || tries > 1) {
                            throw e;
                        }
                    }
                }
            } finally {
                calls.unlock();
            }
        }

        private void patch(SecretContent current, String change) {
            // Writing the old version makes a patch that is based on an older Secret a 409 instead of a lost finalizer.
            var lock = "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"" + current.version()
                    + "\"}";
            long before;
            synchronized (this) {
                before = events;
            }
            var answer = client.secrets()
                    .inNamespace(key.namespace())
                    .withName(key.name())
                    .patch(PatchContext.of(PatchType.JSON), "[" + lock + "," + change + "]");
            if (answer != null) {
                var unused = answered(answer, before, current.version());
            }
        }

        /** It is tried again in each pass, since the right may be granted; told once is enough. */
        private void reportRefusal() {
            (refusalTold ? LOG.atDebug() : LOG.atWarn())
                    .addKeyValue("namespace", key.namespace())
                    .addKeyValue("secret", key.name())
                    .log("May not patch Secrets, so this one is not kept while it is needed: grant the right, or turn"
                            + " --secret-finalizers off");
            refusalTold = true;
        }

        Credentials credentials(EntryKey entry) {
            var current = current();
            if (current == null) {
                throw Problem.of(
                                Reason.CredentialsNotFound,
                                "Secret " + key.name() + " is not in namespace " + key.namespace()
                                        + ": create it with the key clouds.yaml, or correct"
                                        + " spec.cloudCredentialsRef.secretName.")
                        .asException();
            }
            if (OTHER_TYPES.contains(current.type())) {
                throw invalid("is of type " + current.type()
                        + ", whose Secrets are not read: put the clouds.yaml into one" + " of type Opaque");
            }
            synchronized (this) {
                var known = current.equals(content) ? parsed.get(entry) : null;
                if (known != null) {
                    return known;
                }
            }
            var config = parse(current, entry);
            var credentials = new Credentials(current.uid(), entry.cloudName(), config, config.destination());
            synchronized (this) {
                if (isComplete && current.equals(content) && takes(current.size())) {
                    parsed.put(entry, credentials);
                }
            }
            return credentials;
        }

        private CloudConfig parse(SecretContent current, EntryKey entry) {
            var yaml = text(current, CLOUDS_YAML);
            if (yaml == null) {
                throw invalid("has no key clouds.yaml: put the clouds.yaml of OpenStack's clients under it");
            }
            try {
                return CloudConfig.ofSecret(
                        key.name(), dataKey -> text(current, dataKey), entry.cloudName(), entry.purpose());
            } catch (OpenStackException e) {
                throw invalid(e.getMessage());
            }
        }

        private @Nullable String text(SecretContent current, String dataKey) {
            var data = current.data(dataKey);
            if (data == null) {
                return null;
            }
            try {
                // Not by new String(): it would put another character in the place of a wrong one, say in a password.
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(Base64.getDecoder().decode(data)))
                        .toString();
            } catch (IllegalArgumentException e) {
                throw invalid("is not base64 under the key " + dataKey);
            } catch (CharacterCodingException e) {
                throw invalid("is not UTF-8 text under the key " + dataKey);
            }
        }

        private ProblemException invalid(String what) {
            return Problem.of(Reason.CredentialsInvalid, "Secret " + key.name() + ": " + what)
                    .asException();
        }
    }
}
