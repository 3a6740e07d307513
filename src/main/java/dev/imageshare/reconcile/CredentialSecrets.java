package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.Purpose;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets with credentials. One informer a watched namespace sees every Secret, since a Secret carries no mark that
 * it is one of ours, but for those of types that never are; and only the content of those that were asked for is kept, as
 * far as a namespace's share of memory goes. Of the others no more than the name. A change of a kept one is told to the
 * listeners at once.
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

    private final KubernetesClient client;
    private final boolean finalizers;
    private final List<SharedIndexInformer<Secret>> informers = new ArrayList<>();
    private final Map<SecretKey, KeptSecret> kept = new ConcurrentHashMap<>();
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
        for (var type : SecretContent.OTHER_TYPES) {
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
        return kept(new SecretKey(namespace, secretName))
                .credentials(new SecretCredentials.CredentialsEntry(cloudName, purpose));
    }

    /** Puts {@link #FINALIZER} on the Secret if it isn't there yet; one that is going away is left alone. */
    public void hold(SecretKey key) {
        if (finalizers) {
            kept(key).patched(secret -> {
                var old = secret.finalizers();
                if (secret.isGoing() || old.contains(FINALIZER) || SecretContent.isOfOtherType(secret.type())) {
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
            var key = entry.key();
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
                        .log("The finalizer could not be removed; the operator tries again: {}", e.getMessage());
                continue;
            }
            // One that still has the finalizer is kept also if nobody names it, so that it can be let go later.
            if (!named.test(key) && !entry.isHeld()) {
                kept.remove(key, entry);
                entry.drop();
            }
        }
    }

    private KeptSecret kept(SecretKey key) {
        return kept.computeIfAbsent(
                key,
                absent ->
                        new KeptSecret(client, absent, budget, uid -> gone.forEach(listener -> listener.accept(uid))));
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
}
