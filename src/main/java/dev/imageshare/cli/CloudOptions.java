package dev.imageshare.cli;

import dev.imageshare.openstack.CloudFiles;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.openstack.Proxies;
import dev.imageshare.openstack.Purpose;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that can call a cloud. */
final class CloudOptions {

    @Option(
            names = "--clouds",
            paramLabel = "FILE",
            description = "The clouds.yaml. Default: found as by OpenStack's tools, in OS_CLIENT_CONFIG_FILE,"
                    + " ./clouds.yaml, ~/.config/openstack or /etc/openstack, with the secure.yaml there.")
    private @Nullable String clouds;

    @Option(
            names = "--requests-per-endpoint",
            paramLabel = "N",
            defaultValue = "8",
            description = "Concurrent requests to one OpenStack endpoint (default ${DEFAULT-VALUE}).")
    private int requestsPerEndpoint;

    @Option(
            names = "--request-timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description = "How long one OpenStack request may take (default ${DEFAULT-VALUE}).")
    private Duration requestTimeout = Duration.ofSeconds(30);

    /** Read before anything is parsed, since logging begins with the first class that logs: {@link Commands}. */
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-v", "--verbose"},
            description = "Log each request to OpenStack to standard error.")
    private boolean verbose;

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /** Clients for the entries of one clouds.yaml. */
    static final class Access implements AutoCloseable {
        /** A user's own clouds are counted as one namespace's. */
        private static final String NAMESPACE = "command-line";

        private final CloudFiles files;
        private final Clouds sessions;

        private Access(CloudFiles files, Clouds sessions) {
            this.files = files;
            this.sessions = sessions;
        }

        /** A new pass over a cloud; logs in on first use, once for all. */
        ImageClient client(String cloudName) {
            return sessions.cloud(NAMESPACE, "", cloudName, files.config(cloudName))
                    .newPass();
        }

        /** Keystone's projects, as seen with a cloud's credentials. */
        ProjectDirectory directory(String cloudName) {
            return sessions.cloud(NAMESPACE, "", cloudName, files.config(cloudName, Purpose.PROJECTS))
                    .newDirectory();
        }

        @Override
        public void close() {
            sessions.close();
        }
    }

    Access open() {
        if (requestsPerEndpoint < 1 || requestTimeout.isZero()) {
            throw new CommandFailure("--requests-per-endpoint and --request-timeout must be more than 0");
        }
        return new Access(
                CloudFiles.find(clouds, CloudFiles.Places.ofThisProcess()),
                new Clouds(CloudSettings.defaults()
                        .withCallTimeout(requestTimeout)
                        .withMaxInFlightPerEndpoint(requestsPerEndpoint)
                        .withProxies(proxies())));
    }

    /** The entry to use if none is named, chosen like OpenStack's tools do; empty if there is no unique one. */
    Optional<String> defaultCloud() {
        try {
            return CloudFiles.find(clouds, CloudFiles.Places.ofThisProcess()).defaultName();
        } catch (OpenStackException e) {
            return Optional.empty(); // there is no file, so no entry can be meant
        }
    }

    private static Proxies proxies() {
        try {
            return Proxies.of(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(Objects.requireNonNull(e.getMessage()));
        }
    }
}
