package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.site.SampleSite;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 500 images of 200 members each: the packaged command reads them from a cluster and writes their pages in a small heap. */
class SiteSizeRealIT {

    private static final int IMAGES = 500;
    private static final int PROJECTS = 200;

    @TempDir
    private Path folder;

    @Test
    void theLargestSiteFitsASmallHeap() throws IOException {
        try (var api = EmbeddedKubernetes.start(0);
                var client = api.client()) {
            for (var namespace : List.of("golden-images", "platform")) {
                client.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .endMetadata()
                                .build())
                        .create();
            }
            for (var share : new SampleSite(IMAGES, PROJECTS).shares()) {
                // as an API server takes it: without a UID and a generation
                share.getMetadata().setUid(null);
                share.getMetadata().setGeneration(null);
                var status = share.getStatus();
                var made = client.resource(share).create();
                made.setStatus(status);
                client.resource(made).updateStatus();
            }
            var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), api.kubeconfig());

            var began = System.nanoTime();
            var run = CommandProcess.run(
                    List.of("-Xmx72m", "-XX:+UseSerialGC"),
                    Map.of(),
                    "site",
                    "--audience",
                    "internal",
                    "--cloud",
                    "",
                    "--from-cluster",
                    "--kubeconfig",
                    kubeconfig,
                    "--output-dir",
                    folder.resolve("site"));
            System.out.println("site of " + IMAGES + " x " + PROJECTS + " from a cluster: "
                    + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");

            assertThat(run.exitCode()).as(run.err()).isZero();
            var total = new ObjectMapper()
                    .readTree(folder.resolve("site/index.json").toFile());
            assertThat(total.get("images").asInt()).isEqualTo(IMAGES);
            assertThat(total.get("projects").asInt()).isEqualTo(PROJECTS);
            assertThat(total.get("members").asInt()).isEqualTo(IMAGES * PROJECTS);
            assertThat(folder.resolve("site/images").toFile().list()).hasSize(2 * IMAGES);
        }
    }
}
