package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.OpenStackException;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets with credentials. One informer a watched namespace sees every Secret, since a Secret carries no mark that
 * it is one of ours; but only the content of those that were asked for is kept, and of the others no more than the name.
 * A change of a kept one is told to the listeners at once.
 */
public final class CredentialSecrets implements AutoCloseable {

    /** Kept on a Secret while an object needs it to revoke its members, as ORC does, so a deleted namespace ends cleanly. */
    public static final String FINALIZER = "imageshare.dev/in-use";

    public static final String CLOUDS_YAML = "clouds.yaml";
    public static final String CACERT = "cacert";

    /** Lists of objects are read in parts, so that a large one takes no more memory than what is kept of it. */
    public static final long LIST_LIMIT = 500;

    private static final Logger LOG = LoggerFactory.getLogger(CredentialSecrets.class);

    /** A Secret's address. */
    public record Key(String namespace, String name) {}

    private final KubernetesClient client;
    private final boolean finalizers;
    private final List<SharedIndexInformer<Secret>> informers = new ArrayList<>();
    private final Map<Key, Kept> kept = new ConcurrentHashMap<>();
    private final List<Consumer<Key>> changed = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> gone = new CopyOnWriteArrayList<>();

    /**
     * @param namespaces the watched namespaces; empty for all
     * @param finalizers whether Secrets in use get {@link #FINALIZER}, which needs the right to patch Secrets
     */
    public CredentialSecrets(KubernetesClient client, Set<String> namespaces, boolean finalizers) {
        this.client = client;
        this.finalizers = finalizers;
        if (namespaces.isEmpty()) {
            informers.add(
                    client.secrets().inAnyNamespace().withLimit(LIST_LIMIT).runnableInformer(0));
        } else {
            namespaces.forEach(n -> informers.add(
                    client.secrets().inNamespace(n).withLimit(LIST_LIMIT).runnableInformer(0)));
        }
        for (var informer : informers) {
            informer.itemStore(new ReducedStateItemStore<>(
                    ReducedStateItemStore.NAME_KEY_STATE, Secret.class, client.getKubernetesSerialization()));
            informer.addEventHandler(new Changes());
        }
    }

