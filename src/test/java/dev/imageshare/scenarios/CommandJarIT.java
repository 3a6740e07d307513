package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedOpenStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the packaged jar. */
class CommandJarIT {

    @TempDir
    private Path folder;

    private Path share(String image) throws IOException {
        return Files.writeString(folder.resolve("share.yaml"), """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: x}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  image: {id: %s}
                  members: [{projectID: "%s"}]
                """.formatted(image, "a".repeat(32)));
    }

    @Test
    void aPlanLoadsNothingOfTheOperatorsAndWritesItsResultOnly() throws IOException {
        try (var cloud = EmbeddedOpenStack.start()) {
            var image = cloud.createImage("producer", "x", "shared", List.of());
            var clouds = Files.writeString(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
            var loaded = folder.resolve("loaded");

            var run = CommandProcess.run(
                    List.of("-Xlog:class+load:file=" + loaded),
                    Map.of("OS_CLIENT_CONFIG_FILE", clouds.toString()),
                    "plan",
                    "-f",
                    share(image));

            assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
            assertThat(run.err()).isEmpty();
            assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; no of 1 object has errors.");
            assertThat(Files.readString(loaded))
                    .contains("dev.imageshare.cli.PlanCommand")
                    .doesNotContain("ch.qos.logback", "dev.imageshare.operator.OperatorMain", "KubernetesClientImpl");

            var verbose = CommandProcess.run("plan", "-v", "--clouds", clouds, "-f", share(image));
            assertThat(verbose.err())
                    .contains("OpenStack call", "/v3/auth/tokens")
                    .doesNotContain("lab-user-secret");
            assertThat(verbose.out()).isEqualTo(run.out());
        }
    }

    @Test
    void withoutACommandTheHelpTellsOfAll() {
        var run = CommandProcess.run("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("--leader-election", "plan", "export", "report", "completion");
    }
}
