package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/bin}: the launcher by its own name, and as a plugin of the real kubectl's. */
class LauncherTest {

    private static final Path BIN = Path.of("deploy/bin").toAbsolutePath();

    @TempDir
    private Path folder;

    private Path jar;

    /** A Java that tells how it was called. */
    @BeforeEach
    void java() throws IOException {
        var java = folder.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, """
                #!/bin/sh
                for argument; do
                    case $argument in
                        -Dimageshare.command=* | plan | -f | "a b" | --help) echo "[$argument]" ;;
                    esac
                done
                """);
        assertThat(java.toFile().setExecutable(true)).isTrue();
        jar = Files.writeString(folder.resolve("imageshare-operator.jar"), "");
    }

    private String run(String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "IMAGESHARE_JAR",
                        jar.toString(),
                        "JAVA_HOME",
                        folder.resolve("jdk").toString(),
                        // No cache, so nothing is prepared beside it.
                        "XDG_CACHE_HOME",
                        "/dev/null",
                        "PATH",
                        folder.resolve("path") + ":" + System.getenv("PATH")));
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return String.join("", output.lines().toList());
    }

    @Test
    void itIsCalledByItsOwnName() throws Exception {
        assertThat(run(BIN.resolve("imageshare").toString(), "plan", "-f", "a b"))
                .isEqualTo("[-Dimageshare.command=imageshare][plan][-f][a b]");
        assertThat(run(BIN.resolve("imageshare").toString())).contains("[--help]");
    }

    @Test
    void kubectlFindsItAsAPlugin() throws Exception {
        var links = Files.createDirectories(folder.resolve("path"));
        Files.createSymbolicLink(links.resolve("kubectl-imageshare"), BIN.resolve("kubectl-imageshare"));
        var expected = "[-Dimageshare.command=kubectl imageshare][plan][-f][a b]";

        assertThat(run(links.resolve("kubectl-imageshare").toString(), "plan", "-f", "a b"))
                .isEqualTo(expected);
        assumeTrue(hasKubectl(), "no kubectl in PATH");
        assertThat(run("kubectl", "imageshare", "plan", "-f", "a b")).isEqualTo(expected);
    }

    private static boolean hasKubectl() {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kubectl")));
    }
}