    /** Calls back with the address of a kept Secret that came, changed or went. Add listeners before {@link #start}. */
    public void onChange(Consumer<Key> listener) {
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
     * @throws ProblemException {@code CredentialsNotFound} without such a Secret, {@code CredentialsInvalid} when its
     *     content is of no use; the message says what to do
     */
    public Credentials resolve(String namespace, CloudCredentialsRef ref) {
        var secretName = Objects.requireNonNull(ref.secretName());
        var cloudName = Objects.requireNonNull(ref.cloudName());
        return kept(new Key(namespace, secretName)).credentials(cloudName);
    }

    /** Puts {@link #FINALIZER} on the Secret if it isn't there yet; one that is going away is left alone. */
    public void hold(Key key) {
        if (finalizers) {
            kept(key).patched(secret -> {
                var old = secret.getMetadata().getFinalizers();
                if (secret.isMarkedForDeletion() || old.contains(FINALIZER)) {
                    return null;
                }
                return old.isEmpty()
                        ? "{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"" + FINALIZER + "\"]}"
                        : "{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\",\"value\":\"" + FINALIZER + "\"}";
            });
        }
    }

    /** Takes {@link #FINALIZER} off the Secret, if it is there. */
    public void release(Key key) {
        if (finalizers) {
            kept(key).patched(secret -> {
                var index = secret.getMetadata().getFinalizers().indexOf(FINALIZER);
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
    public void sweep(Predicate<Key> named, Predicate<Key> needed) {
        for (var key : List.copyOf(kept.keySet())) {
            try {
                if (!needed.test(key)) {
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
            if (!named.test(key) && !kept(key).isHeld()) {
                kept.remove(key);
            }
        }
    }

    private Kept kept(Key key) {
        return kept.computeIfAbsent(key, Kept::new);
    }

    private static Key key(Secret secret) {
        return new Key(secret.getMetadata().getNamespace(), secret.getMetadata().getName());
    }

    private final class Changes implements ResourceEventHandler<Secret> {
        @Override
        public void onAdd(Secret secret) {
            see(secret, secret);
        }

        @Override
        public void onUpdate(Secret before, Secret secret) {
            see(secret, secret);
        }

        @Override
        public void onDelete(Secret secret, boolean finalStateUnknown) {
            see(secret, null);
        }

        private void see(Secret event, @Nullable Secret now) {
            var key = key(event);
            // One with our finalizer is kept also if nobody asked for it, so that it can be let go.
            var entry = event.hasFinalizer(FINALIZER) ? kept(key) : kept.get(key);
            if (entry != null && entry.seen(now)) {
                LOG.atDebug()
                        .addKeyValue("namespace", key.namespace())
                        .addKeyValue("secret", key.name())
                        .log("Credentials changed");
                changed.forEach(listener -> listener.accept(key));
            }
        }
    }

    /** One Secret's content. It is read once when first asked for; from then on the informer tells of changes. */
    private final class Kept {
        private final Key key;
        private final Map<String, Credentials> parsed = new ConcurrentHashMap<>();
        private boolean known;
        private boolean refusalTold;
        private @Nullable Secret secret;

        Kept(Key key) {
            this.key = key;
        }

        synchronized boolean isHeld() {
            return secret != null && secret.hasFinalizer(FINALIZER);
        }

        synchronized @Nullable Secret secret() {
            if (!known) {
                seen(client.secrets()
                        .inNamespace(key.namespace())
                        .withName(key.name())
                        .get());
            }
            return secret;
        }

        /** Takes a newer state; says whether its content differs. */
        synchronized boolean seen(@Nullable Secret now) {
            var before = secret;
            var differs = !known
                    || (before == null
                            ? now != null
                            : now == null
                                    || !before.getMetadata()
                                            .getUid()
                                            .equals(now.getMetadata().getUid())
                                    || !Objects.equals(before.getData(), now.getData())
                                    || before.isMarkedForDeletion() != now.isMarkedForDeletion());
            if (before != null
                    && (now == null
                            || !before.getMetadata()
                                    .getUid()
                                    .equals(now.getMetadata().getUid()))) {
                gone.forEach(listener -> listener.accept(before.getMetadata().getUid()));
            }
            secret = now;
            known = true;
            if (differs) {
                parsed.clear();
            }
            return differs;
        }

        /**
         * Applies a JSON patch's operation, made for the Secret as it is; null for none. If the Secret turns out to have
         * changed, once more.
         */
        synchronized void patched(Function<Secret, @Nullable String> operation) {
            for (var tries = 1; ; tries++) {
                var current = secret();
                var change = current == null ? null : operation.apply(current);
                if (current == null || change == null) {
                    return;
                }
                // Writing the old version makes a patch that is based on an older Secret a 409 instead of a lost
                // finalizer.
                var lock = "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\""
                        + current.getMetadata().getResourceVersion() + "\"}";
                try {
                    var now = client.secrets()
                            .inNamespace(key.namespace())
                            .withName(key.name())
                            .patch(PatchContext.of(PatchType.JSON), "[" + lock + "," + change + "]");
                    refusalTold = false;
                    if (now != null) {
                        seen(now);
                    }
                    return;
                } catch (KubernetesClientException e) {
                    known = false;
                    if (e.getCode() == 404) {
                        return;
                    }
                    if (e.getCode() == 403) {
                        // It is tried again in each pass, since the right may be granted; told once is enough.
                        (refusalTold ? LOG.atDebug() : LOG.atWarn())
                                .addKeyValue("namespace", key.namespace())
                                .addKeyValue("secret", key.name())
                                .log(
                                        "May not patch Secrets, so this one is not kept while it is needed: grant the right,"
                                                + " or turn --secret-finalizers off");
                        refusalTold = true;
                        return;
                    }
                    if (e.getCode() != 409 || tries > 1) {
                        throw e;
                    }
                }
            }
        }

        synchronized Credentials credentials(String cloudName) {
            var current = secret();
            if (current == null) {
                throw Problem.of(
                                Reason.CredentialsNotFound,
                                "Secret " + key.name() + " is not in namespace " + key.namespace()
                                        + ": create it with the key clouds.yaml, or correct"
                                        + " spec.cloudCredentialsRef.secretName.")
                        .asException();
            }
            var credentials = parsed.get(cloudName);
            if (credentials == null) {
                var config = parse(current, cloudName);
                credentials = new Credentials(current.getMetadata().getUid(), cloudName, config, config.destination());
                parsed.put(cloudName, credentials);
            }
            return credentials;
        }

        private CloudConfig parse(Secret current, String cloudName) {
            var yaml = text(current, CLOUDS_YAML);
            if (yaml == null) {
                throw invalid("has no key clouds.yaml: put the clouds.yaml of OpenStack's clients under it");
            }
            try {
                return CloudConfig.parse(yaml, cloudName, text(current, CACERT));
            } catch (OpenStackException e) {
                throw invalid(e.getMessage());
            }
        }

        private @Nullable String text(Secret current, String dataKey) {
            var data = current.getData() == null ? null : current.getData().get(dataKey);
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
