package dev.imageshare.notifier;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * The Secrets that notifiers name. Of these two types only, and the API server itself chooses by them: no other Secret comes
 * into this process for a notifier, whatever it names.
 */
public final class NotificationSecrets implements AutoCloseable {

    /** What says where to send. */
    static final String NOTIFICATION = "imageshare.dev/notification";

    /** What says who is told. */
    static final String CONTACTS = "imageshare.dev/contacts";

    private static final ResourceDefinitionContext SECRETS = new ResourceDefinitionContext.Builder()
            .withVersion("v1")
            .withKind("Secret")
            .withPlural("secrets")
            .withNamespaced(true)
            .build();

    /** A part is in memory as a whole, and a Secret may have a MiB. */
    private static final long LIST_LIMIT = 20;

    private final KubernetesClient client;
    private final Map<String, List<SharedIndexInformer<Secret>>> informers;

    /** What was read of those that notifiers name, by type, namespace and name. */
    private final Map<String, SecretTexts> texts = new ConcurrentHashMap<>();

    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();

    /** @param namespaces the watched namespaces; empty for all */
    public NotificationSecrets(KubernetesClient client, Set<String> namespaces) {
        this.client = client;
        informers = Map.of(
                NOTIFICATION, informers(client, namespaces, NOTIFICATION),
                CONTACTS, informers(client, namespaces, CONTACTS));
    }

    private List<SharedIndexInformer<Secret>> informers(KubernetesClient client, Set<String> namespaces, String type) {
        var secrets = client.secrets();
        var all = new ArrayList<SharedIndexInformer<Secret>>();
        if (namespaces.isEmpty()) {
            all.add(secrets.inAnyNamespace()
                    .withField("type", type)
                    .withLimit(LIST_LIMIT)
                    .runnableInformer(0));
        }
        for (var namespace : namespaces) {
            all.add(secrets.inNamespace(namespace)
                    .withField("type", type)
                    .withLimit(LIST_LIMIT)
                    .runnableInformer(0));
        }
        all.forEach(informer -> informer.addEventHandler(new Changes()));
        return List.copyOf(all);
    }

    /** Calls back with namespace and name of a Secret that came, changed or went. Add listeners before {@link #start}. */
    void onChange(BiConsumer<String, String> listener) {
        listeners.add(listener);
    }

    /** Starts the informers and waits for their first lists. */
    public void start() {
        informers
                .values()
                .forEach(each -> each.forEach(
                        informer -> informer.start().toCompletableFuture().join()));
    }

    public boolean isWatching() {
        return informers.values().stream().flatMap(List::stream).allMatch(SharedIndexInformer::isWatching);
    }

    @Override
    public void close() {
        informers.values().forEach(each -> each.forEach(SharedIndexInformer::stop));
    }

    /**
     * A Secret's content.
     *
     * @param version changes with each change of it
     * @param secrets its keys and their texts
     */
    record SecretTexts(String version, Map<String, String> secrets) {
        SecretTexts {
            secrets = Map.copyOf(secrets);
        }

        /** Never what it holds. */
        @Override
        public String toString() {
            return "SecretTexts[" + version + "]";
        }
    }

    /**
     * The Secret of this type and name; empty if there is none, or it is of another type.
     *
     * @throws IllegalArgumentException if a key's value is not UTF-8 text; the message names the key
     */
    Optional<SecretTexts> find(String type, String namespace, String name) {
        var key = Cache.namespaceKeyFunc(namespace, name);
        var seen = informers.getOrDefault(type, List.of()).stream()
                .map(informer -> informer.getStore().getByKey(key))
                .filter(Objects::nonNull)
                .findFirst();
        if (seen.isEmpty()) {
            texts.remove(type + "/" + key);
            return Optional.empty();
        }
        var known = texts.get(type + "/" + key);
        if (known != null && known.version().equals(version(seen.get().getMetadata()))) {
            return Optional.of(known);
        }
        // What is watched has lost these keys already: the informers keep only what clouds need.
        var read = Optional.ofNullable(client.genericKubernetesResources(SECRETS)
                        .inNamespace(namespace)
                        .withName(name)
                        .get())
                .filter(secret -> type.equals(secret.getAdditionalProperties().get("type")))
                .map(NotificationSecrets::content);
        read.ifPresent(content -> texts.put(type + "/" + key, content));
        return read;
    }

    private static String version(ObjectMeta metadata) {
        return metadata.getUid() + "/" + metadata.getResourceVersion();
    }

    private static SecretTexts content(GenericKubernetesResource secret) {
        var texts = new HashMap<String, String>();
        if (secret.getAdditionalProperties().get("data") instanceof Map<?, ?> data) {
            data.forEach(
                    (key, value) -> texts.put(String.valueOf(key), text(String.valueOf(key), String.valueOf(value))));
        }
        return new SecretTexts(version(secret.getMetadata()), texts);
    }

    /** Not by new String(): it would put another character in the place of a wrong one, say in a password. */
    private static String text(String key, String base64) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new IllegalArgumentException("the key " + key + " is not UTF-8 text", e);
        }
    }

    private final class Changes implements ResourceEventHandler<Secret> {
        @Override
        public void onAdd(Secret secret) {
            changed(secret);
        }

        @Override
        public void onUpdate(Secret before, Secret secret) {
            changed(secret);
        }

        @Override
        public void onDelete(Secret secret, boolean finalStateUnknown) {
            changed(secret);
        }

        private void changed(Secret secret) {
            var metadata = secret.getMetadata();
            listeners.forEach(listener -> listener.accept(metadata.getNamespace(), metadata.getName()));
        }
    }
}
