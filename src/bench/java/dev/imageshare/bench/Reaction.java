package dev.imageshare.bench;

import dev.imageshare.embedded.EmbeddedOpenStack;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** From the API server's answer to one new ImageShare until Glance gets the addition of its member. */
final class Reaction {

    private static final int TIMES = 200;

    private final Benchmark.Options options;
    private final Table table = new Table(
            "Reaction: one ImageShare to its member existing, 200 times (ms)",
            "cloud",
            "p50",
            "p99",
            "its own three requests, p50",
            "p50 over them");

    Reaction(Benchmark.Options options) {
        this.options = options;
    }

    void run(int latency) throws InterruptedException {
        Map<String, Long> posted = new ConcurrentHashMap<>();
        try (var cluster = Cluster.embedded();
                var cloud = EmbeddedOpenStack.start();
                var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
            operator.awaitStarted();
            cloud.intercept((method, path) -> {
                Thread.sleep(latency);
                if (method.equals("POST")) {
                    posted.put(path, System.nanoTime());
                }
                return null;
            });
            var namespace = cluster.namespace(cloud.cloudsYaml());
            var times = new double[TIMES];
            for (var i = -50; i < TIMES; i++) { // the first ones warm it
                var image = image(cloud);
                var begun = cluster.apply(namespace, "bench-" + (i + 50), image, Work.projects(1), "10m");
                var path = "/v2/images/" + image + "/members";
                while (!posted.containsKey(path)) {
                    Thread.onSpinWait();
                    Thread.sleep(0, 100_000);
                }
                if (i >= 0) {
                    times[i] = (posted.get(path) - begun) / 1e6;
                }
            }
            var own = new double[TIMES];
            var client = new BareClient(cloud.cloudsYaml(), "producer");
            for (var i = -50; i < TIMES; i++) {
                var time = client.addOne(image(cloud), Work.projects(1).get(0));
                if (i >= 0) {
                    own[i] = time;
                }
            }
            var p50 = Table.median(times);
            var floor = Table.median(own);
            table.row("embedded + " + latency + " ms", p50, Table.quantile(times, 0.99), floor, p50 - floor);
        }
    }

    private static String image(EmbeddedOpenStack cloud) {
        return cloud.createImage("producer", "bench", "shared", List.of());
    }

    void print() {
        table.print();
    }
}
