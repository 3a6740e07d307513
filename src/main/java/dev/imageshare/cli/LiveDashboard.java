package dev.imageshare.cli;

import dev.imageshare.site.Dashboard;
import dev.imageshare.site.InternalSite;
import dev.imageshare.site.SiteDataBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The dashboard of one cluster, which follows its objects by watches. */
public final class LiveDashboard implements AutoCloseable {

    /** However many objects change, the pages are made anew once in this time. */
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** What only time changes, such as how long an answer waits. */
    private static final Duration ANYWAY = Duration.ofMinutes(10);

    private final String title;

    private final Cluster cluster;
    private final Cluster.Followed objects;
    private final Dashboard dashboard;
    private final AtomicBoolean hasChanged = new AtomicBoolean(true);
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "dashboard-data");
        thread.setDaemon(true);
        return thread;
    });

    private final CompletableFuture<Void> broken = new CompletableFuture<>();

    /** Of the worker alone. */
    private Instant made = Instant.EPOCH;

    private boolean wasFollowing = true;

    /**
     * Reads the objects, and begins to serve.
     *
     * @param kubeconfig the cluster's
     * @param port 0: any free one
     */
    public static LiveDashboard open(Path kubeconfig, String title, int port) {
        return open(Cluster.open(kubeconfig, null), List.of(), title, port);
    }

    /**
     * @param cluster closed with the dashboard, or if it can't begin
     * @param namespaces empty for all
     */
    static LiveDashboard open(Cluster cluster, Collection<String> namespaces, String title, int port) {
        Dashboard dashboard = null;
        try {
            dashboard = new Dashboard(port);
            return new LiveDashboard(cluster, namespaces, title, dashboard);
        } catch (IOException e) {
            cluster.close();
            throw new CommandFailure("can't serve on port " + port + " of loopback: " + e.getMessage()
                    + "; name another --port, or none");
        } catch (RuntimeException e) {
            close(dashboard);
            cluster.close();
            throw e;
        }
    }

    private static void close(@Nullable Dashboard dashboard) {
        if (dashboard != null) {
            dashboard.close();
        }
    }

    private LiveDashboard(Cluster cluster, Collection<String> namespaces, String title, Dashboard dashboard) {
        this.title = title;
        this.cluster = cluster;
        this.dashboard = dashboard;
        this.objects = cluster.follow(namespaces, () -> hasChanged.set(true));
        make();
        var unused =
                worker.scheduleWithFixedDelay(this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Where it is; who has this URL sees all of it. */
    public String url() {
        return dashboard.url();
    }

    /** Waits until it can't go on, which is thrown. */
    void await() throws InterruptedException {
        try {
            broken.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void look() {
        try {
            make();
        } catch (RuntimeException | Error e) {
            broken.completeExceptionally(e); // else nobody would hear of it, and the pages would stay as they are
            throw e;
        }
    }

    private void make() {
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var isFollowing = objects.isFollowing();
        if (hasChanged.getAndSet(false) || isFollowing != wasFollowing || now.isAfter(made.plus(ANYWAY))) {
            var builder = new SiteDataBuilder(now).cluster();
            objects.shares().forEach(builder::share);
            objects.acceptances().forEach(builder::acceptance);
            objects.sets().forEach(builder::projectSet);
            objects.imageShareSets().forEach(builder::imageShareSet);
            objects.notifiers().forEach(builder::notifier);
            if (!isFollowing) {
                builder.note("The API server doesn't answer: what is shown is as it was when it last did.");
            }
            dashboard.show(new InternalSite(builder.build(), title, true).files());
            made = now;
            wasFollowing = isFollowing;
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        objects.close();
        dashboard.close();
        cluster.close();
    }
}
