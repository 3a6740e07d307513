package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.operator.ApiHttpClientFactory;
import dev.imageshare.operator.ApiSerialization;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From shares made by hand to ImageShares that name a ProjectSet, with the operator running. */
class ExportedSetTest {

    @TempDir
    private Path folder;

    /** Whichever is applied first: until the set is there, nobody leaves by a reference to it. */
    @Test
    void whatWasExportedTakesNobodyAway() throws IOException {
        try (var cluster = new CommandCluster(folder)) {
            cluster.api.installCrds(Path.of("crds/project-sets"));
            var cloud = cluster.cloud;
            for (var i = 0; i < 3; i++) {
                var image = cloud.createImage("producer", "image-" + i, "shared", List.of());
                for (var member : List.of("a", "b", "c", "" + i)) {
                    cloud.addMember("producer", image, member.repeat(32));
                }
            }
            var out = folder.resolve("out");
            var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
            var export = CommandRun.of(
                    "export",
                    "--clouds",
                    clouds,
                    "--cloud",
                    "producer",
                    "--namespace",
                    "team",
                    "--project-set",
                    "consumers",
                    "--output-dir",
                    out);
            assertThat(export.exitCode()).as(export.err()).isZero();
            var client = cluster.client;
            client.resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName("producer-clouds")
                            .withNamespace("team")
                            .endMetadata()
                            .withStringData(Map.of("clouds.yaml", cloud.cloudsYaml()))
                            .build())
                    .create();
            var before = cloud.requests().size();
            try (var own = cluster.api.client(new ApiHttpClientFactory(), ApiSerialization.create());
                    var operator = new ImageShareOperator(own, Settings.defaults())) {
                operator.start(EnumSet.of(OptionalKind.ProjectSet));
                for (var i = 0; i < 3; i++) {
                    client.resource(manifest(out.resolve("image-" + i + ".yaml"), ImageShare.class))
                            .create();
                }
                await().untilAsserted(
                                () -> assertThat(reasons(cluster)).containsOnly(Reason.WaitingForReference.name()));
                client.resource(manifest(out.resolve("project-set-consumers.yaml"), ProjectSet.class))
                        .create();
                await().untilAsserted(() -> assertThat(reasons(cluster)).containsOnly(Reason.Synced.name()));
            }
            var requests = cloud.requests();
            assertThat(requests.subList(before, requests.size()))
                    .isNotEmpty()
                    .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
            assertThat(client.resources(ImageShare.class)
                            .inNamespace("team")
                            .list()
                            .getItems())
                    .allSatisfy(share -> assertThat(share.getStatus().members())
                            .filteredOn(
                                    member -> List.of("ProjectSet/consumers").equals(member.sources()))
                            .hasSize(3));
        }
    }

    private static <T> T manifest(Path file, Class<T> kind) throws IOException {
        return Serialization.unmarshal(Files.readString(file), kind);
    }

    private static List<String> reasons(CommandCluster cluster) {
        var reasons = new ArrayList<String>();
        for (var share : cluster.client
                .resources(ImageShare.class)
                .inNamespace("team")
                .list()
                .getItems()) {
            assertThat(share.getStatus()).as("status").isNotNull();
            reasons.add(Conditions.find(share.getStatus().conditions(), Conditions.READY)
                    .orElseThrow()
                    .reason());
        }
        assertThat(reasons).hasSize(3);
        return reasons;
    }
}
