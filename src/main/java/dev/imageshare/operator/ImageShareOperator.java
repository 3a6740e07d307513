package dev.imageshare.operator;

import dev.imageshare.acceptance.ImageAcceptanceReconciler;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.MemberCalls;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.AggregatedMetrics;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator as one object: wires everything, starts it, and stops it without leaving anything half done. */
public final class ImageShareOperator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ImageShareOperator.class);

    private static final Duration WATCH_PERIOD = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Settings settings;
    private final Clouds clouds;
    private final CredentialSecrets secrets;
    private final OrcObjects orc;
    private final ImageShareReconciler shares;
    private final ImageAcceptanceReconciler acceptances;
    private final Wiring wiring;
    private final List<OptionalController<?>> optional = new CopyOnWriteArrayList<>();
    private final Operator operator;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExecutorService calls = Executors.newCachedThreadPool(daemon("member-call"));
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(daemon("watchdog"));
    private final ScheduledExecutorService orcTimer = Executors.newSingleThreadScheduledExecutor(daemon("orc"));
    private final AtomicBoolean leading = new AtomicBoolean();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicInteger unhealthyLooks = new AtomicInteger();
    private final Runnable mustEnd;
    private final Optional<LeaseProof> proof;
    private final Repeated watching = new Repeated(
            "watchdog",
            System::nanoTime,
            this::watchShares,
            this::watchAcceptances,
            this::watchOptional,
            this::watchSecrets,
            this::watchHealth,
            this::watchKinds);
    private final ScheduledExecutorService prover = Executors.newSingleThreadScheduledExecutor(daemon("lease"));
    private @Nullable ManagementServer management;
    private volatile @Nullable ServedKinds servedKinds;

    /** An operator that merely stops working when it loses its leadership. */
    public ImageShareOperator(KubernetesClient client, Settings settings) {
        this(client, settings, Clock.systemUTC(), new ServerClock(System::nanoTime), () -> {});
    }

    /**
     * @param client the API server; closed by the caller
     * @param clock this process's
     * @param apiClock the API server's clock, from its responses
     * @param mustEnd called when the process should exit: another replica may take over, and nothing is written from
     *     then on, or the API server serves other optional kinds than at startup
     */
    public ImageShareOperator(
            KubernetesClient client, Settings settings, Clock clock, ServerClock apiClock, Runnable mustEnd) {
        this.client = client;
        this.settings = settings;
        this.mustEnd = mustEnd;
        registry.config().meterFilter(new FewBuckets());
        var reachable = settings.clouds().withHosts(settings.clouds().hosts().exceptApiServer(apiServer(client)));
        clouds = new Clouds(reachable, System::nanoTime, new RequestMetrics(registry));
        secrets = new CredentialSecrets(client, settings.namespaces(), settings.secretFinalizers());
        secrets.onGone(clouds::forget);
        var access = new CloudAccess(clouds, secrets, settings.sameClouds());
        var events = new EventRecorder(client, clock);
        var backoff = new Backoff(new Random());
        orc = new OrcObjects(client, settings.namespaces(), orcTimer, backoff);
        var lead = new Leadership(this::leads, this::provesLead);
        var turns = new FairScheduler(
                settings.threadsPerNamespace(), settings.threadsPerKeystone(), settings.threadsPerCloud());
        var parallel = new ParallelCalls(calls, settings.shares().parallelism());
        var time = new ClockCheck(clock, apiClock);
        shares = new ImageShareReconciler(
                client,
                access,
                orc,
                events,
                new MemberCalls(parallel, ImageShareOperator::pause),
                settings.shares(),
                turns,
                lead,
                clock,
                time,
                backoff);
        acceptances = new ImageAcceptanceReconciler(client, access, events, parallel, turns, lead, clock, backoff);
        wiring = new Wiring(
                client,
                access,
                events,
                parallel,
                turns,
                lead,
                clock,
                time,
                backoff,
                shares,
                settings,
                reachable,
                new AtomicReference<>(),
                started::get);
        proof = settings.leaderElection().map(e -> new LeaseProof(client, e, RENEW_DEADLINE, clock, System::nanoTime));
        registry.getPrometheusRegistry()
                .register(new ObjectMetrics(shares, acceptances, optional, events, turns, this::leads, clock));
        var metrics = new AggregatedMetrics(List.of(
                MicrometerMetrics.withoutPerResourceMetrics(registry), new ForgottenObjects(this::forgottenIn)));
        var election = settings.leaderElection().map(this::election);
        // This SDK version runs the lambda twice, so nothing in it may have an effect.
        operator = new Operator(o -> configure(o, client, metrics, election));
        operator.register(shares, configuration -> {
            ImageShareReconciler.configure(configuration);
            inNamespaces(configuration);
        });
        operator.register(acceptances, configuration -> {
            ImageAcceptanceReconciler.configure(configuration);
            inNamespaces(configuration);
        });
    }

    private <R extends HasMetadata> void register(OptionalController<R> controller) {
        optional.add(controller);
        operator.register(controller.reconciler(), configuration -> {
            controller.configure().accept(configuration);
            inNamespaces(configuration);
        });
    }

    /** Whom to notify of an object that the SDK has dropped, by the controller's name. */
    private @Nullable Consumer<ResourceID> forgottenIn(String controller) {
        return switch (controller) {
            case ImageShareReconciler.NAME -> shares::forgotten;
            case ImageAcceptanceReconciler.NAME -> acceptances::forgotten;
            default ->
                optional.stream()
                        .filter(each -> each.name().equals(controller))
                        .findFirst()
                        .<Consumer<ResourceID>>map(OptionalController::forgotten)
                        .orElse(null);
        };
    }

    /** As the client reaches it, and as it is advertised to every pod. */
    private static Set<String> apiServer(KubernetesClient client) {
        var hosts = new HashSet<String>();
        hosts.add(client.getMasterUrl().getHost());
        hosts.add(System.getenv().getOrDefault("KUBERNETES_SERVICE_HOST", ""));
        hosts.remove("");
        return hosts;
    }

    private void inNamespaces(ControllerConfigurationOverrider<?> configuration) {
        configuration.withInformerListLimit(CredentialSecrets.LIST_LIMIT);
        if (settings.namespaces().isEmpty()) {
            configuration.watchingAllNamespaces();
        } else {
            configuration.settingNamespaces(settings.namespaces());
        }
    }

    private void configure(
            ConfigurationServiceOverrider o,
            KubernetesClient client,
            Metrics metrics,
            Optional<LeaderElectionConfiguration> election) {
        o.withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withConcurrentReconciliationThreads(settings.threads())
                .withMetrics(metrics)
                .withResourceCloner(new ObjectCloner(client.getKubernetesSerialization()))
                // The finalizer by JSON patch: it needs no field ownership, and every API server supports it.
                .withUseSSAToPatchPrimaryResource(false)
                // The default of zero would interrupt passes in flight.
                .withReconciliationTerminationTimeout(settings.shutdownGrace());
        election.ifPresent(o::withLeaderElectionConfiguration);
    }

    private LeaderElectionConfiguration election(Settings.LeaderElection election) {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(election.name())
                .withLeaseNamespace(election.namespace())
                .withIdentity(election.identity())
                .withLeaseDuration(Duration.ofSeconds(15))
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(Duration.ofSeconds(2))
                // The SDK's own exit would deadlock with a shutdown hook that stops the operator; we exit the process.
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(this::startLeading, this::stopLeading, this::seeLeader))
                .build();
    }

    /**
     * @param leader its name; none when the Lease was released
     */
    private void seeLeader(@Nullable String leader) {
        if (leader == null || leader.isEmpty()) {
            proof.ifPresent(LeaseProof::givenBack);
        } else {
            LOG.atInfo().addKeyValue("leader", leader).log("A leader was elected");
        }
    }

    private void startLeading() {
        proof.ifPresent(LeaseProof::look);
        leading.set(true);
        LOG.info("Leading");
    }

    private boolean leads() {
        return leading.get() && provesLead();
    }

    private boolean provesLead() {
        return proof.map(LeaseProof::holds).orElse(true);
    }

    private void stopLeading() {
        leading.set(false);
        if (!stopping.get()) {
            LOG.error("No longer leading: nothing is written from now on");
            mustEnd.run();
        }
    }

    /** Starts without any optional kind; returns when the initial lists are read. Throws whatever prevents that. */
    public void start() {
        start(Set.of());
    }

    /** Starts with these optional kinds, which the API server serves. */
    public void start(Set<OptionalKind> kinds) {
        kinds.forEach(kind -> register(kind.controller(wiring)));
        servedKinds = new ServedKinds(client, kinds, mustEnd);
        if (settings.managementPort() >= 0) {
            try {
                management = new ManagementServer(
                        settings.managementAddress(), settings.managementPort(), registry, this::live, this::ready);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "Can't serve probes and metrics on " + settings.managementAddress() + ":"
                                + settings.managementPort() + ": " + e.getMessage(),
                        e);
            }
        }
        secrets.start();
        if (settings.leaderElection().isEmpty()) {
            leading.set(true);
        }
        // Even before it leads: it must know until when another may.
        proof.ifPresent(p -> {
            var unused = prover.scheduleWithFixedDelay(
                    new Repeated("lease", System::nanoTime, p::look), 0, 1, TimeUnit.SECONDS);
        });
        operator.start();
        started.set(true);
        var unused = watchdog.scheduleWithFixedDelay(
                watching, WATCH_PERIOD.toSeconds(), WATCH_PERIOD.toSeconds(), TimeUnit.SECONDS);
        LOG.atInfo()
                .addKeyValue("namespaces", settings.namespaces().isEmpty() ? "all" : settings.namespaces())
                .addKeyValue("port", managementPort())
                .log("Started");
    }

    /** The port of probes and metrics, -1 if they aren't served. */
    public int managementPort() {
        return management == null ? -1 : management.port();
    }

    /** Finishes what is in flight: no new removal begins, calls in progress finish, then the rest is stopped. */
    @Override
    public void close() {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        var wasStarted = started.getAndSet(false);
        if (wasStarted) {
            LOG.atInfo()
                    .addKeyValue("graceSeconds", settings.shutdownGrace().toSeconds())
                    .log("Stopping: work in progress may finish");
        }
        leading.set(false);
        watchdog.shutdownNow();
        var begun = System.nanoTime();
        operator.stop();
        prover.shutdownNow();
        var allEnded = System.nanoTime() - begun < settings.shutdownGrace().toNanos();
        if (allEnded) {
            settings.leaderElection().ifPresent(this::release);
        }
        secrets.close();
        optional.forEach(controller -> controller.close().run());
        orcTimer.shutdownNow();
        orc.close();
        calls.shutdown();
        clouds.close();
        if (management != null) {
            management.close();
        }
        registry.close();
        if (!allEnded) {
            LOG.atWarn()
                    .addKeyValue("graceSeconds", settings.shutdownGrace().toSeconds())
                    .log("Stopped before all work was finished: the next start finishes it. Raise --shutdown-grace,"
                            + " and the pod's terminationGracePeriodSeconds with it");
        } else if (wasStarted) {
            LOG.info("Stopped: all work is finished");
        }
    }

    /**
     * Releases the Lease if it is ours, so that another replica doesn't have to wait until it expires: the SDK doesn't.
     * Only after the last write; if passes didn't finish in time, the Lease's expiry is the safe moment.
     */
    private void release(Settings.LeaderElection election) {
        try {
            var leases = client.leases().inNamespace(election.namespace());
            var lease = leases.withName(election.name()).get();
            if (lease != null && election.identity().equals(lease.getSpec().getHolderIdentity())) {
                // The patch includes the version that was read: if another replica took the Lease meanwhile, it is
                // rejected.
                leases.resource(new LeaseBuilder(lease)
                                .editSpec()
                                .withHolderIdentity("")
                                .withLeaseDurationSeconds(1)
                                .endSpec()
                                .build())
                        .update();
            }
        } catch (KubernetesClientException e) {
            LOG.debug("The Lease was not released, and expires by itself: {}", e.getMessage());
        }
    }

    private void watchShares() {
        shares.watch(PATIENCE);
    }

    private void watchAcceptances() {
        acceptances.watch(PATIENCE);
    }

    private void watchOptional() {
        optional.forEach(controller -> controller.watch().accept(PATIENCE));
    }

    private void watchSecrets() {
        if (leads()) {
            secrets.sweep(this::isNamed, shares::needs);
        }
    }

    private boolean isNamed(CredentialSecrets.SecretKey key) {
        return shares.names(key)
                || acceptances.names(key)
                || optional.stream().anyMatch(controller -> controller.names().test(key));
    }

    private void watchKinds() {
        var served = servedKinds;
        if (served != null && !stopping.get()) {
            served.look();
        }
    }

    private void watchHealth() {
        var healthy = operator.getRuntimeInfo().allEventSourcesAreHealthy() && secrets.isWatching();
        unhealthyLooks.set(healthy ? 0 : unhealthyLooks.get() + 1);
    }

    /**
     * A watch that is being reconnected counts as unhealthy for a moment, so only minutes of it count here. A watchdog
     * that hangs doesn't find overdue objects any more.
     */
    private boolean live() {
        return unhealthyLooks.get() < PATIENCE.dividedBy(WATCH_PERIOD)
                && (!started.get() || watching.age().compareTo(PATIENCE) < 0);
    }

    private boolean ready() {
        return started.get();
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadFactory daemon(String name) {
        var count = new AtomicInteger();
        return task -> {
            var thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
