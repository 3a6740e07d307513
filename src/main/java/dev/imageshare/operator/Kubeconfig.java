package dev.imageshare.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.Utils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where the API server is, and with which credentials to call it: as kubectl would, or as a pod. */
final class Kubeconfig {

    private static final Path POD_TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private Kubeconfig() {}

    /**
     * Reads it.
     *
     * @throws StartException if a file that is named can't be read, or there is no API server in the configuration
     */
    static Config read() {
        return read(Utils.getSystemPropertyOrEnvVar(Config.KUBERNETES_KUBECONFIG_FILE), POD_TOKEN);
    }

    /**
     * @param named the value of {@code KUBECONFIG}: files, separated as in a PATH
     * @param podToken the file that shows that this is a pod
     */
    static Config read(@Nullable String named, Path podToken) {
        if (named != null && !named.isBlank()) {
            requireFiles(named);
        }
        Config config;
        try {
            config = new ConfigBuilder().build();
        } catch (RuntimeException e) {
            // Its message may quote the file, which holds secrets.
            throw new StartException(
                    "The kubeconfig " + files() + " can't be parsed. Check it with: kubectl config view", e);
        }
        if (config.getMasterUrl().startsWith(Config.DEFAULT_MASTER_URL) && !Files.exists(podToken)) {
            throw new StartException(
                    "No API server is configured: " + files() + " names none, and this isn't a pod. Set KUBECONFIG to"
                            + " a kubeconfig with a current context, and check it with: kubectl cluster-info");
        }
        return config;
    }

    /** Like kubectl, it accepts that some of several files are missing, but not all. */
    private static void requireFiles(String named) {
        var missing = new ArrayList<String>();
        for (var file : named.split(Pattern.quote(File.pathSeparator), -1)) {
            if (file.isBlank()) {
                continue;
            }
            var path = Path.of(file);
            if (Files.isRegularFile(path) && Files.isReadable(path)) {
                return;
            }
            missing.add(file
                    + (Files.isDirectory(path)
                            ? " is a directory"
                            : Files.exists(path) ? " can't be read" : " doesn't exist"));
        }
        throw new StartException("KUBECONFIG: " + String.join(", ", missing)
                + ". Set it to a kubeconfig file, or unset it to use ~/.kube/config or a pod's service account");
    }

    private static String files() {
        return String.join(", ", List.copyOf(Config.getKubeconfigFilenames()));
    }
}
