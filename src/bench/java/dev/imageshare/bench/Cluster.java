package dev.imageshare.bench;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.embedded.EmbeddedKubernetes;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** A Kubernetes API, embedded or the one of KUBECONFIG, and the ImageShares that the benchmark makes in it. */
final class Cluster implements AutoCloseable {

    private final Optional<EmbeddedKubernetes> embedded;
    private final KubernetesClient client;
    private final Optional<Path> kubeconfig;
    private final SharedIndexInformer<ImageShare> informer;
    private final Map<String, ImageShare> seen = new ConcurrentHashMap<>();
    private final Object change = new Object();
    private final String prefix = "bench-" + UUID.randomUUID().toString().substring(0, 8);
    private int namespaces;

    private Cluster(Optional<EmbeddedKubernetes> embedded, KubernetesClient client, Optional<Path> kubeconfig) {
        this.embedded = embedded;
        this.client = client;
        this.kubeconfig = kubeconfig;
        informer = client.resources(ImageShare.class).inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ImageShare share) {
                put(share);
            }

            @Override
            public void onUpdate(ImageShare before, ImageShare share) {
                put(share);
            }

            @Override
            public void onDelete(ImageShare share, boolean unknown) {
                seen.remove(key(share));
                tell();
            }
        });
    }

    static Cluster embedded() {
        var kubernetes = EmbeddedKubernetes.start(0);
        return new Cluster(Optional.of(kubernetes), kubernetes.client(), Optional.empty());
    }

    /** The one of KUBECONFIG; the CRDs are installed there. */
    static Cluster real() {
        var file = Path.of(Optional.ofNullable(System.getenv("KUBECONFIG"))
                .orElseThrow(() -> new IllegalStateException("--real needs KUBECONFIG: a cluster for tests")));
        return new Cluster(
                Optional.empty(),
                new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(file.toFile()))
                        .withHttpClientFactory(new OkHttpClientFactory())
                        .build(),
                Optional.of(file));
    }

    private void put(ImageShare share) {
        if (share.getMetadata().getNamespace().startsWith(prefix)) { // others may have left theirs
            seen.put(key(share), share);
            tell();
        }
    }

    private void tell() {
        synchronized (change) {
            change.notifyAll();
        }
    }

    private static String key(ImageShare share) {
        return share.getMetadata().getNamespace() + "/" + share.getMetadata().getName();
    }

    /** How an operator's process finds it: the embedded one as in a cluster, without a kubeconfig, which takes memory. */
    void environment(Map<String, String> environment) {
        if (embedded.isPresent()) {
            environment.put("KUBERNETES_MASTER", api().url());
            environment.put("KUBERNETES_AUTH_TRYKUBECONFIG", "false");
        } else {
            environment.put("KUBECONFIG", kubeconfig.orElseThrow().toString());
        }
    }

    /** The embedded API, which keeps a record of all requests. */
    EmbeddedKubernetes api() {
        return embedded.orElseThrow();
    }

    /** Makes a namespace with the Secret {@code clouds}. @return its name */
    String namespace(String cloudsYaml) {
        var name = prefix + "-" + ++namespaces;
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("clouds")
                        .withNamespace(name)
                        .endMetadata()
                        .withStringData(Map.of("clouds.yaml", cloudsYaml))
                        .build())
                .create();
        return name;
    }

    /** As {@code kubectl apply} creates it, with its annotation. @return the time of the answer, in nanoseconds */
    long apply(String namespace, String name, String imageId, Collection<String> members, String resync) {
        var manifest = manifest(namespace, name, imageId, members, resync);
        var share = client.getKubernetesSerialization().unmarshal(manifest, ImageShare.class);
        share.getMetadata().setAnnotations(Map.of("kubectl.kubernetes.io/last-applied-configuration", manifest));
        client.resource(share).create();
        return System.nanoTime();
    }

    void replace(String namespace, String name, String imageId, Collection<String> members, String resync) {
        var spec = client.getKubernetesSerialization()
                .unmarshal(manifest(namespace, name, imageId, members, resync), ImageShare.class)
                .getSpec();
        put(client.resources(ImageShare.class)
                .inNamespace(namespace)
                .withName(name)
                .edit(share -> {
                    share.setSpec(spec);
                    return share;
                })); // else what was Ready before would pass for Ready now
    }

    private static String manifest(
            String namespace, String name, String imageId, Collection<String> members, String resync) {
        var list = members.stream().map(id -> "{\"projectID\":\"" + id + "\"}").collect(Collectors.joining(","));
        return """
                {"apiVersion":"imageshare.dev/v1alpha1","kind":"ImageShare","metadata":{"name":"%s","namespace":"%s"},\
                "spec":{"cloudCredentialsRef":{"secretName":"clouds","cloudName":"producer"},"image":{"id":"%s"},\
                "managedOptions":{"maxRemovals":"100%%","onDelete":"detach"},"members":[%s],"resyncPeriod":"%s"}}
                """.formatted(name, namespace, imageId, list, resync).strip();
    }

    /** A Secret with this clouds.yaml. */
    void secret(String namespace, String name, String cloudsYaml) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(Map.of("clouds.yaml", cloudsYaml))
                        .build())
                .create();
    }

    /** The ProjectSet {@code consumers}: all projects of a domain, read with the Secret {@code directory}. */
    void set(String namespace, String domain, String resync) {
        var manifest = """
                {"apiVersion":"imageshare.dev/v1alpha1","kind":"ProjectSet","metadata":{"name":"consumers","namespace":"%s"},\
                "spec":{"cloudCredentialsRef":{"secretName":"directory","cloudName":"directory"},\
                "selectors":[{"name":"all","domain":{"id":"%s"}}],"resyncPeriod":"%s"}}
                """.formatted(namespace, domain, resync);
        client.resource(client.getKubernetesSerialization().unmarshal(manifest, ProjectSet.class))
                .create();
    }

    /** Has the operator look at the set now. */
    void lookAtSet(String namespace) {
        client.resources(ProjectSet.class)
                .inNamespace(namespace)
                .withName("consumers")
                .edit(set -> {
                    set.getMetadata()
                            .setAnnotations(Map.of(Annotations.LOOK_NOW, Long.toString(System.nanoTime())));
                    return set;
                });
    }

    /** An ImageShare that names the ProjectSet {@code consumers}. */
    void follow(String namespace, String name, String imageId, String resync) {
        var manifest = """
                {"apiVersion":"imageshare.dev/v1alpha1","kind":"ImageShare","metadata":{"name":"%s","namespace":"%s"},\
                "spec":{"cloudCredentialsRef":{"secretName":"clouds","cloudName":"producer"},"image":{"id":"%s"},\
                "managedOptions":{"onDelete":"detach"},"projectSetRefs":[{"name":"consumers"}],"resyncPeriod":"%s"}}
                """.formatted(name, namespace, imageId, resync);
        client.resource(client.getKubernetesSerialization().unmarshal(manifest, ImageShare.class))
                .create();
    }

    /** Waits until all ImageShares are in order with their newest spec. */
    void awaitReady(int count, OperatorJvm operator) throws InterruptedException {
        var end = System.nanoTime() + 1_800_000_000_000L;
        synchronized (change) {
            while (seen.size() < count || seen.values().stream().anyMatch(share -> !isReady(share))) {
                change.wait(1_000);
                if (!operator.isAlive()) {
                    throw new IllegalStateException("the operator ended: " + operator.lastLines());
                }
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("not Ready: "
                            + seen.values().stream()
                                    .filter(share -> !isReady(share))
                                    .findFirst()
                                    .map(Object::toString)
                                    .orElse("(some not seen)"));
                }
            }
        }
    }

    private static boolean isReady(ImageShare share) {
        var generation = share.getMetadata().getGeneration();
        var status = share.getStatus();
        return status != null
                && generation.equals(status.observedGeneration())
                && status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(c -> c.type().equals("Ready") && c.status() == Condition.Status.True);
    }

    /** Deletes all ImageShares, and waits until they are gone; their members stay. */
    void clear() throws InterruptedException {
        for (var share : seen.values()) {
            client.resource(share).delete();
        }
        synchronized (change) {
            while (!seen.isEmpty()) {
                change.wait(1_000);
            }
        }
    }

    @Override
    public void close() {
        informer.close();
        client.close();
        embedded.ifPresent(EmbeddedKubernetes::close);
    }
}
