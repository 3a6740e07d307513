package dev.imageshare.bench;

import dev.imageshare.embedded.EmbeddedOpenStack;
import java.util.List;

/** Many ImageShares with 20 members each that are in order: the start, the memory, and what looking again costs. */
final class Growth {

    private static final int MEMBERS = 20;
    private static final int WARM_SECONDS = 30;
    private static final int WINDOW_SECONDS = 40;

    private final Benchmark.Options options;
    private final Table starts = new Table(
            "Growth: a start with ImageShares of 20 members each",
            "objects",
            "new: all Ready after (s)",
            "in order: all looked at after (s)",
            "requests each",
            "Kubernetes writes",
            "heap after GC (MiB)",
            "RSS (MiB)",
            "peak RSS (MiB)",
            "threads");
    private final Table steady = new Table(
            "Steady state: the same objects, looked at again and again",
            "objects",
            "period",
            "resyncs",
            "requests a resync",
            "Kubernetes writes",
            "CPU a resync (ms)",
            "allocated a resync (KiB)");

    Growth(Benchmark.Options options) {
        this.options = options;
    }

    void run(int objects) throws InterruptedException {
        var period = Math.max(10, objects / 100);
        try (var cluster = Cluster.embedded();
                var cloud = EmbeddedOpenStack.start()) {
            var namespace = cluster.namespace(cloud.cloudsYaml());
            var projects = Work.projects(MEMBERS);
            for (var i = 0; i < objects; i++) {
                var image = cloud.createImage("producer", "bench-" + i, "shared", List.of());
                projects.forEach(project -> cloud.addMember("producer", image, project));
                cluster.apply(namespace, "bench-" + i, image, projects, period + "s");
            }
            double fresh;
            try (var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
                cluster.awaitReady(objects, operator);
                fresh = (System.nanoTime() - operator.begun()) / 1e9;
            }
            cloud.clearRequests();
            cluster.api().clearRequests();
            try (var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
                while (lists(cloud) < objects) {
                    Thread.sleep(50);
                    if (!operator.isAlive()) {
                        throw new IllegalStateException(operator.lastLines());
                    }
                }
                var restarted = (System.nanoTime() - operator.begun()) / 1e9;
                var requests = 1.0 * cloud.requests().size() / objects;
                var writes = writes(cluster);
                Thread.sleep(Math.max(WARM_SECONDS * 1_000L, period * 1_200L)); // until each is looked at once more
                var memory = operator.memory("VmRSS"); // before the JVM is asked, which takes some of its own
                var peak = operator.memory("VmHWM");
                var threads = operator.threads();
                steady(cluster, cloud, operator, objects, period);
                starts.row(
                        objects, fresh, restarted, requests, writes, operator.liveHeap(), memory, peak, threads);
            }
        }
    }

    private void steady(
            Cluster cluster, EmbeddedOpenStack cloud, OperatorJvm operator, int objects, int period)
            throws InterruptedException {
        var unused = operator.allocated(); // what asking costs the first time is not counted
        cloud.clearRequests();
        cluster.api().clearRequests();
        var allocated = operator.allocated();
        var cpu = operator.cpuMillis();
        Thread.sleep(Math.max(WINDOW_SECONDS * 1_000L, period * 1_200L)); // a whole period: they come in a crowd
        cpu = operator.cpuMillis() - cpu;
        allocated = operator.allocated() - allocated;
        double resyncs = lists(cloud);
        var requests = cloud.requests().size() / resyncs;
        var writes = writes(cluster);
        steady.row(
                objects,
                period + "s",
                (long) resyncs,
                requests,
                writes,
                cpu / resyncs,
                allocated / 1024.0 / resyncs);
    }

    private static long lists(EmbeddedOpenStack cloud) {
        return cloud.requests().stream()
                .filter(call -> call.path().endsWith("/members"))
                .count();
    }

    private static long writes(Cluster cluster) {
        return cluster.api().requests().stream()
                .filter(request -> !request.method().equals("GET"))
                .count();
    }

    void print() {
        starts.print();
        steady.print();
    }
}
