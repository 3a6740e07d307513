package dev.imageshare.bench;

import dev.imageshare.embedded.EmbeddedOpenStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** From exec to ready and to the first call of a first pass, with one ImageShare; and what the idle process holds. */
final class Start {

    private static final long IDLE_MILLIS = 8_000;

    private final Benchmark.Options options;
    private final Table table = new Table(
            "Start with one ImageShare (medians)",
            "JVM",
            "ready (ms)",
            "first reconcile (ms)",
            "CPU till 8 s later (ms)",
            "RSS idle (MiB)",
            "threads");

    Start(Benchmark.Options options) {
        this.options = options;
    }

    void run(String name, Path java, List<String> flags) throws InterruptedException {
        try (var cluster = Cluster.embedded();
                var cloud = EmbeddedOpenStack.start()) {
            prepare(cluster, cloud);
            var first = new AtomicLong();
            cloud.intercept((method, path) -> {
                first.compareAndSet(0, System.nanoTime());
                return null;
            });
            var runs = options.repeat + 2;
            var ready = new double[runs];
            var reconcile = new double[runs];
            var cpu = new double[runs];
            var memory = new double[runs];
            long threads = 0;
            for (var i = 0; i < runs; i++) {
                first.set(0);
                try (var operator = new OperatorJvm(options, java, cluster, flags)) {
                    ready[i] = operator.awaitStarted();
                    while (first.get() == 0) {
                        Thread.sleep(1);
                    }
                    reconcile[i] = (first.get() - operator.begun()) / 1e6;
                    Thread.sleep(IDLE_MILLIS);
                    cpu[i] = operator.cpuMillis();
                    memory[i] = operator.memory("VmRSS");
                    threads = operator.threads();
                }
            }
            table.row(
                    name,
                    Table.median(ready),
                    Table.median(reconcile),
                    Table.median(cpu),
                    Table.median(memory),
                    threads);
        }
    }

    private static void prepare(Cluster cluster, EmbeddedOpenStack cloud) {
        var namespace = cluster.namespace(cloud.cloudsYaml());
        var image = cloud.createImage("producer", "bench", "shared", List.of());
        cluster.apply(namespace, "bench", image, Work.projects(1), "10m");
    }

    /**
     * Runs the operator once, and from what it loaded makes an archive of classes: Java 25 writes its AOT cache by itself;
     * before, the JDK's own archive is replaced by one that has the operator's classes too, which is smaller than one laid
     * over it.
     *
     * @param archive the file that is written
     * @return the flags that use it
     */
    static List<String> train(Benchmark.Options options, Path java, Path archive)
            throws IOException, InterruptedException {
        if (OperatorJvm.version(java) >= 25) {
            trainingRun(options, java, "-XX:AOTCacheOutput=" + archive);
            return List.of("-XX:AOTCache=" + archive);
        }
        var list = Files.createTempFile("bench", ".classlist");
        try {
            trainingRun(options, java, "-XX:DumpLoadedClassList=" + list);
            var dump = new ArrayList<>(List.of(java.toString()));
            dump.addAll(options.flags);
            dump.addAll(List.of(
                    "-Xshare:dump",
                    "-Xlog:disable",
                    "-XX:SharedClassListFile=" + list,
                    "-XX:SharedArchiveFile=" + archive,
                    "-jar",
                    options.jar.toString()));
            var ended = new ProcessBuilder(dump)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
            if (ended != 0) {
                throw new IllegalStateException("java -Xshare:dump ended with " + ended);
            }
        } finally {
            Files.delete(list);
        }
        return List.of(
                "-XX:SharedArchiveFile=" + archive,
                // Else 17 may move it to another address, and so makes all of it its own.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:ArchiveRelocationMode=0");
    }

    private static void trainingRun(Benchmark.Options options, Path java, String flag) throws InterruptedException {
        var flags = new ArrayList<>(options.flags);
        flags.add(flag);
        try (var cluster = Cluster.embedded();
                var cloud = EmbeddedOpenStack.start()) {
            prepare(cluster, cloud);
            try (var operator = new OperatorJvm(options, java, cluster, flags)) {
                cluster.awaitReady(1, operator);
            }
        }
    }

    void print() {
        table.print();
    }
}
