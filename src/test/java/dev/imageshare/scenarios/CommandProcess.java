package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of the packaged jar as a process of its own, until its end. */
record CommandProcess(int exitCode, String out, String err) {

    private static final Path JAR = Path.of("target/imageshare-operator.jar");

    /** @param javaOptions such as {@code -Xlog:class+load:file=…} */
    static CommandProcess run(List<String> javaOptions, Map<String, String> environment, Object... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", JAR.toString()));
        for (var argument : arguments) {
            command.add(String.valueOf(argument));
        }
        try {
            var out = Files.createTempFile("command", ".out");
            var err = Files.createTempFile("command", ".err");
            var builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("OS_") || name.startsWith("KUBE"));
            builder.environment().putAll(environment);
            var process = builder.start();
            assertThat(process.waitFor(300, TimeUnit.SECONDS))
                    .as("%s ended", command)
                    .isTrue();
            var run = new CommandProcess(process.exitValue(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static CommandProcess run(Object... arguments) {
        return run(List.of(), Map.of(), arguments);
    }

    /** The last line of the standard output. */
    String lastLine() {
        return out.strip().lines().reduce((a, b) -> b).orElse("");
    }
}
