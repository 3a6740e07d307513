package dev.imageshare.notifier;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
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
import java.util.Optional;
import java.util.Set;
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

    private final Map<String, List<SharedIndexInformer<GenericKubernetesResource>>> informers;
    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();

    /** @param namespaces the watched namespaces; empty for all */
    public NotificationSecrets(KubernetesClient client, Set<String> namespaces) {
        informers = Map.of(
                NOTIFICATION, informers(client, namespaces, NOTIFICATION),
                CONTACTS, informers(client, namespaces, CONTACTS));
    }

    private List<SharedIndexInformer<GenericKubernetesResource>> informers(
            KubernetesClient client, Set<String> namespaces, String type) {
        var secrets = client.genericKubernetesResources(SECRETS);
        var all = new ArrayList<SharedIndexInformer<GenericKubernetesResource>>();
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
        return informers.getOrDefault(type, List.of()).stream()
                .map(informer -> informer.getStore().getByKey(Cache.namespaceKeyFunc(namespace, name)))
                .filter(secret -> secret != null)
                .findFirst()
                .map(NotificationSecrets::content);
    }

    private static SecretTexts content(GenericKubernetesResource secret) {
        var texts = new HashMap<String, String>();
        if (secret.getAdditionalProperties().get("data") instanceof Map<?, ?> data) {
            data.forEach(
                    (key, value) -> texts.put(String.valueOf(key), text(String.valueOf(key), String.valueOf(value))));
        }
        return new SecretTexts(
                secret.getMetadata().getUid() + "/" + secret.getMetadata().getResourceVersion(), texts);
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

    private final class Changes implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource secret) {
            changed(secret);
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource secret) {
            changed(secret);
        }

        @Override
        public void onDelete(GenericKubernetesResource secret, boolean finalStateUnknown) {
            changed(secret);
        }

        private void changed(GenericKubernetesResource secret) {
            var metadata = secret.getMetadata();
            listeners.forEach(listener -> listener.accept(metadata.getNamespace(), metadata.getName()));
        }
    }
}
