package dev.imageshare.operator;

import dev.imageshare.cli.DurationConverter;
import dev.imageshare.notifier.NotifierSettings;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudHosts;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.Proxies;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.share.ShareSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The operator's settings by options and environment variables. Each option has a variable; the option takes
 * precedence.
 */
final class OperatorOptions {

    private static final String PREFIX = "IMAGESHARE_";
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(PREFIX + "\\w+_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_[A-Z]+(_\\w+)?)?)");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    @Option(
            names = "--namespaces",
            split = ",",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:IMAGESHARE_NAMESPACES}",
            description = "Namespaces to watch, separated by commas (default all). [IMAGESHARE_NAMESPACES]")
    private Set<String> namespaces = new LinkedHashSet<>();

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_THREADS:-20}",
            description = "Objects reconciled at once (default 20). [IMAGESHARE_THREADS]")
    private int threads;

    @Option(
            names = "--threads-per-cloud",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_THREADS_PER_CLOUD}",
            description = "How many of these may use one cloud (one auth_url, region and interface), half of them for"
                    + " objects in one namespace, so that a cloud that hangs leaves threads for others"
                    + " (default a quarter). All clouds with the same auth_url together get half of"
                    + " --threads, or this number if it is more. [IMAGESHARE_THREADS_PER_CLOUD]")
    private @Nullable Integer threadsPerCloud;

    @Option(
            names = "--threads-per-namespace",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_THREADS_PER_NAMESPACE}",
            description = "How many of these may be for objects in one namespace (default half)."
                    + " [IMAGESHARE_THREADS_PER_NAMESPACE]")
    private @Nullable Integer threadsPerNamespace;

    @Option(
            names = "--requests-per-endpoint",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_REQUESTS_PER_ENDPOINT:-8}",
            description =
                    "Concurrent requests to one OpenStack endpoint (default 8). [IMAGESHARE_REQUESTS_PER_ENDPOINT]")
    private int requestsPerEndpoint;

    @Option(
            names = "--request-timeout",
            paramLabel = "DURATION",
            defaultValue = "${env:IMAGESHARE_REQUEST_TIMEOUT:-30s}",
            converter = DurationConverter.class,
            description = "How long one OpenStack request may take (default 30s). [IMAGESHARE_REQUEST_TIMEOUT]")
    private Duration requestTimeout = Duration.ofSeconds(30);

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            defaultValue = "${env:IMAGESHARE_CA_FILE}",
            description =
                    "CA certificates (PEM) to trust in addition to Java's, for clouds whose Secret has no cacert. Read"
                            + " at startup. [IMAGESHARE_CA_FILE]")
    private @Nullable Path caFile;

    @Option(
            names = "--same-cloud",
            paramLabel = "URL,URL",
            defaultValue = "${env:IMAGESHARE_SAME_CLOUD}",
            description =
                    "Keystone URLs of one cloud, separated by commas. Repeat the option, or separate by a blank, for"
                            + " another cloud. By default, objects in different namespaces affect each other only if"
                            + " their auth_url has the same scheme, host and port. [IMAGESHARE_SAME_CLOUD]")
    private List<String> sameCloud = new ArrayList<>();

    @Option(
            names = "--cloud-hosts",
            split = ",",
            paramLabel = "HOST",
            defaultValue = "${env:IMAGESHARE_CLOUD_HOSTS}",
            description = "The only hosts to which a Secret's clouds may point, separated by commas: names, or"
                    + " *.example.org for all below it (default any). [IMAGESHARE_CLOUD_HOSTS]")
    private Set<String> cloudHosts = new LinkedHashSet<>();

    @Option(
            names = "--allow-local-clouds",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "${env:IMAGESHARE_ALLOW_LOCAL_CLOUDS:-false}",
            description =
                    "Whether a Secret's clouds may point to loopback, link-local, multicast and metadata addresses and"
                            + " to the API server; for labs (default false). [IMAGESHARE_ALLOW_LOCAL_CLOUDS]")
    private boolean allowLocalClouds;

    @Option(
            names = "--smtp-ports",
            split = ",",
            paramLabel = "PORT",
            defaultValue = "${env:IMAGESHARE_SMTP_PORTS}",
            description = "Allowed ports of ImageNotifiers' mail servers, separated by commas (default 25,465,587)."
                    + " [IMAGESHARE_SMTP_PORTS]")
    private Set<String> smtpPorts = new LinkedHashSet<>();

    @Option(
            names = "--notify-interval",
            paramLabel = "DURATION",
            defaultValue = "${env:IMAGESHARE_NOTIFY_INTERVAL:-10m}",
            converter = DurationConverter.class,
            description =
                    "An ImageNotifier sends a recipient at most one message in this time; what occurs meanwhile is"
                            + " sent as one digest (default 10m). [IMAGESHARE_NOTIFY_INTERVAL]")
    private Duration notifyInterval = Duration.ofMinutes(10);

    @Option(
            names = "--mass-deletion-limit",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_MASS_DELETION_LIMIT:-10}",
            description = "If more ImageShares than this are deleted at once in one namespace, they wait for approval"
                    + " (default 10). [IMAGESHARE_MASS_DELETION_LIMIT]")
    private int massDeletionLimit;

    @Option(
            names = "--mass-deletion-total",
            paramLabel = "N",
            defaultValue = "${env:IMAGESHARE_MASS_DELETION_TOTAL:-50}",
            description = "If more ImageShares than this are deleted at once in five or more namespaces, they wait for"
                    + " approval; a namespace counts for at most its own limit (default 50)."
                    + " [IMAGESHARE_MASS_DELETION_TOTAL]")
    private int massDeletionTotal;

    @Option(
            names = "--mass-deletion-settle",
            paramLabel = "DURATION",
            defaultValue = "${env:IMAGESHARE_MASS_DELETION_SETTLE:-5s}",
            converter = DurationConverter.class,
            description = "How long a deletion waits for others, if there are more ImageShares than one of these limits"
                    + " (default 5s). [IMAGESHARE_MASS_DELETION_SETTLE]")
    private Duration massDeletionSettle = Duration.ofSeconds(5);

    @Option(
            names = "--expiry-notice",
            paramLabel = "DURATION",
            defaultValue = "${env:IMAGESHARE_EXPIRY_NOTICE:-168h}",
            converter = DurationConverter.class,
            description = "How long before an access expires (expiresAt) an event on the ImageShare announces it; 0s:"
                    + " no event (default 168h). [IMAGESHARE_EXPIRY_NOTICE]")
    private Duration expiryNotice = Duration.ofDays(7);

    @Option(
            names = "--secret-finalizers",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "${env:IMAGESHARE_SECRET_FINALIZERS:-true}",
            description =
                    "Whether a finalizer keeps credentials Secrets until the members are revoked for which they are"
                            + " needed; needs permission to patch Secrets (default true)."
                            + " [IMAGESHARE_SECRET_FINALIZERS]")
    private boolean secretFinalizers;

    @Option(
            names = "--leader-election",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "${env:IMAGESHARE_LEADER_ELECTION:-false}",
            description = "Whether replicas elect a leader; required for more than one replica (default false)."
                    + " [IMAGESHARE_LEADER_ELECTION]")
    private boolean leaderElection;

    @Option(
            names = "--leader-election-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "${env:IMAGESHARE_LEADER_ELECTION_NAMESPACE}",
            description = "The namespace of the Lease (default: the pod's or kubeconfig's namespace)."
                    + " [IMAGESHARE_LEADER_ELECTION_NAMESPACE]")
    private @Nullable String leaderElectionNamespace;

    @Option(
            names = "--shutdown-grace",
            paramLabel = "DURATION",
            defaultValue = "${env:IMAGESHARE_SHUTDOWN_GRACE:-25s}",
            converter = DurationConverter.class,
            description =
                    "How long work in flight may take to finish on SIGTERM; less than the pod's grace period (default"
                            + " 25s). [IMAGESHARE_SHUTDOWN_GRACE]")
    private Duration shutdownGrace = Duration.ofSeconds(25);

    @Option(
            names = "--http-address",
            paramLabel = "ADDRESS",
            defaultValue = "${env:IMAGESHARE_HTTP_ADDRESS:-0.0.0.0}",
            description = "The address of /livez, /readyz and /metrics (default 0.0.0.0). [IMAGESHARE_HTTP_ADDRESS]")
    private String httpAddress = "0.0.0.0";

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "${env:IMAGESHARE_HTTP_PORT:-8080}",
            description = "The port of these; 0 for any, -1 for none (default 8080). [IMAGESHARE_HTTP_PORT]")
    private int httpPort;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "${env:IMAGESHARE_LOG_FORMAT:-text}",
            description = "The format of log lines (default text). [IMAGESHARE_LOG_FORMAT]")
    private LogFormat logFormat = LogFormat.text;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "${env:IMAGESHARE_LOG_LEVEL:-INFO}",
            description =
                    "The operator's own log level: ${COMPLETION-CANDIDATES} (default INFO). [IMAGESHARE_LOG_LEVEL]")
    private LogLevel logLevel = LogLevel.INFO;

    enum LogFormat {
        text,
        json
    }

    enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** The environment variable of an option, such as {@code --threads}. */
    static String variable(String option) {
        return PREFIX + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /**
     * Which of these names look like variables of an option, but aren't: typos. Kubernetes itself adds variables that
     * are named after Services, and the launcher of the commands uses one.
     */
    static List<String> unknownVariables(Set<String> names) {
        var known = Stream.of(OperatorOptions.class.getDeclaredFields())
                .map(field -> field.getAnnotation(Option.class))
                .filter(Objects::nonNull)
                .map(option -> variable(option.names()[0]))
                .collect(Collectors.toSet());
        return names.stream()
                .filter(name -> name.startsWith(PREFIX)
                        && !known.contains(name)
                        && !name.equals("IMAGESHARE_JAR")
                        && !OF_A_SERVICE.matcher(name).matches())
                .sorted()
                .toList();
    }

    /** Like {@link #configureLog()}, if the options can't be read. */
    static void configureLog(Map<String, String> environment) {
        var options = new OperatorOptions();
        if (LogFormat.json.name().equalsIgnoreCase(environment.get(variable("--log-format")))) {
            options.logFormat = LogFormat.json;
        }
        options.configureLog();
    }

    /** Sets how lines are logged, before anything is logged; read by {@link LogConfiguration}. */
    void configureLog() {
        System.setProperty("imageshare.log.format", logFormat.name());
        System.setProperty("imageshare.log.level", logLevel.name());
        QuietLibraries.install();
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is wrong; it names that option
     */
    Settings settings() {
        var watched = trimmed(namespaces);
        watched.forEach(name ->
                check(NAMESPACE.matcher(name).matches(), "--namespaces: '" + name + "' is not a valid namespace name"));
        check(threads >= 1, "--threads must be at least 1");
        var perCloud = part("--threads-per-cloud", threadsPerCloud, 4);
        var perNamespace = part("--threads-per-namespace", threadsPerNamespace, 2);
        check(requestsPerEndpoint >= 1, "--requests-per-endpoint must be at least 1");
        check(!requestTimeout.isZero(), "--request-timeout must be more than 0s");
        check(massDeletionLimit >= 0, "--mass-deletion-limit must be 0 or more");
        check(massDeletionTotal >= 0, "--mass-deletion-total must be 0 or more");
        check(!notifyInterval.isZero(), "--notify-interval must be more than 0s");
        check(!httpAddress.isBlank(), "--http-address must be an address, such as 0.0.0.0 or 127.0.0.1");
        check(httpPort >= -1 && httpPort <= 65_535, "--http-port must be a port, 0 or -1");
        check(
                leaderElectionNamespace == null
                        || leaderElectionNamespace.isBlank()
                        || NAMESPACE.matcher(leaderElectionNamespace).matches(),
                "--leader-election-namespace: '" + leaderElectionNamespace + "' is not a valid namespace name");
        return new Settings(
                watched,
                threads,
                perCloud,
                perNamespace,
                CloudSettings.defaults()
                        .withCallTimeout(requestTimeout)
                        .withMaxInFlightPerEndpoint(requestsPerEndpoint)
                        .withHosts(hosts())
                        .withAuthorities(authorities())
                        .withProxies(proxies()),
                new ShareSettings(
                        requestsPerEndpoint, massDeletionLimit, massDeletionTotal, massDeletionSettle, expiryNotice),
                new NotifierSettings(smtpPorts(), notifyInterval, expiryNotice),
                sameClouds(),
                secretFinalizers,
                leaderElection ? Optional.of(election()) : Optional.empty(),
                shutdownGrace,
                httpAddress,
                httpPort);
    }

    private Set<Integer> smtpPorts() {
        var ports = new LinkedHashSet<Integer>();
        for (var each : trimmed(smtpPorts)) {
            check(
                    each.matches("\\d{1,5}") && Integer.parseInt(each) >= 1 && Integer.parseInt(each) <= 65_535,
                    "--smtp-ports: '" + each + "' must be a port");
            ports.add(Integer.valueOf(each));
        }
        return ports.isEmpty() ? NotifierSettings.defaults().smtpPorts() : ports;
    }

    /** The API server's own hosts are known once there is a client for it: {@link ImageShareOperator}. */
    private CloudHosts hosts() {
        var hosts = new LinkedHashSet<String>();
        for (var each : trimmed(cloudHosts)) {
            var host = each.toLowerCase(Locale.ROOT);
            check(
                    CloudHosts.isPattern(host),
                    "--cloud-hosts: '" + each
                            + "' must be a host name or address without scheme or port, or *. and a domain name");
            hosts.add(host);
        }
        return new CloudHosts(hosts, allowLocalClouds, Set.of());
    }

    private List<X509Certificate> authorities() {
        if (caFile == null || caFile.toString().isBlank()) {
            return List.of();
        }
        var found = List.<X509Certificate>of();
        try {
            found = Certificates.parse(Files.readString(caFile));
        } catch (OpenStackException e) {
            check(false, "--ca-file " + caFile + ": " + e.getMessage());
        } catch (IOException e) {
            check(false, "--ca-file " + caFile + " can't be read as text");
        }
        check(!found.isEmpty(), "--ca-file " + caFile + " is empty");
        return found;
    }

    private SameClouds sameClouds() {
        try {
            return SameClouds.of(sameCloud.stream()
                    .flatMap(groups -> Stream.of(groups.strip().split("\\s+")))
                    .filter(group -> !group.isEmpty())
                    .map(group -> List.of(group.split(",")))
                    .toList());
        } catch (IllegalArgumentException e) {
            check(false, "--same-cloud " + e.getMessage());
            throw e;
        }
    }

    private Proxies proxies() {
        try {
            return Proxies.of(System.getenv());
        } catch (IllegalArgumentException e) {
            check(false, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private int part(String option, @Nullable Integer given, int divisor) {
        var part = given == null ? Math.max(1, threads / divisor) : given;
        check(part >= 1 && part <= threads, option + " must be at least 1, and not more than --threads");
        return part;
    }

    private Settings.LeaderElection election() {
        var namespace = leaderElectionNamespace;
        if (namespace == null || namespace.isBlank()) {
            try {
                namespace = Kubeconfig.read().getNamespace();
            } catch (StartException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
        check(namespace != null, "--leader-election-namespace must be set: no pod or kubeconfig provides it");
        return Settings.LeaderElection.ofThisProcess(String.valueOf(namespace), "imageshare-operator");
    }

    private static Set<String> trimmed(Set<String> names) {
        var all = new LinkedHashSet<String>();
        names.stream().map(String::trim).filter(n -> !n.isEmpty()).forEach(all::add);
        return Set.copyOf(all);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
