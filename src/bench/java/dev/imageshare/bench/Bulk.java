package dev.imageshare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.OpenStackLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** 20 images with 50 members each, declared at once; then half of the members taken away. */
final class Bulk {

    private static final int IMAGES = 20;
    private static final int MEMBERS = 50;
    private static final int CLI_CALLS = 20;

    private final Benchmark.Options options;
    private final Table table = new Table(
            "Bulk: 20 images × 50 members, then half of them taken away (ms, median; × the floor)",
            "cloud",
            "how",
            "add 1,000",
            "×",
            "remove 500",
            "×");

    private record Times(double add, double remove) {}

    Bulk(Benchmark.Options options) {
        this.options = options;
    }

    void run(String name, OpenStackLab lab, Cluster cluster) throws IOException, InterruptedException {
        var clouds = Files.createTempFile("bench", "clouds.yaml");
        try {
            Files.writeString(clouds, lab.cloudsYaml());
            var floor = floor(lab);
            row(name, "floor: bare HTTP client, best parallelism", floor, floor);
            row(name, "image-share", operator(lab, cluster), floor);
            if (Files.isExecutable(Path.of(options.python))) {
                row(name, "openstacksdk, one thread", sdk(lab, clouds, 1), floor);
                row(name, "openstacksdk, 8 threads", sdk(lab, clouds, 8), floor);
                row(name, "openstack command, from " + CLI_CALLS + " calls", command(lab, clouds), floor);
            }
        } finally {
            Files.delete(clouds);
        }
    }

    void print() {
        table.print();
    }

    private void row(String cloud, String how, Times times, Times floor) {
        table.row(cloud, how, times.add, times.add / floor.add, times.remove, times.remove / floor.remove);
    }

    private interface Once {
        Times run() throws IOException, InterruptedException;
    }

    private Times median(int times, Once once) throws IOException, InterruptedException {
        var all = new Times[times];
        for (var i = 0; i < times; i++) {
            all[i] = once.run();
        }
        return new Times(median(all, Times::add), median(all, Times::remove));
    }

    private static double median(Times[] all, ToDoubleFunction<Times> part) {
        return Table.median(java.util.Arrays.stream(all).mapToDouble(part).toArray());
    }

    private Times floor(OpenStackLab lab) throws IOException, InterruptedException {
        var client = new BareClient(lab.cloudsYaml(), "producer");
        client.add(Work.images(lab, 1, MEMBERS), 1); // warm, as a server's client is
        var best = 0;
        var least = Double.MAX_VALUE;
        for (var parallel : List.of(2, 4, 8, 16)) {
            var took = client.add(Work.images(lab, IMAGES / 4, MEMBERS), parallel);
            if (took < least) {
                least = took;
                best = parallel;
            }
        }
        var parallel = best;
        System.err.println("  the floor's best parallelism: " + parallel);
        return median(options.repeat, () -> {
            var work = Work.images(lab, IMAGES, MEMBERS);
            return new Times(client.add(work, parallel), client.remove(Work.half(work), parallel));
        });
    }

    private Times operator(OpenStackLab lab, Cluster cluster) throws IOException, InterruptedException {
        var namespace = cluster.namespace(lab.cloudsYaml());
        try (var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
            operator.awaitStarted();
            operate(lab, cluster, operator, namespace); // warm
            return median(options.repeat, () -> operate(lab, cluster, operator, namespace));
        }
    }

    private Times operate(OpenStackLab lab, Cluster cluster, OperatorJvm operator, String namespace)
            throws InterruptedException {
        var work = Work.images(lab, IMAGES, MEMBERS);
        var begun = System.nanoTime();
        work.forEach((image, members) -> cluster.apply(namespace, "bench-" + image, image, members, "10m"));
        cluster.awaitReady(IMAGES, operator);
        var added = System.nanoTime();
        Work.half(work)
                .forEach((image, members) -> cluster.replace(namespace, "bench-" + image, image, members, "10m"));
        cluster.awaitReady(IMAGES, operator);
        var removed = System.nanoTime();
        cluster.clear();
        return new Times((added - begun) / 1e6, (removed - added) / 1e6);
    }

    private Times sdk(OpenStackLab lab, Path clouds, int threads) throws IOException, InterruptedException {
        // It is the slow one: once is enough to place it.
        var work = Work.images(lab, IMAGES, MEMBERS);
        return new Times(sdk(clouds, "add", threads, work), sdk(clouds, "remove", threads, Work.half(work)));
    }

    private double sdk(Path clouds, String action, int threads, Map<String, List<String>> work)
            throws IOException, InterruptedException {
        String script;
        try (var source = Bulk.class.getResourceAsStream("bulk.py")) {
            script = new String(source.readAllBytes(), StandardCharsets.UTF_8);
        }
        var input = new ObjectMapper().writeValueAsString(Map.of("action", action, "threads", threads, "members", work));
        return Double.parseDouble(run(clouds, input, options.python, "-c", script, "producer"));
    }

    private Times command(OpenStackLab lab, Path clouds) throws IOException, InterruptedException {
        var image = Work.images(lab, 1, 0).keySet().iterator().next();
        var projects = Work.projects(CLI_CALLS / 2);
        var begun = System.nanoTime();
        for (var project : projects) {
            run(clouds, "", "openstack", "--os-cloud", "producer", "image", "add", "project", image, project);
        }
        var added = System.nanoTime();
        for (var project : projects) {
            run(clouds, "", "openstack", "--os-cloud", "producer", "image", "remove", "project", image, project);
        }
        var removed = System.nanoTime();
        return new Times(
                (added - begun) / 1e6 / projects.size() * IMAGES * MEMBERS,
                (removed - added) / 1e6 / projects.size() * IMAGES * MEMBERS / 2);
    }

    private static String run(Path clouds, String input, String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OS_CLIENT_CONFIG_FILE", clouds.toString());
        var process = builder.start();
        try (var out = process.outputWriter()) {
            out.write(input);
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command[0] + " failed");
        }
        return output.strip();
    }
}
