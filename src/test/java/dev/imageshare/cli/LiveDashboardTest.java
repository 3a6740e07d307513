package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.embedded.EmbeddedKubernetes;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard's pages are as the cluster's objects are. */
class LiveDashboardTest {

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private String page(String url) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void create(KubernetesClient client, String namespace, String name) {
        client.resource(Serialization.unmarshal("""
                        apiVersion: imageshare.dev/v1alpha1
                        kind: ImageShare
                        metadata: {name: %s, namespace: %s}
                        spec:
                          cloudCredentialsRef: {secretName: s, cloudName: producer}
                          image: {filter: {name: ubuntu}}
                          members: []
                        """.formatted(name, namespace), ImageShare.class))
                .create();
    }

    @Test
    void itFollowsTheClustersObjectsOfTheNamespacesThatItIsFor() {
        try (var api = EmbeddedKubernetes.start(0);
                var client = api.client()) {
            for (var namespace : List.of("golden", "other")) {
                client.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .endMetadata()
                                .build())
                        .create();
            }
            api.installCrds(Path.of("crds/project-sets"));
            api.installCrds(Path.of("crds/image-share-sets"));
            create(client, "golden", "first");
            var kubeconfig = CommandRun.write(folder.resolve("kubeconfig"), api.kubeconfig());
            try (var all = LiveDashboard.open(kubeconfig, "Ours", 0);
                    var one = LiveDashboard.open(Cluster.open(kubeconfig, null), List.of("golden"), "Golden", 0)) {
                assertThat(page(all.url() + "shares.html")).contains("golden/first", "Ours", "data-live=\"true\"");

                create(client, "golden", "second");
                create(client, "other", "third");
                Awaitility.await()
                        .until(
                                () -> page(all.url() + "shares.html"),
                                text -> text.contains("golden/second") && text.contains("other/third"));
                Awaitility.await().until(() -> page(one.url() + "shares.html"), text -> text.contains("golden/second"));
                assertThat(page(one.url() + "shares.html")).doesNotContain("other/third");

                assertThat(page(all.url() + "shares.html")).doesNotContain("sets.html");
                for (var namespace : List.of("golden", "other")) {
                    client.resource(Serialization.unmarshal("""
                                    apiVersion: imageshare.dev/v1alpha1
                                    kind: ProjectSet
                                    metadata: {name: consumers, namespace: %s}
                                    spec: {projects: []}
                                    """.formatted(namespace), ProjectSet.class))
                            .create();
                }
                Awaitility.await().until(() -> page(all.url() + "sets.html"), text -> text.contains("other/consumers"));
                Awaitility.await()
                        .until(() -> page(one.url() + "sets.html"), text -> text.contains("golden/consumers"));
                assertThat(page(one.url() + "sets.html")).doesNotContain("other/consumers");

                client.resource(Serialization.unmarshal("""
                                apiVersion: imageshare.dev/v1alpha1
                                kind: ImageShareSet
                                metadata: {name: monthly, namespace: golden}
                                spec:
                                  clouds: [{name: north, cloudCredentialsRef: {secretName: s, cloudName: north}}]
                                  images: {filter: {tags: [golden]}}
                                  template: {spec: {members: []}}
                                """, ImageShareSet.class))
                        .create();
                Awaitility.await()
                        .until(() -> page(one.url() + "rotation.html"), text -> text.contains("golden/monthly"));

                client.resources(ImageShare.class)
                        .inNamespace("golden")
                        .withName("first")
                        .delete();
                Awaitility.await().until(() -> page(all.url() + "shares.html"), text -> !text.contains("golden/first"));
            }
        }
    }

    @Test
    void aClusterThatCannotBeReadEndsItWithOneLine() {
        try (var api = EmbeddedKubernetes.start(0)) {
            var closed = CommandRun.write(
                    folder.resolve("closed"),
                    api.kubeconfig().replaceAll("(server: \"?)[^\"\\n]*", "$1http://127.0.0.1:1"));

            assertThatThrownBy(() -> LiveDashboard.open(closed, "x", 0))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("can't reach the cluster");
        }
        var run = CommandRun.of("dashboard", "--port", "70000");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("--port must be between 0 and 65535");
    }
}
