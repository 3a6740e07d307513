package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.orc.OrcKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A cluster, accessed with the caller's own permissions. The only class here that uses Fabric8's client. */
final class Cluster implements AutoCloseable {

    private static final String NOTIFICATION = "imageshare.dev/notification";

    /** Objects per response: one with its status can have 500 kB. */
    private static final long PAGE = 50;

    private final KubernetesClient client;

    private Cluster(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Reads the kubeconfig; doesn't call the cluster yet.
     *
     * @param kubeconfig the file, or null for kubectl's
     * @param context of the kubeconfig, or null for its current one
     */
    static Cluster open(@Nullable Path kubeconfig, @Nullable String context) {
        if (kubeconfig != null && !kubeconfig.toFile().isFile()) {
            throw new CommandFailure("--kubeconfig names " + kubeconfig + ", which is not a file");
        }
        var config = kubeconfig == null
                ? Config.autoConfigure(context)
                : Config.fromKubeconfig(context, kubeconfig.toFile());
        if (context != null
                && (config.getCurrentContext() == null
                        || !context.equals(config.getCurrentContext().getName()))) {
            throw new CommandFailure("--context: the kubeconfig has no context " + context);
        }
        // A user waits, and can call again.
        config.setRequestRetryBackoffLimit(1);
        return new Cluster(new KubernetesClientBuilder().withConfig(config).build());
    }

    /** The namespace of the kubeconfig's context, otherwise {@code default}. */
    String namespace() {
        return client.getNamespace() == null ? "default" : client.getNamespace();
    }

    /**
     * The cluster's ImageShares.
     *
     * @param namespaces empty for all
     */
    List<ImageShare> shares(Collection<String> namespaces) {
        var resources = client.resources(ImageShare.class);
        try {
            var found = new ArrayList<ImageShare>();
            if (namespaces.isEmpty()) {
                found.addAll(resources.inAnyNamespace().list().getItems());
            }
            for (var namespace : namespaces) {
                found.addAll(resources.inNamespace(namespace).list().getItems());
            }
            return found;
        } catch (KubernetesClientException e) {
            throw failure(e, "list ImageShares");
        }
    }

    /**
     * Hands over each object of an optional kind; none where it isn't installed or may not be listed.
     *
     * @param namespaces empty for all
     */
    <T extends CustomResource<?, ?>> void readOptional(Class<T> kind, Collection<String> namespaces, Consumer<T> each) {
        try {
            read(kind, namespaces, each);
        } catch (CommandFailure e) {
            if (!(e.status() == HttpURLConnection.HTTP_NOT_FOUND || e.status() == HttpURLConnection.HTTP_FORBIDDEN)) {
                throw e;
            }
        }
    }

    /**
     * The ProjectSets.
     *
     * @param namespaces empty for all
     */
    List<ProjectSet> projectSets(Collection<String> namespaces) {
        var sets = new ArrayList<ProjectSet>();
        read(ProjectSet.class, namespaces, sets::add);
        return sets;
    }

    /** Creates a decision. */
    void create(ImageAccessDecision decision) {
        var namespace = decision.getMetadata().getNamespace();
        try {
            client.resources(ImageAccessDecision.class)
                    .inNamespace(namespace)
                    .resource(decision)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                throw new CommandFailure("that was decided before: ImageAccessDecision " + namespace + "/"
                        + decision.getMetadata().getName() + ". To decide anew, delete it");
            }
            throw failure(e, "create ImageAccessDecisions in namespace " + namespace);
        }
    }

