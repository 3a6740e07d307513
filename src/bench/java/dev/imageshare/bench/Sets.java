package dev.imageshare.bench;

import dev.imageshare.embedded.EmbeddedKubernetes.Request;
import dev.imageshare.embedded.EmbeddedOpenStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A ProjectSet of a large domain that many ImageShares name: quiet resyncs, and one project more. */
final class Sets {

    private static final int PERIOD_SECONDS = 20;
    private static final long LONGEST_NANOS = 300_000_000_000L;

    private final Benchmark.Options options;
    private final int projects;
    private final int shares;
    private final Table memory = new Table(
            "A set that ImageShares name: the start",
            "projects",
            "shares",
            "all Ready after (s)",
            "heap after GC (MiB)",
            "RSS (MiB)",
            "peak RSS (MiB)");
    private final Table quiet = new Table(
            "The same, looked at again and again",
            "looks at the set",
            "Keystone requests each",
            "looks at shares",
            "Glance requests each",
            "Kubernetes writes");
    private final Table added = new Table(
            "One project more",
            "run",
            "POSTs",
            "statuses of shares",
            "statuses of the set",
            "all members there after (ms)",
            "bare POSTs (ms)",
            "allowed (ms)",
            "the operator's CPU (ms)");

    Sets(Benchmark.Options options, int projects, int shares) {
        this.options = options;
        this.projects = projects;
        this.shares = shares;
    }

    void run() throws InterruptedException {
        try (var cluster = Cluster.embedded();
                var cloud = EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults().withMemberQuota(2_000))) {
            cluster.api().installCrds(Path.of("crds/project-sets"));
            var keystone = cloud.keystone();
            var domain = keystone.createDomain("bench");
            var ids = keystone.createProjects(domain, "bench", projects);
            var reader = keystone.domainReader(domain);
            var namespace = cluster.namespace(cloud.cloudsYaml());
            cluster.secret(namespace, "directory", reader);
            cluster.set(namespace, domain, PERIOD_SECONDS + "s");
            var images = new ArrayList<String>();
            for (var i = 0; i < shares; i++) {
                var image = cloud.createImage("producer", "bench-" + i, "shared", List.of());
                ids.forEach(project -> cloud.addMember("producer", image, project));
                images.add(image);
                cluster.follow(namespace, "bench-" + i, image, PERIOD_SECONDS + "s");
            }
            try (var operator = new OperatorJvm(options, options.java, cluster, options.flags)) {
                cluster.awaitReady(shares, operator);
                var ready = (System.nanoTime() - operator.begun()) / 1e9;
                Thread.sleep(PERIOD_SECONDS * 1_500L);
                quiet(cluster, cloud);
                var rss = operator.memory("VmRSS"); // before the JVM is asked, which takes some of its own
                var peak = operator.memory("VmHWM");
                memory.row(projects, shares, ready, operator.liveHeap(), rss, peak);
                for (var run = 1; run <= options.repeat; run++) {
                    add(run, cluster, cloud, operator, namespace, domain, images);
                }
            }
        }
    }

    private void quiet(Cluster cluster, EmbeddedOpenStack cloud) throws InterruptedException {
        cloud.clearRequests();
        cluster.api().clearRequests();
        Thread.sleep(PERIOD_SECONDS * 3_000L);
        var calls = cloud.requests();
        var keystone =
                calls.stream().filter(call -> call.path().startsWith("/v3/")).toList();
        // The first page of a reading has no marker.
        var looks = keystone.stream()
                .filter(call -> call.path().endsWith("/projects")
                        && !String.valueOf(call.query()).contains("marker="))
                .count();
        var looksAtShares =
                calls.stream().filter(call -> call.path().endsWith("/members")).count();
        quiet.row(
                looks,
                1.0 * keystone.size() / looks,
                looksAtShares,
                1.0 * (calls.size() - keystone.size()) / looksAtShares,
                writes(cluster, request -> true));
    }

    private static long writes(Cluster cluster, Predicate<Request> which) {
        return cluster.api().requests().stream()
                .filter(request -> request.userAgent() != null && !request.method().equals("GET"))
                .filter(which)
                .count();
    }

    private static boolean isStatus(Request request, String plural) {
        return request.path().contains("/" + plural + "/") && request.path().endsWith("/status");
    }

    private void add(
            int run,
            Cluster cluster,
            EmbeddedOpenStack cloud,
            OperatorJvm operator,
            String namespace,
            String domain,
            List<String> images)
            throws InterruptedException {
        var bare = new BareClient(cloud.cloudsYaml(), "producer");
        var work = new HashMap<String, List<String>>();
        for (var i = 0; i < shares; i++) {
            work.putAll(Map.of(
                    cloud.createImage("producer", "bare", "shared", List.of()), List.of(Work.projects(1).get(0))));
        }
        var floor = bare.add(work, 8);
        var project = cloud.keystone().createProject(domain, null, "more-" + run, List.of());
        cloud.clearRequests();
        cluster.api().clearRequests();
        var cpu = operator.cpuMillis();
        var begun = System.nanoTime();
        cluster.lookAtSet(namespace);
        while (posts(cloud) < shares) {
            Thread.sleep(5);
            if (!operator.isAlive() || System.nanoTime() - begun > LONGEST_NANOS) {
                throw new IllegalStateException(
                        posts(cloud) + " of " + shares + " POSTs: " + operator.lastLines());
            }
        }
        var took = (System.nanoTime() - begun) / 1e6;
        var used = operator.cpuMillis() - cpu;
        Thread.sleep(PERIOD_SECONDS * 500L); // the last statuses
        images.forEach(image -> {
            if (!cloud.members("producer", image).containsKey(project)) {
                throw new IllegalStateException(image + " lacks " + project);
            }
        });
        added.row(
                run,
                posts(cloud),
                writes(cluster, request -> isStatus(request, "imageshares")),
                writes(cluster, request -> isStatus(request, "projectsets")),
                took,
                floor,
                1.2 * floor + 500,
                used);
    }

    private static long posts(EmbeddedOpenStack cloud) {
        return cloud.requests().stream()
                .filter(call -> call.method().equals("POST") && call.path().endsWith("/members"))
                .count();
    }

    void print() {
        memory.print();
        quiet.print();
        added.print();
    }
}
