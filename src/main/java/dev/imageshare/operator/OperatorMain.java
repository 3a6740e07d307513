package dev.imageshare.operator;

import dev.imageshare.cli.Commands;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.reconcile.WithoutMessages;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
        name = "imageshare-operator",
        description = {
            "Keeps the members of OpenStack images as ImageShare objects declare them, and a project's answers to"
                    + " shared images as ImageAcceptance objects declare them. Without a command it runs the"
                    + " operator. The commands need no running operator and no cluster.",
            "",
            "Finds the API server as kubectl does (KUBECONFIG, ~/.kube/config), or as a pod does. Clouds are reached"
                    + " through the proxies in HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Exits with 0 when stopped by a"
                    + " signal after all work in flight has finished, with 1 when it can't start, another replica"
                    + " became the leader, or the CRD of an optional kind was installed or removed, and with 2 on a"
                    + " bad option.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = OperatorMain.Version.class,
        commandListHeading = "%nCommands (see COMMAND --help):%n",
        synopsisSubcommandLabel = "[COMMAND]",
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 2)
public final class OperatorMain implements Callable<Integer> {

    private static final Pattern OPTION = Pattern.compile("'?(--[a-z-]+)'?");

    @Mixin
    private OperatorOptions options = new OperatorOptions();

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] args) {
        System.exit(args.length == 0 ? startAsDeployed() : commandLine().execute(args));
    }

    /**
     * A pod's start, which has no arguments. Using picocli takes a quarter of it, so it is only used if something is
     * wrong, to report what.
     */
    private static int startAsDeployed() {
        Preparation.ofTls();
        var settings = settingsAsDeployed();
        if (settings.isEmpty()) {
            return commandLine().execute();
        }
        return run(settings.get());
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
                .setParameterExceptionHandler(
                        (failure, args) -> args.length == 0 ? refuseVariable(failure) : refuseOption(failure));
    }

    /** A user who typed the command reads it on a terminal. */
    private static int refuseOption(ParameterException failure) {
        failure.getCommandLine()
                .getErr()
                .println("imageshare-operator: " + described(failure) + "; see --help for the options");
        return 2;
    }

    /** In a pod it is read where the log is. */
    private static int refuseVariable(ParameterException failure) {
        OperatorOptions.configureLog(System.getenv());
        var message = OPTION.matcher(described(failure))
                .replaceFirst(option -> option.group() + " (" + OperatorOptions.variable(option.group(1)) + ")");
        LoggerFactory.getLogger(OperatorMain.class).error("Can't start: {}", message);
        return 2;
    }

    /** With a suggestion if the option is unknown. */
    private static String described(ParameterException failure) {
        var suggestions = failure instanceof UnmatchedArgumentException unknown ? unknown.getSuggestions() : List.of();
        return failure.getMessage() + (suggestions.isEmpty() ? "" : "; did you mean " + suggestions.get(0) + "?");
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
    public Integer call() {
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

    /** Logs why it can't run, as the last line, in the log's format. */
    private static int run(Settings settings) {
        var log = LoggerFactory.getLogger(OperatorMain.class);
        OperatorOptions.unknownVariables(System.getenv().keySet())
                .forEach(name -> log.warn("{} has no effect: no option uses this variable; --help lists them", name));
        try {
            return work(settings, log);
        } catch (StartException e) {
            log.error("Can't start: {}", e.getMessage());
        } catch (Exception e) {
            log.error("Can't start: {}", describe(e));
            log.debug("It failed with", WithoutMessages.of(e));
        }
        return 1;
    }

    private static int work(Settings settings, Logger log) throws InterruptedException {
        var serialization = ApiSerialization.create();
        Preparation.ofJson(serialization);
        var config = Kubeconfig.read();
        log.atInfo()
                .addKeyValue("version", version())
                .addKeyValue("apiServer", config.getMasterUrl())
                .log("Starting");
        var apiClock = new ServerClock(System::nanoTime);
        try (var client = ApiClient.create(config, serialization, apiClock)) {
            var end = new CountDownLatch(1);
            var lost = new CountDownLatch(1);
            var stopped = new CountDownLatch(1);
            var operator = new ImageShareOperator(client, settings, Clock.systemUTC(), apiClock, () -> {
                lost.countDown();
                end.countDown();
            });
            var status = new AtomicInteger(1);
            var isEnding = new AtomicBoolean();
            // With leader election the SDK installs no shutdown hook of its own.
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                if (isEnding.get()) {
                                    return; // by System.exit, not by a signal
                                }
                                end.countDown();
                                awaitQuietly(stopped);
                                // A JVM that is stopped by SIGTERM exits with 143, which looks like a failure. Stopping
                                // as requested, without leaving anything half done, isn't one.
                                Runtime.getRuntime().halt(status.get());
                            },
                            "shutdown"));
            try {
                var check = new StartCheck(client, settings);
                start(operator, check.run(), client);
                // Nothing waits for the responses.
                var rights = new Thread(check::warnOfRights, "rights");
                rights.setDaemon(true);
                rights.start();
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

    private static void start(ImageShareOperator operator, Set<OptionalKind> kinds, KubernetesClient client) {
        try {
            operator.start(kinds);
        } catch (RuntimeException e) {
            // What the check found a moment ago may be gone.
            for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
                if (each instanceof KubernetesClientException refused) {
                    throw StartCheck.explained(refused, client.getMasterUrl().toString());
                }
            }
            throw e;
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String version() {
        var version = OperatorMain.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"imageshare-operator " + version()};
        }
    }
}
