package dev.imageshare.operator;

import dev.imageshare.cli.Commands;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "imageshare-operator",
        description = {
            "Keeps the members of OpenStack images as ImageShare objects declare them, and a project's answers to images"
                    + " that are shared with it as ImageAcceptance objects do. Without a command it runs the operator; the"
                    + " commands need no operator and no cluster.",
            "",
            "Finds the API server as kubectl does (KUBECONFIG, ~/.kube/config), or as a pod does. Clouds are"
                    + " reached through the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Ends with 0 when asked to end"
                    + " by a signal and all work in flight has ended, with 1 when it can't start or another replica took"
                    + " the lead, with 2 on a bad option.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = OperatorMain.Version.class,
        commandListHeading = "%nCommands (COMMAND --help tells more):%n",
        synopsisSubcommandLabel = "[COMMAND]",
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 2)
public final class OperatorMain implements Callable<Integer> {

    @Mixin
    private OperatorOptions options = new OperatorOptions();

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] args) {
        System.exit(args.length == 0 ? startAsDeployed() : commandLine().execute(args));
    }

    /**
     * A pod's start, which gives no arguments. To ask picocli takes a quarter of it, so that is asked only if something is
     * wrong, and says what.
     */
    private static int startAsDeployed() {
        Preparation.ofTls();
        var settings = settingsAsDeployed();
        if (settings.isEmpty()) {
            return commandLine().execute();
        }
        try {
            return run(settings.get());
        } catch (Exception e) {
            System.err.println(failed(e));
            return 1;
        }
    }

    private static Optional<Settings> settingsAsDeployed() {
        var options = new OperatorOptions();
        if (!EnvironmentOptions.fill(options, System.getenv())) {
            return Optional.empty();
        }
        options.configureLog();
        try {
            return Optional.of(options.settings());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static CommandLine commandLine() {
        var line = new CommandLine(new OperatorMain());
        Commands.addTo(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, failed, result) -> {
                    failed.getErr().println(failed(failure));
                    return 1;
                });
    }

    private static String failed(Exception failure) {
        return "imageshare-operator: " + describe(failure);
    }

    private static String describe(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        var message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return root == failure || message.contains(String.valueOf(root.getMessage()))
                ? message
                : message + ": " + root.getMessage();
    }

    @Override
    public Integer call() throws InterruptedException {
        options.configureLog();
        return run(settings());
    }

    Settings settings() {
        try {
            return options.settings();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
        }
    }

    private static int run(Settings settings) throws InterruptedException {
        var serialization = ApiSerialization.create();
        Preparation.ofJson(serialization);
        try (var client = ApiClient.create(new ConfigBuilder().build(), serialization)) {
            var end = new CountDownLatch(1);
            var lost = new CountDownLatch(1);
            var stopped = new CountDownLatch(1);
            var operator = new ImageShareOperator(client, settings, () -> {
                lost.countDown();
                end.countDown();
            });
            var status = new AtomicInteger(1);
            var isEnding = new AtomicBoolean();
            // The SDK installs no hook of its own with leader election.
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                if (isEnding.get()) {
                                    return; // by System.exit, not by a signal
                                }
                                end.countDown();
                                awaitQuietly(stopped);
                                // A JVM that was asked to end by SIGTERM exits with 143, which reads as a failure.
                                // To end when asked to, with nothing half-made, is none.
                                Runtime.getRuntime().halt(status.get());
                            },
                            "shutdown"));
            try {
                requireApiServer(client);
                operator.start();
                end.await();
                status.set(lost.getCount() == 0 ? 1 : 0);
            } finally {
                operator.close();
                isEnding.set(end.getCount() > 0 || lost.getCount() == 0);
                stopped.countDown();
            }
            return status.get();
        }
    }

    /** Else the first to notice is an informer, which tells it by a stack trace. */
    private static void requireApiServer(KubernetesClient client) {
        try {
            client.getKubernetesVersion();
        } catch (KubernetesClientException e) {
            throw new IllegalStateException("Can't reach the API server " + client.getMasterUrl(), e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = OperatorMain.class.getPackage().getImplementationVersion();
            return new String[] {"imageshare-operator " + (version == null ? "(not packaged)" : version)};
        }
    }
}
