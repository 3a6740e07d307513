package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a program as a person at a shell does, with the helm and kubectl of the tests first in the PATH. */
final class Script {

    private Script() {}

    /** What it prints, errors included; a failure fails the test. */
    static String run(Path folder, String... command) {
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().merge("PATH", KubeTool.folder(), (path, tools) -> tools + ":" + path);
        try {
            var process = builder.start();
            process.getOutputStream().close();
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.onExit().join().exitValue())
                    .as("%s: %s", List.of(command), out)
                    .isZero();
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #run(Path, String...)}, in the project's folder. */
    static String run(String... command) {
        return run(Path.of("."), command);
    }
}
