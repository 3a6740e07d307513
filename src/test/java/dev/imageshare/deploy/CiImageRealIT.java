package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The image that {@code -Pci-image} builds, unpacked: the recipes run in it as they stand, with nothing else to see. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CiImageRealIT {

    private static final Path TAR = Path.of("target/ci-image.tar");
    private static final Path REPOSITORY = Path.of("deploy/gitops/sample-repository");

    private Path temporary;

    private Path root;

    @BeforeAll
    void unpack(@TempDir Path folder) throws IOException {
        temporary = folder;
        assumeTrue(Files.exists(TAR), "no image was built: mvn verify -Preal,ci-image");
        assumeTrue(Script.run("id", "-u").strip().equals("0"), "chroot needs root");
        var image = Files.createDirectories(temporary.resolve("image"));
        Script.run("tar", "xf", TAR.toString(), "-C", image.toString());
        root = Files.createDirectories(temporary.resolve("root"));
        var manifest = new ObjectMapper()
                .readTree(image.resolve("manifest.json").toFile())
                .get(0);
        for (var layer : manifest.get("Layers")) {
            Script.run("tar", "xzf", image.resolve(layer.asText()).toString(), "-C", root.toString());
        }
        // What an engine gives a container.
        Files.createDirectories(root.resolve("proc"));
        var dev = Files.createDirectories(root.resolve("dev"));
        Script.run("mknod", "-m", "666", dev.resolve("null").toString(), "c", "1", "3");
        Script.run("mknod", "-m", "666", dev.resolve("urandom").toString(), "c", "1", "9");
        Script.run("cp", "-r", REPOSITORY.toString(), root.resolve("work").toString());
    }

    /** In the container's shell, as CI runs a step. */
    private String inContainer(String commands) {
        return Script.run(
                "unshare",
                "--mount",
                "--pid",
                "--net",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                "mount -t proc proc \"$0/proc\" && exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin JAVA_HOME=/opt/java HOME=/root"
                        + " chroot \"$0\" bash -euc \"$1\" 2>&1",
                root.toString(),
                commands);
    }

    @Test
    void theSampleRepositorysChecksPassAsTheyStand() {
        assertThat(inContainer("cd /work && ci/validate.sh && test -s rendered.yaml && echo all-well"))
                .endsWith("all-well\n");
    }

    /** A team that nobody listed; the checks must be able to fail in there. */
    @Test
    void theyFailWhereTheyShould() {
        assertThat(inContainer("cp -r /work /other && cd /other && mkdir teams/team-z && ! ci/validate.sh"))
                .contains("team-z", "not listed");
    }

    @Test
    void aPlanWithoutCredentialsSaysSoAndIsLeftForTheComment() {
        assertThat(inContainer("cd /work && ! ci/plan.sh && grep -q 'image-share plan' plan.md && cat plan.md"))
                .contains("clouds");
    }

    /** An image without the command must not let every pull request pass. */
    @Test
    void aPlanThatCannotEvenBeginFails() {
        assertThat(inContainer("cd /work && PATH=/usr/bin:/bin && ! ci/plan.sh"))
                .contains("not found");
    }

    @Test
    void itHasWhatCheckoutsNeed() {
        assertThat(
                        inContainer(
                                "git --version; kubectl version --client; tar --version; ls /etc/ssl/certs/ca-certificates.crt;"
                                        + " mkdir /c && chown 1001 /c && git -C /c init -q && git -C /c status --short; imageshare --help"))
                .contains("git version 2", "Client Version: v1.", "plan", "export", "report");
    }

    @Test
    void theJarsAreThereOnce() throws IOException {
        assertThat(root.resolve("app")).doesNotExist();
        try (var jars = Files.list(root.resolve("usr/local/lib/imageshare/lib"))) {
            assertThat(jars).hasSizeGreaterThan(20);
        }
    }
}
