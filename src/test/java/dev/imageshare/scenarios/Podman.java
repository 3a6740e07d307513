package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's podman and runc, which {@code src/test/container/install.sh} installs, with images and containers of their own: no
 * daemon, no systemd, no overlay file system and no network but the machine's, so that it works in a bare machine too.
 */
final class Podman implements AutoCloseable {

    private final Path folder;

    /** @param folder where everything is kept, an empty one */
    Podman(Path folder) {
        this.folder = folder;
    }

    /** The command line, as a process of the caller's. */
    List<String> command(String... arguments) {
        var command = new ArrayList<>(List.of(
                "podman",
                "--root=" + folder.resolve("root"),
                "--runroot=" + folder.resolve("run"),
                "--tmpdir=" + folder.resolve("tmp"),
                "--runtime=runc",
                "--cgroup-manager=cgroupfs",
                "--storage-driver=vfs",
                "--events-backend=none"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** What it prints on standard output; a failure fails the test, with what it said. */
    String run(String... arguments) {
        try {
            var errors = Files.createTempFile(folder, "podman", ".err");
            var process = new ProcessBuilder(command(arguments))
                    .redirectError(errors.toFile())
                    .start();
            process.getOutputStream().close();
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.onExit().join().exitValue())
                    .as("podman %s: %s%s", List.of(arguments), out, Files.readString(errors))
                    .isZero();
            return out.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Loads an image from a tar as {@code docker save} makes it; gives its ID. */
    String load(Path tar) {
        run("load", "--quiet", "--input=" + tar);
        return run("images", "--quiet", "--no-trunc");
    }

    /**
     * {@code run} with what {@code deploy/base} asks of a kubelet: the image's user, which isn't root; a root file system that can't
     * be written but for /tmp; no capability and no way to gain one; the memory of the Deployment's limit.
     */
    List<String> restricted(String name, String image, List<String> options) {
        var command = command(
                "run",
                "--name=" + name,
                "--network=host",
                "--read-only",
                "--read-only-tmpfs=false",
                "--tmpfs=/tmp:rw,mode=1777",
                "--cap-drop=all",
                "--security-opt=no-new-privileges",
                "--memory=256m",
                "--memory-swap=256m",
                "--ulimit=nofile=4096:4096",
                "--ulimit=nproc=4096:4096");
        command.addAll(options);
        command.add(image);
        return command;
    }

    /** The container's first process. */
    long pid(String name) {
        return Long.parseLong(run("inspect", "--format={{.State.Pid}}", name));
    }

    @Override
    public void close() {
        run("rm", "--all", "--force", "--time=1");
        run("rmi", "--all", "--force");
    }
}
