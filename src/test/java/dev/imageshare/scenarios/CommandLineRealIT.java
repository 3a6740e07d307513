package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.MemberStatus;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A team's way from shares made by hand to shares in Git, on real services and with the packaged jar. */
class CommandLineRealIT {

    private static final int IMAGES = 30;

    private final RealCluster cluster = new RealCluster();
    private final RealOpenStackLab openstack = RealOpenStackLab.standard();
    private final String prefix = "adopt-" + UUID.randomUUID().toString().substring(0, 8);

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        openstack.close();
        cluster.close();
    }

    private Path clouds() throws IOException {
        return Files.writeString(folder.resolve("clouds.yaml"), openstack.cloudsYaml());
    }

    /** By hand: 30 images with 1 to 8 members; what other tests left in the project is not ours. */
    private Map<String, String> shareByHand() {
        var images = new LinkedHashMap<String, String>();
        for (int i = 0; i < IMAGES; i++) {
            var name = "%s-%02d".formatted(prefix, i);
            var image = openstack.createImage("producer", name, "shared", List.of());
            ImageShareScenarios.projects(1 + i % 8).forEach(p -> openstack.addMember("producer", image, p));
            images.put(name, image);
        }
        return images;
    }

    private List<Path> exported(Path out) throws IOException {
        try (var files = Files.list(out)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aProjectIsExportedPlannedAppliedAndEdited() throws IOException {
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
        var team = new Namespace(cluster.admin(), openstack.cloudsYaml());
        var images = shareByHand();
        var out = folder.resolve("out");
        var git = Files.createDirectories(folder.resolve("git"));

        var export = CommandProcess.run(
                "export",
                "--clouds",
                clouds(),
                "--cloud",
                "producer",
                "--namespace",
                team.name,
                "--secret",
                "clouds",
                "--output-dir",
                out);
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(exported(out)).hasSize(IMAGES);
        for (var file : exported(out)) {
            Files.copy(file, git.resolve(file.getFileName()));
        }

        var nothing = CommandProcess.run("plan", "--clouds", clouds(), "-f", git);
        assertThat(nothing.exitCode()).as(nothing.out() + nothing.err()).isZero();
        assertThat(nothing.lastLine())
                .isEqualTo("Plan: 0 to add, 0 to remove, 0 held; no of " + IMAGES + " objects have errors.");

        var written = writes(images);
        try (var operator = new OperatorProcess(kubeconfig, Map.of(), "--http-port=-1")) {
            operator.awaitStarted();
            for (var file : exported(git)) {
                team.create(Serialization.unmarshal(Files.newInputStream(file), ImageShare.class));
            }
            images.keySet().forEach(team::awaitReady);
            assertThat(writes(images)).as("only reads").isEqualTo(written);

            // One member out and two in, of an image with eight; nothing of the others.
            var name = "%s-07".formatted(prefix);
            var file = git.resolve(name + ".yaml");
            var members = new ArrayList<>(
                    openstack.members("producer", images.get(name)).keySet());
            var gone = members.get(0);
            var come = List.of("e".repeat(32), "f".repeat(32));
            Files.writeString(
                    file,
                    Files.readString(file).replace("    - projectID: \"" + gone + "\"\n", "")
                            + "    - projectID: \"%s\"\n    - projectID: \"%s\"\n".formatted(come.get(0), come.get(1)));
            var state = Files.writeString(
                    folder.resolve("state.yaml"),
                    Serialization.asYaml(cluster.admin()
                            .resources(ImageShare.class)
                            .inNamespace(team.name)
                            .list()));
            var edit = CommandProcess.run(
                    "plan", "--clouds", clouds(), "-f", git, "--cluster-state", state, "--output", "json");
            assertThat(edit.exitCode()).as(edit.out() + edit.err()).isEqualTo(2);
            assertThat(changes(edit.out()))
                    .containsExactlyInAnyOrder(
                            name + " add " + come.get(0), name + " add " + come.get(1), name + " remove " + gone);

            var declared = Serialization.unmarshal(Files.newInputStream(file), ImageShare.class);
            team.edit(name, spec -> declared.getSpec());
            team.awaitReady(name);
            members.remove(gone);
            members.addAll(come);
            assertThat(openstack.members("producer", images.get(name)).keySet())
                    .containsExactlyInAnyOrderElementsOf(members);
            assertThat(writes(images)).as("exactly the edit").isEqualTo(written + 3);
            assertThat(CommandProcess.run("plan", "--clouds", clouds(), "-f", git)
                            .exitCode())
                    .isZero();
        }
    }

    private long writes(Map<String, String> images) {
        return images.values().stream().mapToLong(openstack::memberWriteCount).sum();
    }

    private static List<String> changes(String json) throws IOException {
        var all = new ArrayList<String>();
        for (JsonNode object : new ObjectMapper().readTree(json).get("objects")) {
            for (JsonNode change : object.get("changes")) {
                all.add(object.get("name").asText() + " " + change.get("action").asText() + " "
                        + change.get("project").asText());
            }
        }
        return all;
    }

    @Test
    void aReportAgreesWithGlance() throws IOException {
        var a = openstack.projectId("consumer-a");
        var expected = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            var image = openstack.createImage("producer", prefix + "-" + i, "shared", List.of());
            openstack.addMember("producer", image, a);
            ImageShareScenarios.projects(5).forEach(p -> openstack.addMember("producer", image, p));
            openstack.answer("consumer-a", image, MemberStatus.values()[i % 3]);
            if (i % 5 == 0) {
                openstack.hide("producer", image);
            }
            openstack.members("producer", image).forEach((p, status) -> expected.add(image + " " + p + " " + status));
        }

        var run = CommandProcess.run(
                "report", "--clouds", clouds(), "--cloud", "producer", "--cloud", "admin", "--output", "json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        var told = new ArrayList<String>();
        for (JsonNode row : new ObjectMapper().readTree(run.out()).get("rows")) {
            if (row.get("imageName").asText().startsWith(prefix)) {
                told.add(row.get("imageId").asText() + " " + row.get("project").asText() + " "
                        + row.get("answer").asText());
                assertThat(row.get("access").asText()).isEqualTo("member");
                assertThat(row.path("projectName").asText())
                        .isEqualTo(row.get("project").asText().equals(a) ? "consumer-a" : "");
            }
        }
        assertThat(told).containsExactlyInAnyOrderElementsOf(expected);
    }
}
