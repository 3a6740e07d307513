package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts by promtool, and every panel's query on a real Prometheus: {@code src/test/prometheus/install.sh}. */
class MonitoringRealIT {

    @TempDir
    private Path folder;

    private Path rules() throws IOException {
        var file = folder.resolve("rules.yaml");
        new YAMLMapper().writeValue(file.toFile(), Monitoring.rules());
        return file;
    }

    @Test
    void promtoolFindsTheAlertsInOrderAndTheyFireOnWhatTheyAreFor() throws Exception {
        var full = rules();
        assertThat(PrometheusProcess.promtool(folder, "check", "rules", full.toString()))
                .contains("SUCCESS: " + Monitoring.alerts().size() + " rules found");

        // The unit tests are about when an alert fires; its texts would have to be repeated there word for word.
        var bare = new ArrayList<ObjectNode>();
        for (var group : Monitoring.rules().get("groups")) {
            group.get("rules").forEach(rule -> ((ObjectNode) rule).remove("annotations"));
            bare.add((ObjectNode) group);
        }
        new YAMLMapper().writeValue(full.toFile(), Map.of("groups", bare));
        var tests = Files.copy(
                Path.of("src/test/resources/monitoring/alerts-test.yaml"), folder.resolve("alerts-test.yaml"));
        for (var alert : Monitoring.alerts()) {
            assertThat(Files.readString(tests))
                    .contains("alertname: " + alert.get("alert").asText());
        }
        assertThat(PrometheusProcess.promtool(folder, "test", "rules", tests.toString()))
                .contains("SUCCESS");
    }

    @Test
    void everyPanelShowsSomethingOfARealOperator() throws IOException {
        try (var cluster = new RealCluster();
                var openstack = RealOpenStackLab.standard()) {
            var config = cluster.serviceAccountKubeconfig();
            assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
            var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
            try (var operator = new OperatorProcess(kubeconfig, Map.of(), "--http-port=0");
                    var prometheus = new PrometheusProcess(folder, operator.awaitStarted(), rules())) {
                eventually(() -> assertThat(number(prometheus, "up")).isEqualTo(1));
                somethingHappens(new Namespace(cluster.admin(), openstack.cloudsYaml()), cluster, openstack);

                for (var panel : Monitoring.queries().entrySet()) {
                    if (isOfOptionalKind(panel.getValue())) {
                        continue;
                    }
                    eventually(() -> {
                        // Of a cloud that wasn't asked lately the time is not a number.
                        assertThat(prometheus.query(panel.getValue()))
                                .as("%s: %s", panel.getKey(), panel.getValue())
                                .anyMatch(series ->
                                        !series.at("/value/1").asText().equals("NaN"));
                    });
                }
                eventually(() -> {
                    assertThat(panel(prometheus, "Removals held A")).isEqualTo(4);
                    // What is held, and on a slow machine also the image that was not found for some minutes.
                    assertThat(panel(prometheus, "Stalled A")).isIn(1.0, 2.0);
                    assertThat(panel(prometheus, "Members of the fullest image A"))
                            .isEqualTo(6);
                    assertThat(panel(prometheus, "ImageShares in sync A")).isZero();
                    for (var rule : prometheus.get("rules").get("groups").get(0).get("rules")) {
                        var name = rule.get("name").asText();
                        assertThat(rule.get("health").asText())
                                .as(rule.toString())
                                .isEqualTo("ok");
                        assertThat(rule.get("state").asText())
                                .as(rule.toString())
                                .isEqualTo(name.equals("ImageShareRemovalHeld") ? "pending" : "inactive");
                    }
                });
            }
        }
    }

    /** This installation has none of these kinds. */
    private static boolean isOfOptionalKind(String query) {
        return query.contains("imageshare_projectset")
                || query.contains("imageshare_imageshareset")
                || query.contains("imageshare_accessrequests_")
                || query.contains("imageshare_messages_");
    }

    private static double panel(PrometheusProcess prometheus, String name) throws IOException {
        return number(prometheus, Monitoring.queries().get(name));
    }

    private static void somethingHappens(Namespace team, RealCluster cluster, RealOpenStackLab openstack) {
        var image = openstack.createImage("producer", "watched-" + UUID.randomUUID(), "shared", List.of());
        var declared = new ArrayList<>(projects(5));
        declared.add(openstack.projectId("consumer-a"));
        team.create(team.share("watched", image, declared));
        team.awaitReady("watched");
        var consumer = new Consumer(cluster.admin(), openstack, "consumer-a");
        consumer.create(consumer.named("answer", image, MemberAnswer.accepted));
        consumer.awaitReason("answer", Reason.Synced);
        openstack.removeMember("producer", image, declared.get(0));
        eventually(() -> assertThat(openstack.members("producer", image)).hasSize(6));
        var other = openstack.createImage("producer", "goes-" + UUID.randomUUID(), "shared", List.of());
        team.create(team.share("goes", other, projects(1)));
        team.awaitReady("goes");
        team.at("goes").delete();
        team.awaitGone("goes");
        team.create(team.share("unknown", UUID.randomUUID().toString(), projects(1)));
        team.awaitReason("unknown", Reason.ImageNotFound);
        team.declare("watched", declared.subList(4, 6));
        team.awaitReason("watched", Reason.RemovalHeld);
    }

    private static double number(PrometheusProcess prometheus, String query) {
        return prometheus.query(query).path(0).path("value").path(1).asDouble();
    }
}