    /** Whether the cluster has objects of an optional kind that may be listed. */
    private <T extends CustomResource<?, ?>> boolean has(Class<T> kind, Collection<String> namespaces) {
        for (var resources : in(kind, namespaces)) {
            try {
                resources.list(new ListOptionsBuilder().withLimit(1L).build());
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                        || e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                    return false;
                }
                throw failure(e, "list " + HasMetadata.getKind(kind) + "s");
            }
        }
        return true;
    }

    /**
     * Passes on each ImageShare and each ImageAcceptance, page by page, so that few are in memory at once.
     *
     * @param namespaces empty for all
     */
    void read(Collection<String> namespaces, Consumer<ImageShare> shares, Consumer<ImageAcceptance> acceptances) {
        read(ImageShare.class, namespaces, shares);
        read(ImageAcceptance.class, namespaces, acceptances);
    }

    private <T extends CustomResource<?, ?>> void read(Class<T> kind, Collection<String> namespaces, Consumer<T> each) {
        for (var resources : in(kind, namespaces)) {
            try {
                String next = null;
                do {
                    var list = resources.list(new ListOptionsBuilder()
                            .withLimit(PAGE)
                            .withContinue(next)
                            .build());
                    list.getItems().forEach(each);
                    next = list.getMetadata().getContinue();
                } while (next != null && !next.isEmpty());
            } catch (KubernetesClientException e) {
                throw failure(e, "list " + HasMetadata.getKind(kind) + "s");
            }
        }
    }

    private <T extends CustomResource<?, ?>> List<AnyNamespaceOperation<T, KubernetesResourceList<T>, Resource<T>>> in(
            Class<T> kind, Collection<String> namespaces) {
        var resources = client.resources(kind);
        if (namespaces.isEmpty()) {
            return List.of(resources.inAnyNamespace());
        }
        var all = new ArrayList<AnyNamespaceOperation<T, KubernetesResourceList<T>, Resource<T>>>();
        namespaces.forEach(namespace -> all.add(resources.inNamespace(namespace)));
        return all;
    }

    /**
     * Watches all ImageShares and ImageAcceptances, and ProjectSets, ImageShareSets and ImageNotifiers if their kind is
     * installed at startup and may be read.
     *
     * @param namespaces empty for all
     * @param changed called after each change, possibly often
     */
    Followed follow(Collection<String> namespaces, Runnable changed) {
        var followed = new Followed();
        try {
            followed.shares.addAll(follow(ImageShare.class, namespaces, changed));
            followed.acceptances.addAll(follow(ImageAcceptance.class, namespaces, changed));
            if (has(ProjectSet.class, namespaces)) {
                followed.sets.addAll(follow(ProjectSet.class, namespaces, changed));
            }
            if (has(ImageShareSet.class, namespaces)) {
                followed.imageShareSets.addAll(follow(ImageShareSet.class, namespaces, changed));
            }
            if (has(ImageNotifier.class, namespaces)) {
                followed.notifiers.addAll(follow(ImageNotifier.class, namespaces, changed));
            }
            return followed;
        } catch (RuntimeException e) {
            followed.close();
            throw e;
        }
    }

    private <T extends CustomResource<?, ?>> List<SharedIndexInformer<T>> follow(
            Class<T> kind, Collection<String> namespaces, Runnable changed) {
        var informers = new ArrayList<SharedIndexInformer<T>>();
        var handler = new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                changed.run();
            }

            @Override
            public void onUpdate(T before, T object) {
                changed.run();
            }

            @Override
            public void onDelete(T object, boolean isStateUnknown) {
                changed.run();
            }
        };
        for (var resources : in(kind, namespaces)) {
            try {
                informers.add(resources.inform(handler));
            } catch (KubernetesClientException e) {
                informers.forEach(SharedIndexInformer::stop);
                throw failure(e, "list and watch " + HasMetadata.getKind(kind) + "s");
            }
        }
        return informers;
    }

    /** The objects as they are now. */
    static final class Followed implements AutoCloseable {

        private final List<SharedIndexInformer<ImageShare>> shares = new ArrayList<>();
        private final List<SharedIndexInformer<ImageAcceptance>> acceptances = new ArrayList<>();
        private final List<SharedIndexInformer<ProjectSet>> sets = new ArrayList<>();
        private final List<SharedIndexInformer<ImageShareSet>> imageShareSets = new ArrayList<>();
        private final List<SharedIndexInformer<ImageNotifier>> notifiers = new ArrayList<>();

        List<ImageShare> shares() {
            return shares.stream()
                    .flatMap(informer -> informer.getStore().list().stream())
                    .toList();
        }

        List<ImageAcceptance> acceptances() {
            return acceptances.stream()
                    .flatMap(informer -> informer.getStore().list().stream())
                    .toList();
        }

        /** None if the kind isn't installed, or may not be read. */
        List<ProjectSet> sets() {
            return sets.stream()
                    .flatMap(informer -> informer.getStore().list().stream())
                    .toList();
        }

        /** None if the kind isn't installed, or may not be read. */
        List<ImageShareSet> imageShareSets() {
            return imageShareSets.stream()
                    .flatMap(informer -> informer.getStore().list().stream())
                    .toList();
        }

        /** None if the kind isn't installed, or may not be read. */
        List<ImageNotifier> notifiers() {
            return notifiers.stream()
                    .flatMap(informer -> informer.getStore().list().stream())
                    .toList();
        }

        /** Whether changes are received; false while the API server can't be reached. */
        boolean isFollowing() {
            return shares.stream().allMatch(SharedIndexInformer::isWatching)
                    && acceptances.stream().allMatch(SharedIndexInformer::isWatching);
        }

        @Override
        public void close() {
            shares.forEach(SharedIndexInformer::stop);
            acceptances.forEach(SharedIndexInformer::stop);
            sets.forEach(SharedIndexInformer::stop);
            imageShareSets.forEach(SharedIndexInformer::stop);
            notifiers.forEach(SharedIndexInformer::stop);
        }
    }

    /**
     * The objects as printed by {@code kubectl get -o json}: ImageShares, ImageAcceptances, and ProjectSets and ORC
     * objects if they are installed and may be read.
     *
     * @param namespaces those that are read if not all may be
     */
    ClusterJson state(Collection<String> namespaces) {
        var items = new ArrayList<GenericKubernetesResource>();
        var isComplete = true;
        for (var kind : List.of(ImageShare.class, ImageAcceptance.class)) {
            isComplete &= collect(definition(kind), HasMetadata.getKind(kind) + "s", namespaces, items);
        }
        optional(definition(ProjectSet.class), "ProjectSets", namespaces, items);
        for (var kind : OrcKind.values()) {
            optional(kind.context(), kind.resource(), namespaces, items);
        }
        return new ClusterJson(
                Serialization.asJson(Map.of("apiVersion", "v1", "kind", "List", "items", items)), isComplete);
    }

    /**
     * The objects of a cluster.
     *
     * @param json a List
     * @param isComplete false: only the given namespaces could be read
     */
    record ClusterJson(String json, boolean isComplete) {}

    private static ResourceDefinitionContext definition(Class<? extends CustomResource<?, ?>> kind) {
        return ResourceDefinitionContext.fromResourceType(kind);
    }

    private boolean collect(
            ResourceDefinitionContext kind,
            String name,
            Collection<String> namespaces,
            List<GenericKubernetesResource> items) {
        var resources = client.genericKubernetesResources(kind);
        try {
            items.addAll(resources.inAnyNamespace().list().getItems());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN || namespaces.isEmpty()) {
                throw failure(e, "list " + name);
            }
        }
        try {
            for (var namespace : namespaces) {
                items.addAll(resources.inNamespace(namespace).list().getItems());
            }
            return false;
        } catch (KubernetesClientException e) {
            throw failure(e, "list " + name);
        }
    }

    /** References to objects that can't be read stay unresolved, and the plan says so. */
    private void optional(
            ResourceDefinitionContext kind,
            String name,
            Collection<String> namespaces,
            List<GenericKubernetesResource> items) {
        try {
            collect(kind, name, namespaces, items);
        } catch (CommandFailure e) {
            if (!(e.status() == HttpURLConnection.HTTP_NOT_FOUND || e.status() == HttpURLConnection.HTTP_FORBIDDEN)) {
                throw e;
            }
        }
    }

    /**
     * Sets an annotation.
     *
     * @param optional whether the cluster may not have the kind
     * @return false if there is no such object
     */
    boolean annotate(
            Class<? extends CustomResource<?, ?>> kind,
            boolean optional,
            String namespace,
            String name,
            String key,
            String value) {
        try {
            client.genericKubernetesResources(definition(kind))
                    .inNamespace(namespace)
                    .withName(name)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            Serialization.asJson(Map.of("metadata", Map.of("annotations", Map.of(key, value)))));
            return true;
        } catch (KubernetesClientException e) {
            if (isMissingObject(e) || (optional && e.getCode() == HttpURLConnection.HTTP_NOT_FOUND)) {
                return false;
            }
            throw failure(e, "patch " + HasMetadata.getKind(kind) + "s in namespace " + namespace);
        }
    }

    /**
     * An ImageNotifier and its Secret's content.
     *
     * @param secrets the Secret's keys and their texts
     */
    record NotifierWithSecret(ImageNotifier object, Map<String, String> secrets) {

        /** Never the Secret's content. */
        @Override
        public String toString() {
            return "NotifierWithSecret[]";
        }
    }

    /** The ImageNotifier of this name, and its Secret. */
    NotifierWithSecret notifier(String namespace, String name) {
        var notifier = get(
                namespace,
                "ImageNotifier " + name,
                () -> client.resources(ImageNotifier.class)
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
        var ref = notifier.getSpec() == null ? null : notifier.getSpec().secretRef();
        if (ref == null || ref.name() == null) {
            throw new CommandFailure("ImageNotifier " + namespace + "/" + name + " names no Secret in spec.secretRef");
        }
        var secret = get(
                namespace,
                "Secret " + ref.name(),
                () -> client.secrets()
                        .inNamespace(namespace)
                        .withName(ref.name())
                        .get());
        if (!NOTIFICATION.equals(secret.getType())) {
            throw new CommandFailure("Secret " + namespace + "/" + ref.name() + " is of type " + secret.getType()
                    + ", and the operator reads those of type " + NOTIFICATION + " only: create it anew with --type="
                    + NOTIFICATION);
        }
        var texts = new HashMap<String, String>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            texts.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return new NotifierWithSecret(notifier, texts);
    }

    private <T> T get(String namespace, String what, Supplier<@Nullable T> call) {
        T found;
        try {
            found = call.get();
        } catch (KubernetesClientException e) {
            throw failure(e, "get " + what + " in namespace " + namespace);
        }
        if (found == null) {
            throw new CommandFailure("there is no " + what + " in namespace " + namespace);
        }
        return found;
    }

    /** A 404 about an object, not about its kind, which the API server then doesn't know. */
    private static boolean isMissingObject(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getName() != null;
    }

    private CommandFailure failure(KubernetesClientException e, String what) {
        var cluster = "the cluster " + client.getConfiguration().getMasterUrl();
        if (e.getCode() <= 0) {
            return new CommandFailure("can't reach " + cluster + ": check KUBECONFIG, --context and the network");
        }
        return new CommandFailure(
                e.getCode(),
                switch (e.getCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND ->
                        cluster + " has no image-share CRDs: install them, or use another --context";
                    case HttpURLConnection.HTTP_UNAUTHORIZED ->
                        cluster + " rejects the kubeconfig's credentials: log in again, or use another --context";
                    case HttpURLConnection.HTTP_FORBIDDEN ->
                        cluster + " doesn't let you " + what + ": set your --namespace, or ask for permission";
                    default ->
                        cluster + " answered " + e.getCode()
                                + Optional.ofNullable(e.getStatus())
                                        .map(status -> ": " + status.getMessage())
                                        .orElse("");
                });
    }

    @Override
    public void close() {
        client.close();
    }
}
