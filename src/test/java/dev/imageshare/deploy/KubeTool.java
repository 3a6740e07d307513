package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real {@code helm} or {@code kubectl}, of one known version; installed by {@code src/test/kube/tools.sh} when first used. */
public final class KubeTool {

    /** How it ended and what it printed, errors included. */
    public record Outcome(int code, String out) {}

    private final Path program;
    private final Path kubeconfig;

    private KubeTool(String name, Path kubeconfig) {
        this.program = Path.of(Folder.PATH, name);
        this.kubeconfig = kubeconfig;
    }

    /** @param kubeconfig of the cluster that it works on; null for none */
    public static KubeTool helm(Path kubeconfig) {
        return new KubeTool("helm", kubeconfig);
    }

    /** @param kubeconfig of the cluster that it works on; null for none */
    public static KubeTool kubectl(Path kubeconfig) {
        return new KubeTool("kubectl", kubeconfig);
    }

    /** Where both are, for a PATH. */
    public static String folder() {
        return Folder.PATH;
    }

    private static final class Folder {
        static final String PATH = install();

        private static String install() {
            try {
                var process = new ProcessBuilder("src/test/kube/tools.sh")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                assertThat(process.onExit().join().exitValue())
                        .as("src/test/kube/tools.sh, which says on stderr what is missing")
                        .isZero();
                return out;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What it prints; a failure fails the test. */
    public String run(String... arguments) {
        return withInput("", arguments);
    }

    /** What it prints when this is its standard input. */
    public String withInput(String input, String... arguments) {
        var outcome = attempt(input, arguments);
        assertThat(outcome.code())
                .as("%s %s\n%s", program.getFileName(), List.of(arguments), outcome.out())
                .isZero();
        return outcome.out();
    }

    public Outcome attempt(String input, String... arguments) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("HELM_") || name.startsWith("KUBE"));
        builder.environment().put("KUBECONFIG", kubeconfig == null ? "/dev/null" : kubeconfig.toString());
        try {
            var process = builder.start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.onExit().join().exitValue(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
