package dev.imageshare.bench;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.RealOpenStackLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What the packaged operator takes: time, requests, CPU and memory, side by side with a floor and with peers in one run.
 * It asserts nothing. The servers run in this process, the operator in one of its own.
 */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures the packaged operator; prints tables of medians and ratios.")
public final class Benchmark implements Callable<Integer> {

    enum Part {
        bulk,
        reaction,
        growth,
        sets,
        start
    }

    /** What all parts take. */
    static final class Options {
        @Option(names = "--repeat", description = "Runs that a median is of (default ${DEFAULT-VALUE}).")
        int repeat = 3;

        @Option(names = "--java", description = "The java command of the operator's process.")
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");

        @Option(names = "--jar", description = "The operator (default ${DEFAULT-VALUE}).")
        Path jar = Path.of("target/imageshare-operator.jar");

        @Option(names = "--python", description = "A Python that has openstacksdk (default ${DEFAULT-VALUE}).")
        String python = "/usr/bin/python3";

        @Option(
                names = "--flags",
                split = "[ ,]",
                description = "JVM flags of the operator, by commas (default ${DEFAULT-VALUE}).")
        List<String> flags = List.of("@deploy/jvm.options");
    }

    @Parameters(arity = "0..*", description = "What to measure: ${COMPLETION-CANDIDATES}; all if none is named.")
    private Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(
            names = "--real",
            description = "Bulk on the lab of openstack-lab.sh and the cluster of KUBECONFIG; else on embedded ones.")
    private boolean real;

    @Option(names = "--latency", split = ",", description = "Milliseconds that the embedded cloud adds to a call.")
    private List<Integer> latencies = List.of(0, 10, 50);

    @Option(names = "--objects", split = ",", description = "How many ImageShares growth has.")
    private List<Integer> objects = List.of(100, 1_000, 10_000);

    @Option(names = "--projects", description = "How many projects the set has; with --repeat more, at most 1,000 (default ${DEFAULT-VALUE}).")
    private int projects = 990;

    @Option(names = "--shares", description = "How many ImageShares name the set (default ${DEFAULT-VALUE}).")
    private int shares = 100;

    @Option(
            names = "--also-java",
            split = ",",
            description = "Further java commands that the start is measured with.")
    private List<Path> others = List.of();

    @Option(
            names = "--archive",
            description = "Measures nothing: writes the archive of classes (17) or the AOT cache (25) for --java and --jar"
                    + " to this file, and prints the flags that use it.")
    private Path archive;

    @CommandLine.Mixin
    private final Options options = new Options();

    /** Runs the parts that are named. */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new Benchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (archive != null) {
            System.out.println(String.join(" ", Start.train(options, options.java, archive)));
            return 0;
        }
        System.err.println("JVM " + options.java + " " + String.join(" ", options.flags) + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        if (parts.contains(Part.bulk)) {
            bulk();
        }
        if (parts.contains(Part.reaction)) {
            var reaction = new Reaction(options);
            for (var latency : latencies) {
                reaction.run(latency);
            }
            reaction.print();
        }
        if (parts.contains(Part.growth)) {
            var growth = new Growth(options);
            for (var count : objects) {
                growth.run(count);
            }
            growth.print();
        }
        if (parts.contains(Part.sets)) {
            var sets = new Sets(options, projects, shares);
            sets.run();
            sets.print();
        }
        if (parts.contains(Part.start)) {
            start();
        }
        return 0;
    }

    private void start() throws Exception {
        var start = new Start(options);
        start.run("defaults", options.java, List.of());
        var javas = new ArrayList<>(List.of(options.java));
        javas.addAll(others);
        for (var java : javas) {
            var name = OperatorJvm.version(java) + ", " + String.join(" ", options.flags);
            start.run(name, java, options.flags);
            var directory = Files.createTempDirectory("bench");
            try {
                var flags = new ArrayList<>(options.flags);
                flags.addAll(Start.train(options, java, directory.resolve("archive")));
                start.run(name + ", archive", java, flags);
            } finally {
                Files.deleteIfExists(directory.resolve("archive"));
                Files.delete(directory);
            }
        }
        start.print();
    }

    private void bulk() throws Exception {
        var bulk = new Bulk(options);
        if (real) {
            try (var cluster = Cluster.real();
                    var lab = RealOpenStackLab.standard()) {
                bulk.run("real", lab, cluster);
            }
        } else {
            for (var latency : new ArrayList<>(latencies)) {
                try (var cluster = Cluster.embedded();
                        var cloud = EmbeddedOpenStack.start()) {
                    cloud.intercept((method, path) -> {
                        Thread.sleep(latency);
                        return null;
                    });
                    bulk.run("embedded + " + latency + " ms", cloud, cluster);
                }
            }
        }
        bulk.print();
    }
}
