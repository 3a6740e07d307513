package dev.imageshare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.OpenStackLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

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
            var floor = besideFloor(name, lab, cluster);
            if (Files.isExecutable(Path.of(options.python))) {
                row(name, "openstacksdk, one thread", List.of(sdk(lab, clouds, 1)), floor);
                row(name, "openstacksdk, 8 threads", List.of(sdk(lab, clouds, 8)), floor);
                row(name, "openstack command, from " + CLI_CALLS + " calls", List.of(command(lab, clouds)), floor);
            }
        } finally {
            Files.delete(clouds);
        }
    }

    void print() {
        table.print();
    }

    /** @param floor as many as {@code times}, each taken right before; or one for all */
    private void row(String cloud, String how, List<Times> times, List<Times> floor) {
        table.row(
                cloud,
                how,
                median(times, Times::add),
                ratio(times, floor, Times::add),
                median(times, Times::remove),
                ratio(times, floor, Times::remove));
    }

    private static double median(List<Times> all, ToDoubleFunction<Times> part) {
        return Table.median(all.stream().mapToDouble(part).toArray());
    }

    private static double ratio(List<Times> times, List<Times> floor, ToDoubleFunction<Times> part) {
        if (times.size() != floor.size()) {
            return median(times, part) / median(floor, part);
        }
        return Table.median(IntStream.range(0, times.size())
                .mapToDouble(i -> part.applyAsDouble(times.get(i)) / part.applyAsDouble(floor.get(i)))
                .toArray());
    }

    /** Turn by turn, so that a machine that gets slower meanwhile is slower for both. @return the floor */
    private List<Times> besideFloor(String name, OpenStackLab lab, Cluster cluster)
            throws IOException, InterruptedException {
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
        System.err.println("  the floor's best parallelism: " + best);
        var floor = new ArrayList<Times>();
        var ours = new ArrayList<Times>();
        var namespace = cluster.namespace(lab.cloudsYaml());
        try (var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
            operator.awaitStarted();
            operate(lab, cluster, operator, namespace); // warm
            for (var i = 0; i < options.repeat; i++) {
                var work = Work.images(lab, IMAGES, MEMBERS);
                floor.add(new Times(client.add(work, best), client.remove(Work.half(work), best)));
                ours.add(operate(lab, cluster, operator, namespace));
            }
        }
        row(name, "floor: bare HTTP client, best parallelism", floor, floor);
        row(name, "image-share", ours, floor);
        return floor;
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
