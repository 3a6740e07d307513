package dev.imageshare.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects that the API server serves other optional kinds than when this process started. Each check is one small
 * request, and two checks in a row must agree: an API server that has just started may not know all its CRDs yet.
 */
final class ServedKinds {

    static final String GROUP = "imageshare.dev";
    private static final String VERSION = "v1alpha1";
    private static final Logger LOG = LoggerFactory.getLogger(ServedKinds.class);

    private final KubernetesClient client;
    private final Set<OptionalKind> atStart;
    private final Runnable changed;
    private Set<OptionalKind> last;

    /**
     * @param changed called each time that two checks in a row found other kinds than these
     */
    ServedKinds(KubernetesClient client, Set<OptionalKind> atStart, Runnable changed) {
        this.client = client;
        this.atStart = Set.copyOf(atStart);
        this.changed = changed;
        this.last = this.atStart;
    }

    /**
     * The plural names of our kinds that the API server serves; none if it doesn't know the group.
     *
     * @throws KubernetesClientException if it doesn't return them
     */
    static Set<String> plurals(KubernetesClient client) {
        var served = client.getApiResources(GROUP + "/" + VERSION);
        return served == null
                ? Set.of()
                : served.getResources().stream()
                        .map(resource -> resource.getName())
                        .collect(Collectors.toSet());
    }

    void look() {
        var now = lookNow();
        if (now == null) {
            return;
        }
        if (!now.equals(atStart) && now.equals(last)) {
            LOG.warn(
                    "The API server serves other optional kinds than at startup ({} instead of {}): the process exits"
                            + " so that it restarts with them",
                    named(now),
                    named(atStart));
            changed.run();
        }
        last = now;
    }

    private @Nullable Set<OptionalKind> lookNow() {
        try {
            return OptionalKind.among(plurals(client));
        } catch (KubernetesClientException e) {
            LOG.debug("The API server doesn't return the kinds that it serves: {}", e.getMessage());
            return null;
        }
    }

    private static String named(Set<OptionalKind> kinds) {
        return kinds.isEmpty()
                ? "none"
                : kinds.stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
    }
}
