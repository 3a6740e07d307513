package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code src/release/assemble.sh} makes of the images that {@code mvn verify -Preal,image,ci-image} built: that it is
 * whole, fits together, and is the same when made again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReleaseRealIT {

    private static final String REGISTRY = "registry.example.com/team";
    private static final ObjectMapper JSON = new ObjectMapper();

    private Path temporary;

    private Path release;
    private String version;

    @BeforeAll
    void assemble(@TempDir Path folder) throws IOException {
        temporary = folder;
        assumeTrue(
                Stream.of("image.tar", "ci-image.tar", "ci-base.tar.packages")
                        .allMatch(file -> Files.exists(Path.of("target", file))),
                "the images weren't built: mvn verify -Preal,image,ci-image");
        release = temporary.resolve("release");
        Script.run("src/release/assemble.sh", REGISTRY, release.toString());
        version = new YAMLMapper()
                .readTree(ChartFiles.CHART.resolve("Chart.yaml").toFile())
                .get("version")
                .asText();
    }

    private List<String> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void everyPartIsThereAndHasItsChecksum() throws IOException {
        assertThat(files(release))
                .containsExactlyInAnyOrder(
                        "imageshare-operator-" + version + ".image.tar",
                        "imageshare-ci-" + version + ".image.tar",
                        "imageshare-operator-" + version + ".tgz",
                        "imageshare-" + version + ".tar.gz",
                        "imageshare-operator-" + version + ".cdx.json",
                        "imageshare-ci-" + version + ".cdx.json",
                        "install.yaml",
                        "crds.yaml",
                        "RELEASE_NOTES.md",
                        "SHA256SUMS");
        assertThat(Script.run(release, "sha256sum", "--check", "--strict", "SHA256SUMS")
                        .lines())
                .hasSize(9)
                .allMatch(line -> line.endsWith(": OK"));
        assertThat(Files.readString(release.resolve("RELEASE_NOTES.md")))
                .startsWith("## " + version)
                .doesNotContain("## 0.1.0");
    }

    /** Both by way of what the chart's package has, not of the folder that it was made of. */
    @Test
    void theChartAndInstallYamlNameTheImageOfTheRelease() throws IOException {
        var image = REGISTRY + "/imageshare-operator:" + version;
        var chart = release.resolve("imageshare-operator-" + version + ".tgz").toString();

        assertThat(KubeTool.helm(null).run("lint", "--strict", chart)).contains("0 chart(s) failed");
        assertThat(KubeTool.helm(null).run("template", "imageshare-operator", chart))
                .contains("image: " + image);
        assertThat(Files.readString(release.resolve("install.yaml"))).contains("image: " + image);
        assertThat(KubeTool.helm(null).run("show", "chart", chart))
                .contains("version: " + version, "artifacthub.io/changes", "image: " + image);
        assertThat(Files.readString(release.resolve("crds.yaml")))
                .contains("name: imageshares.imageshare.dev", "name: imageacceptances.imageshare.dev")
                .doesNotContain("kind: Deployment");
    }

    @Test
    void theCommandsRunWhereTheyAreUnpacked() {
        Script.run(
                temporary,
                "tar",
                "xzf",
                release.resolve("imageshare-" + version + ".tar.gz").toString());
        var launcher = temporary.resolve("imageshare-" + version).resolve("bin/imageshare");
        assertThat(Script.run(
                        launcher.toString(),
                        "plan",
                        "--validate-only",
                        "-f",
                        Path.of("deploy/samples").toAbsolutePath().toString()))
                .contains("Plan: 0 to add, 0 to remove, 0 held");
    }

    @Test
    void theBillsOfMaterialsNameWhatIsIn() throws IOException {
        var libraries = JSON.readTree(
                release.resolve("imageshare-operator-" + version + ".cdx.json").toFile());
        assertThat(libraries.findValuesAsText("purl")).anyMatch(purl -> purl.startsWith("pkg:maven/io.fabric8/"));
        var packages = JSON.readTree(
                release.resolve("imageshare-ci-" + version + ".cdx.json").toFile());
        assertThat(packages.get("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(packages.get("components").findValuesAsText("name")).contains("git", "kubernetes-client", "libc6");
        assertThat(packages.get("components").findValuesAsText("purl"))
                .allMatch(
                        purl -> purl.matches("pkg:deb/debian/[a-z0-9.%2B-]+@[A-Za-z0-9.%-]+\\?arch=(amd64|arm64|all)"));
    }

    @Test
    void madeAgainItIsTheSame() throws IOException {
        var again = temporary.resolve("again");
        Script.run("src/release/assemble.sh", REGISTRY + "/", again.toString());
        assertThat(Files.readString(again.resolve("SHA256SUMS")))
                .isEqualTo(Files.readString(release.resolve("SHA256SUMS")));
    }
}
