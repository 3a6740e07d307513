package dev.imageshare.scenarios;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** openstack-resource-controller, as far as others see it: its CRDs, and what it writes into its objects' status. */
final class Orc {

    private static final Path CRDS = Path.of("src/test/resources/orc/crds.yaml");

    private final KubernetesClient client;

    Orc(KubernetesClient client) {
        this.client = client;
    }

    void install() {
        crds().forEach(crd -> client.resource(crd).create());
        for (var kind : List.of("Image", "Project")) {
            await().atMost(Namespace.PATIENCE)
                    .ignoreExceptions()
                    .until(() -> client.genericKubernetesResources(context(kind))
                            .inNamespace("default")
                            .list()
                            .getItems()
                            .isEmpty());
        }
    }

    /** Takes the CRDs away, and with them every object of theirs. */
    void uninstall() {
        crds().forEach(crd -> client.resource(crd).delete());
        crds().forEach(crd -> await().atMost(Namespace.PATIENCE)
                .until(() -> client.resource(crd).get() == null));
    }

    private List<HasMetadata> crds() {
        try (InputStream file = Files.newInputStream(CRDS)) {
            return client.load(file).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An object as a team writes it; ORC has not seen it yet. */
    void create(String kind, String namespace, String name, String... finalizers) {
        client.resource(new GenericKubernetesResourceBuilder()
                        .withApiVersion("openstack.k-orc.cloud/v1alpha1")
                        .withKind(kind)
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withFinalizers(finalizers)
                        .endMetadata()
                        .addToAdditionalProperties(
                                "spec",
                                Map.of(
                                        "cloudCredentialsRef",
                                        Map.of("secretName", "clouds", "cloudName", "producer"),
                                        "resource",
                                        Map.of()))
                        .build())
                .create();
    }

    /** ORC has it in OpenStack under this ID; null: no longer. */
    void setId(String kind, String namespace, String name, String id) {
        at(kind, namespace, name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"id\":" + (id == null ? "null" : "\"" + id + "\"") + "}}");
    }

    void delete(String kind, String namespace, String name) {
        at(kind, namespace, name).delete();
    }

    void removeFinalizers(String kind, String namespace, String name) {
        at(kind, namespace, name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    }

    private Resource<GenericKubernetesResource> at(String kind, String namespace, String name) {
        return client.genericKubernetesResources(context(kind))
                .inNamespace(namespace)
                .withName(name);
    }

    private static ResourceDefinitionContext context(String kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("openstack.k-orc.cloud")
                .withVersion("v1alpha1")
                .withKind(kind)
                .withPlural(kind.toLowerCase(java.util.Locale.ROOT) + "s")
                .withNamespaced(true)
                .build();
    }
}
