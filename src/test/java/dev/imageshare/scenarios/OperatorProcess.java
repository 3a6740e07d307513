package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/** The packaged operator as a process of its own. */
final class OperatorProcess implements AutoCloseable {

    private static final Path JAR = Path.of("target/imageshare-operator.jar");
    private static final Pattern PORT = Pattern.compile("\\bport=\"?(-?\\d+)|\"port\":\\s*\"?(-?\\d+)");

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    OperatorProcess(Path kubeconfig, Map<String, String> environment, String... arguments) {
        this(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@deploy/jvm.options",
                        "-jar",
                        JAR.toString()),
                kubeconfig,
                environment,
                arguments);
        assertThat(Files.exists(JAR)).as("packaged: %s", JAR).isTrue();
    }

    /** @param program what starts the operator, in some other way */
    OperatorProcess(List<String> program, Path kubeconfig, Map<String, String> environment, String... arguments) {
        var command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("IMAGESHARE_") || name.startsWith("KUBE"));
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("IMAGESHARE_ALLOW_LOCAL_CLOUDS", "true"); // where the tests' clouds are
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read, "operator-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // the process was killed
        }
    }

    List<String> lines() {
        return lines;
    }

    /** Waits until it says that it works; gives the port of probes and metrics, -1 for none. */
    int awaitStarted() {
        return awaitStarted(Duration.ofMinutes(1)); // some seconds, unless the machine has other things to do
    }

    int awaitStarted(Duration patience) {
        try {
            await().atMost(patience)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> lines.stream().anyMatch(l -> l.contains("Started")));
        } catch (ConditionTimeoutException e) {
            signal("QUIT"); // what it waits for is then among the lines
            await().until(() -> lines.stream().anyMatch(l -> l.contains("Heap")));
            throw new AssertionError(String.join("\n", lines), e);
        }
        var matcher = PORT.matcher(
                lines.stream().filter(l -> l.contains("Started")).findFirst().orElseThrow());
        assertThat(matcher.find()).as("%s", lines).isTrue();
        return Integer.parseInt(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }

    /** SIGTERM; what the process says afterwards is still read, which Process.destroy would end. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGSTOP: it stands still, and its connections stay open. */
    void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start();
            assertThat(kill.waitFor()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** SIGKILL; returns when it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The most memory that it has held so far, as Linux tells it. */
    String peakMemory() {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmHWM"))
                    .map(line -> line.replaceAll("\\s+", " "))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    int awaitExit() {
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS))
                    .as("ended; %s", lines)
                    .isTrue();
            reader.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        // A program may have started the operator as a child, which would outlive it.
        var all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
