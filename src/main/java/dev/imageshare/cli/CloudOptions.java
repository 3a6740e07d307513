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

/** Options of every command that can ask a cloud. */
final class CloudOptions {

    @Option(
            names = "--clouds",
            paramLabel = "FILE",
            description = "The clouds.yaml; else, as OpenStack's tools find it: OS_CLIENT_CONFIG_FILE, ./clouds.yaml,"
                    + " ~/.config/openstack, /etc/openstack; with the secure.yaml that is there.")
    private @Nullable String clouds;

    @Option(
            names = "--requests-per-endpoint",
            paramLabel = "N",
            defaultValue = "8",
            description = "Requests in flight to one OpenStack endpoint (default ${DEFAULT-VALUE}).")
    private int requestsPerEndpoint;

    @Option(
            names = "--request-timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description = "How long one OpenStack request may take (default ${DEFAULT-VALUE}).")
    private Duration requestTimeout = Duration.ofSeconds(30);

    /** Asked for before anything is parsed, since logging begins with the first class that logs: {@link Commands}. */
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-v", "--verbose"},
            description = "Tell each request to OpenStack on the standard error.")
    private boolean verbose;

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /** Clients for the entries of one clouds.yaml. */
    static final class Access implements AutoCloseable {
        /** One person's clouds are counted as one namespace's. */
        private static final String NAMESPACE = "command-line";

        private final CloudFiles files;
        private final Clouds sessions;

        private Access(CloudFiles files, Clouds sessions) {
            this.files = files;
            this.sessions = sessions;
        }

        /** A new pass over a cloud; logs in when first needed, once for all. */
        ImageClient client(String cloudName) {
            return sessions.cloud(NAMESPACE, "", cloudName, files.config(cloudName))
                    .newPass();
        }

        /** Keystone's projects, as a cloud's credentials see them. */
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

    /** The entry to use where none is named, as OpenStack's tools choose it; empty if it can't be told. */
    Optional<String> defaultCloud() {
        try {
            return CloudFiles.find(clouds, CloudFiles.Places.ofThisProcess()).defaultName();
        } catch (OpenStackException e) {
            return Optional.empty(); // no file, so none can be meant
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
