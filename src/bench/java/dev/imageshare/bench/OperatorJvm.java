package dev.imageshare.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The packaged operator in a JVM of its own, with what it costs: from the kernel, and from the JVM's own beans. */
final class OperatorJvm implements AutoCloseable {

    private final Process process;
    private final long begun = System.nanoTime();
    private final CountDownLatch started = new CountDownLatch(1);
    private final List<String> lines = new ArrayList<>();
    private volatile long startedAfter;

    /** @param flags of the JVM */
    OperatorJvm(Benchmark.Options options, Path java, Cluster cluster, List<String> flags) {
        var command = new ArrayList<String>();
        command.add(java.toString());
        command.addAll(flags);
        command.addAll(List.of("-jar", options.jar.toString()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("IMAGESHARE_") || name.startsWith("KUBE"));
        builder.environment()
                .putAll(Map.of( // as deployed: by environment
                        "IMAGESHARE_LOG_FORMAT", "json",
                        "IMAGESHARE_ALLOW_LOCAL_CLOUDS", "true",
                        "IMAGESHARE_HTTP_ADDRESS", "127.0.0.1",
                        "IMAGESHARE_HTTP_PORT", "0"));
        cluster.environment(builder.environment());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Else it would go on without the benchmark, if that is ended from outside.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        var reader = new Thread(this::read, "operator-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (var output = process.inputReader()) {
            String line;
            while ((line = output.readLine()) != null) {
                synchronized (lines) {
                    if (lines.size() < 2_000) {
                        lines.add(line);
                    }
                }
                if (line.contains("Started")) {
                    startedAfter = System.nanoTime() - begun;
                    started.countDown();
                }
            }
        } catch (IOException e) {
            // the process ended
        }
        started.countDown();
    }

    /** @return the feature version of this java command */
    static int version(Path java) {
        try {
            var release = new Properties();
            try (var file = Files.newBufferedReader(
                    java.toRealPath().getParent().resolveSibling("release"))) {
                release.load(file);
            }
            var version = release.getProperty("JAVA_VERSION").replace("\"", "");
            return Runtime.Version.parse(version).feature();
        } catch (IOException e) {
            throw new UncheckedIOException(java + " is no JDK's java command", e);
        }
    }

    /** When the process was asked for, by {@link System#nanoTime()}. */
    long begun() {
        return begun;
    }

    /** Waits until it says that it works. @return milliseconds from exec */
    double awaitStarted() throws InterruptedException {
        if (!started.await(120, TimeUnit.SECONDS) || startedAfter == 0) {
            throw new IllegalStateException("The operator did not start: " + lastLines());
        }
        return startedAfter / 1e6;
    }

    String lastLines() {
        synchronized (lines) {
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        }
    }

    /** @param key of /proc/PID/status, such as VmRSS or VmHWM. @return MiB */
    double memory(String key) {
        return status(key) / 1024.0;
    }

    long threads() {
        return status("Threads");
    }

    private long status(String key) {
        try (var status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return status.filter(line -> line.startsWith(key + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("the operator is gone: " + lastLines(), e);
        }
    }

    /** @return milliseconds of CPU since the start, of all its threads */
    double cpuMillis() {
        return process.toHandle().info().totalCpuDuration().orElseThrow().toNanos() / 1e6;
    }

    /** What the JVM's beans say. */
    interface Beans<T> {
        T ask(MBeanServerConnection connection) throws JMException, IOException;
    }

    private <T> T ask(Beans<T> question) {
        try {
            var machine = VirtualMachine.attach(Long.toString(process.pid()));
            try {
                var url = new JMXServiceURL(machine.startLocalManagementAgent());
                try (var connector = JMXConnectorFactory.connect(url)) {
                    return question.ask(connector.getMBeanServerConnection());
                }
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException | IOException | JMException e) {
            throw new IllegalStateException("the operator's JVM doesn't answer: " + lastLines(), e);
        }
    }

    /** @return MiB of the heap that is in use after a full collection */
    double liveHeap() {
        return ask(connection -> {
            var memory = new ObjectName(ManagementFactory.MEMORY_MXBEAN_NAME);
            connection.invoke(memory, "gc", null, null);
            var usage = (CompositeData) connection.getAttribute(memory, "HeapMemoryUsage");
            return (Long) usage.get("used") / 1024.0 / 1024.0;
        });
    }

    /** @return bytes that its living threads have allocated so far */
    long allocated() {
        return ask(connection -> {
            var threads = new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME);
            var ids = connection.getAttribute(threads, "AllThreadIds");
            var bytes = (long[]) connection.invoke(
                    threads, "getThreadAllocatedBytes", new Object[] {ids}, new String[] {long[].class.getName()});
            return Arrays.stream(bytes).filter(each -> each > 0).sum();
        });
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM, and waits for its end. */
    @Override
    public void close() {
        process.toHandle().destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
