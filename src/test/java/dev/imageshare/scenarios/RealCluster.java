package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.operator.ApiHttpClientFactory;
import dev.imageshare.operator.OptionalKind;
import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A real kube-apiserver, with the CRDs and what {@code deploy/base} grants: the one of {@code KUBECONFIG} if that is set,
 * else one that kube-api-test starts from {@code KUBE_API_TEST_DIR} or its own download.
 */
final class RealCluster implements AutoCloseable {

    static final String NAMESPACE = "imageshare-system";
    static final String SERVICE_ACCOUNT = "imageshare-operator";

    private final KubeAPIServer server;
    private final Config admin;
    private final KubernetesClient client;

    RealCluster() {
        this(true);
    }

    /** One in which nothing of this project is installed; it needs a controller-manager to end what was. */
    static RealCluster blank() {
        var cluster = new RealCluster(false);
        cluster.wipe();
        return cluster;
    }

    /** One with what is installed now and nothing of earlier versions. */
    static RealCluster fresh() {
        var cluster = blank();
        cluster.install();
        return cluster;
    }

    private RealCluster(boolean installed) {
        var given = System.getenv("KUBECONFIG");
        if (given != null && !given.isBlank()) {
            server = null;
            admin = Config.fromKubeconfig(Path.of(given).toFile());
        } else {
            server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                    .withApiServerFlags(List.of("--bind-address", "127.0.0.1", "--endpoint-reconciler-type", "none"))
                    .withOfflineMode(System.getenv("KUBE_API_TEST_DIR") != null)
                    .build());
            server.start();
            admin = Config.fromKubeconfig(server.getKubeConfigYaml());
        }
        client = client(admin, new KubernetesSerialization());
        removeLeftovers();
        if (installed) {
            install();
        }
    }

    private void install() {
        for (var file : List.of("crds", "deploy/base", "deploy/components/replicas")) {
            install(Path.of(file));
        }
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> client.resources(ImageShare.class)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty());
    }

    /** The CRD of an optional kind, and the operator's rights for it. */
    void install(OptionalKind kind) {
        install(OptionalFolders.crd(kind));
        install(OptionalFolders.component(kind));
        await().atMost(Duration.ofSeconds(30)).until(() -> isServed(kind));
    }

    /** With the CRD go all objects of the kind. */
    void uninstall(OptionalKind kind) {
        for (var folder : List.of(OptionalFolders.component(kind), OptionalFolders.crd(kind))) {
            objects(folder).forEach(object -> client.resource(object).delete());
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> !isServed(kind));
    }

    private boolean isServed(OptionalKind kind) {
        var served = client.getApiResources("imageshare.dev/v1alpha1");
        return served != null
                && served.getResources().stream()
                        .anyMatch(resource -> resource.getKind().equals(kind.name()));
    }

    KubernetesClient admin() {
        return client;
    }

    /** Whether namespaces end here, which takes a controller-manager. */
    boolean hasNamespaceController() {
        return server == null;
    }

    /** Whether it knows the CRDs' CEL rules: a server before 1.25 drops them. */
    boolean knowsRules() {
        var crd = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("imageshares.imageshare.dev")
                .get();
        var schema = crd.getSpec().getVersions().get(0).getSchema().getOpenAPIV3Schema();
        return !schema.getProperties().get("spec").getXKubernetesValidations().isEmpty();
    }

    /** The operator's own service account, with no right but those of {@code deploy/base}. */
    Config serviceAccount() {
        var token = token(NAMESPACE, SERVICE_ACCOUNT);
        if (token.isPresent()) {
            return Config.fromKubeconfig(kubeconfig(token.get()));
        }
        // An API server that signs no tokens, such as kube-api-test's: the same rights by impersonation.
        return new ConfigBuilder(admin)
                .withImpersonateUsername("system:serviceaccount:" + NAMESPACE + ":" + SERVICE_ACCOUNT)
                .withImpersonateGroups(
                        "system:serviceaccounts", "system:serviceaccounts:" + NAMESPACE, "system:authenticated")
                .build();
    }

    /** A kubeconfig of that service account, where the API server signs tokens. */
    Optional<String> serviceAccountKubeconfig() {
        return kubeconfigOf(NAMESPACE, SERVICE_ACCOUNT);
    }

    /** A kubeconfig of any service account, where the API server signs tokens. */
    Optional<String> kubeconfigOf(String namespace, String serviceAccount) {
        return token(namespace, serviceAccount).map(this::kubeconfig);
    }

    /** Where the API server is. */
    URI url() {
        return URI.create(admin.getMasterUrl());
    }

    private Optional<String> token(String namespace, String serviceAccount) {
        try {
            return Optional.of(client.serviceAccounts()
                    .inNamespace(namespace)
                    .withName(serviceAccount)
                    .tokenRequest(new TokenRequestBuilder()
                            .withNewSpec()
                            .withExpirationSeconds(3600L)
                            .endSpec()
                            .build())
                    .getStatus()
                    .getToken());
        } catch (KubernetesClientException e) {
            return Optional.empty();
        }
    }

    private String kubeconfig(String token) {
        var authority = admin.getCaCertData() != null
                ? "certificate-authority-data: " + admin.getCaCertData()
                : "certificate-authority: " + admin.getCaCertFile();
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: real, cluster: {server: "%s", %s}}]
                users: [{name: operator, user: {token: "%s"}}]
                contexts: [{name: real, context: {cluster: real, user: operator, namespace: "%s"}}]
                current-context: real
                """.formatted(admin.getMasterUrl(), authority, token, NAMESPACE);
    }

    static KubernetesClient client(Config config, KubernetesSerialization json) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new ApiHttpClientFactory())
                .withKubernetesSerialization(json)
                .build();
    }

    /** What an earlier run that was cut short left: nobody works for it any longer. Some of it only a generic type can read. */
    void removeLeftovers() {
        removeAll("imageshares");
        removeAll("imageacceptances");
    }

    private void wipe() {
        if (!hasNamespaceController()) {
            close();
            abort("needs a KUBECONFIG with a controller-manager");
        }
        var all = new ArrayList<HasMetadata>();
        for (var name : List.of(SERVICE_ACCOUNT, SERVICE_ACCOUNT + "-orc")) {
            all.add(new ClusterRoleBindingBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .build());
            all.add(new ClusterRoleBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .build());
        }
        for (var kind : List.of("imageshares", "imageacceptances")) {
            all.add(new CustomResourceDefinitionBuilder()
                    .withNewMetadata()
                    .withName(kind + ".imageshare.dev")
                    .endMetadata()
                    .build());
        }
        all.add(new NamespaceBuilder()
                .withNewMetadata()
                .withName(NAMESPACE)
                .endMetadata()
                .build());
        all.forEach(object -> client.resource(object).delete());
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(all)
                        .filteredOn(object -> client.resource(object).get() != null)
                        .isEmpty());
    }

    private void removeAll(String plural) {
        var objects = client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup("imageshare.dev")
                .withVersion("v1alpha1")
                .withPlural(plural)
                .withNamespaced(true)
                .build());
        try {
            for (var object : objects.inAnyNamespace().list().getItems()) {
                var metadata = object.getMetadata();
                var one = objects.inNamespace(metadata.getNamespace()).withName(metadata.getName());
                one.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
                one.delete();
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }

    void install(Path folder) {
        objects(folder).stream()
                .filter(object -> !(object instanceof Deployment || object instanceof PodDisruptionBudget))
                .forEach(this::apply);
    }

    /** What a folder's files declare, but for its kustomization; the namespace first. */
    private List<HasMetadata> objects(Path folder) {
        try (var files = Files.list(folder)) {
            var objects = new ArrayList<HasMetadata>();
            for (var file : files.filter(Files::isRegularFile)
                    .filter(f -> !f.getFileName().toString().startsWith("kustomization"))
                    .sorted(Comparator.comparing(
                            (Path f) -> !f.getFileName().toString().startsWith("namespace")))
                    .toList()) {
                try (var text = Files.newInputStream(file)) {
                    objects.addAll(client.load(text).items());
                }
            }
            return objects;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void apply(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw new IllegalStateException(Serialization.asYaml(object), e);
            }
            client.resource(object).patch();
        }
    }

    @Override
    public void close() {
        client.close();
        if (server != null) {
            server.stop();
        }
    }
}
