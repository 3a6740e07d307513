package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A cluster for commands, a kubeconfig for it, and a cloud with an image of its project {@code images}. */
final class CommandCluster implements AutoCloseable {

    final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    final KubernetesClient client = api.client();
    final String image = cloud.createImage("producer", "ubuntu", "shared", List.of());
    final Path kubeconfig;

    /** @param folder where the kubeconfig is written */
    CommandCluster(Path folder) {
        kubeconfig = CommandRun.write(folder.resolve("kubeconfig"), api.kubeconfig());
    }

    /** The manifest of an ImageShare of the image. */
    String share(String namespace, String name, String... members) {
        return """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: %s, namespace: %s}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  image: {id: %s}
                  members: [%s]
                """.formatted(
                name,
                namespace,
                image,
                Arrays.stream(members).map(m -> "{projectID: " + m + "}").collect(Collectors.joining(", ")));
    }

    <T extends HasMetadata> void create(String manifest, Class<T> kind) {
        client.resource(Serialization.unmarshal(manifest, kind)).create();
    }

    /** Sets the status of an ImageShare, given as JSON. */
    void status(String namespace, String name, String status) {
        client.resources(ImageShare.class)
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + status + "}");
    }

    @Override
    public void close() {
        client.close();
        api.close();
        cloud.close();
    }
}
