package dev.imageshare.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks, before anything else, that the API server provides everything that the operator needs. Otherwise an informer
 * would be the first to notice, and would report it with a stack trace and without a remedy.
 */
final class StartCheck {

    private static final Logger LOG = LoggerFactory.getLogger(StartCheck.class);

    private static final String REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private static final String GROUP = ServedKinds.GROUP;
    private static final String SHARES = "imageshares";
    private static final String ACCEPTANCES = "imageacceptances";

    /**
     * @param resource with its subresource, if it is one, such as {@code imageshares/status}
     */
    record Right(String verb, String resource, String group) {
        String fullResource() {
            return resource + (group.isEmpty() ? "" : "." + group);
        }
    }

    private final KubernetesClient client;
    private final Settings settings;

    /** Those that are served; none before {@link #run}. */
    private volatile Set<OptionalKind> kinds = Set.of();

    StartCheck(KubernetesClient client, Settings settings) {
        this.client = client;
        this.settings = settings;
    }

    /**
     * Checks that the API server has what the operator needs.
     *
     * @return the optional kinds that the API server serves
     * @throws StartException if something required is missing
     */
    Set<OptionalKind> run() {
        kinds = OptionalKind.among(requireCrds());
        for (var kind : kinds) {
            var missing = missing(kind.toStart(settings.namespaces().isEmpty()), settings.namespaces());
            if (!missing.isEmpty()) {
                throw new StartException(rights(missing, kind));
            }
        }
        var missing = missing(TO_START, settings.namespaces());
        settings.leaderElection().ifPresent(e -> missing.addAll(missing(TO_LEAD, Set.of(e.namespace()))));
        if (!missing.isEmpty()) {
            throw new StartException(rights(missing));
        }
        return kinds;
    }

    /** Warns of missing permissions that are needed later: meanwhile the operator does what it may. */
    void warnOfRights() {
        var toWork = new ArrayList<>(TO_WORK);
        if (settings.secretFinalizers()) {
            toWork.add(TO_KEEP_SECRETS);
        }
        var missing = missing(toWork, settings.namespaces());
        if (!missing.isEmpty()) {
            LOG.warn(rights(missing));
        }
        for (var kind : kinds) {
            var ofKind = missing(kind.toWork(), settings.namespaces());
            if (!ofKind.isEmpty()) {
                LOG.warn(rights(ofKind, kind));
            }
        }
    }

    /** The names of our kinds that are served. */
    private Set<String> requireCrds() {
        Set<String> served;
        try {
            served = ServedKinds.plurals(client);
        } catch (KubernetesClientException e) {
            throw explained(e, client.getMasterUrl().toString());
        }
        var missing = new TreeSet<>(Set.of(SHARES, ACCEPTANCES));
        missing.removeAll(served);
        if (!missing.isEmpty()) {
            throw new StartException(missing.stream()
                            .map(plural -> plural + "." + GROUP)
                            .collect(Collectors.joining(", ", "CRDs are missing: ", ""))
                    + ". Install them with: kubectl apply -k crds (Helm: crds.install=true)");
        }
        return served;
    }

    // ------------------------------------------------------------ rights

    /** What it lists at startup and watches from then on. */
    static final List<Right> TO_START = List.of(
            new Right("list", SHARES, GROUP),
            new Right("watch", SHARES, GROUP),
            new Right("list", ACCEPTANCES, GROUP),
            new Right("watch", ACCEPTANCES, GROUP),
            new Right("list", "secrets", ""),
            new Right("watch", "secrets", ""));

    static final List<Right> TO_WORK = List.of(
            new Right("get", SHARES, GROUP),
            new Right("patch", SHARES, GROUP),
            new Right("patch", SHARES + "/status", GROUP),
            new Right("patch", ACCEPTANCES + "/status", GROUP),
            new Right("get", "secrets", ""),
            new Right("create", "events", ""),
            new Right("patch", "events", ""));

    static final Right TO_KEEP_SECRETS = new Right("patch", "secrets", "");

    static final List<Right> TO_LEAD = List.of(
            new Right("get", "leases", "coordination.k8s.io"),
            new Right("create", "leases", "coordination.k8s.io"),
            new Right("update", "leases", "coordination.k8s.io"),
            new Right("patch", "leases", "coordination.k8s.io"));

    private static String rights(List<String> missing) {
        return "The operator's account lacks permissions: " + String.join("; ", missing)
                + ". Grant them with: kubectl apply -k deploy/base (or helm upgrade)";
    }

    private static String rights(List<String> missing, OptionalKind kind) {
        return "The API server serves " + kind + ", but the operator's account lacks permissions for it: "
                + String.join("; ", missing) + ". Grant them with the component " + kind.component()
                + " (Helm: see the chart's values), or remove the CRD if nobody uses it";
    }

    /**
     * @param namespaces empty: in all of them
     * @return such as {@code list, watch secrets in team-a}
     */
    private List<String> missing(List<Right> rights, Set<String> namespaces) {
        var missing = new ArrayList<String>();
        for (var namespace : namespaces.isEmpty() ? Set.of("") : new TreeSet<>(namespaces)) {
            var verbs = new LinkedHashMap<String, List<String>>();
            for (var right : rights) {
                if (isDenied(right, namespace)) {
                    verbs.computeIfAbsent(right.fullResource(), r -> new ArrayList<>())
                            .add(right.verb());
                }
            }
            verbs.forEach((resource, denied) -> missing.add(
                    String.join(", ", denied) + " " + resource + (namespace.isEmpty() ? "" : " in " + namespace)));
        }
        return missing;
    }

    /** False also if the API server doesn't return it: it then rejects the call itself if it is missing. */
    private boolean isDenied(Right right, String namespace) {
        var resource = right.resource().split("/", 2);
        var attributes = Map.of(
                "verb",
                right.verb(),
                "group",
                right.group(),
                "resource",
                resource[0],
                "subresource",
                resource.length > 1 ? resource[1] : "",
                "namespace",
                namespace);
        var review = Map.of(
                "apiVersion",
                "authorization.k8s.io/v1",
                "kind",
                "SelfSubjectAccessReview",
                "spec",
                Map.of("resourceAttributes", attributes));
        try {
            var answer = client.getKubernetesSerialization().unmarshal(client.raw(REVIEWS, "POST", review), Map.class);
            return answer.get("status") instanceof Map<?, ?> status && Boolean.FALSE.equals(status.get("allowed"));
        } catch (KubernetesClientException e) {
            LOG.debug("The API server doesn't say whether the permission to {} is granted: {}", right, e.getMessage());
            return false;
        }
    }

    // ---------------------------------------------------------- failures

    /** The meaning of a failed call to the API server at startup. */
    static StartException explained(KubernetesClientException failure, String url) {
        return new StartException(sentence(failure, url), failure);
    }

    private static String sentence(KubernetesClientException failure, String url) {
        var server = "the API server " + url;
        if (failure.getCode() <= 0) {
            return unreachable(failure, server);
        }
        return switch (failure.getCode()) {
            case 401 ->
                "The credentials for " + server + " were refused (401). Check them with: kubectl get --raw /version;"
                        + " renew the kubeconfig's token or certificate, or in a cluster:"
                        + " kubectl -n imageshare-system rollout restart deployment/imageshare-operator";
            case 403 ->
                "A call to " + server + " is forbidden: " + messageOf(failure)
                        + ". Grant the operator's permissions with: kubectl apply -k deploy/base (or helm upgrade)";
            default ->
                "Can't use " + server + ", which answered " + failure.getCode() + ": " + messageOf(failure)
                        + ". Check it with: kubectl get --raw /version";
        };
    }

    private static String unreachable(KubernetesClientException failure, String server) {
        var ssl = find(failure, SSLException.class);
        return ssl == null
                ? "Can't reach " + server + " (" + rootOf(failure)
                        + "). Check the address and the network with: kubectl get --raw /version"
                : "The certificate of " + server + " isn't trusted (" + rootOf(ssl)
                        + "). Correct certificate-authority-data in the kubeconfig; check it with: kubectl get --raw /version";
    }

    private static String messageOf(KubernetesClientException failure) {
        var status = failure.getStatus();
        return status == null || status.getMessage() == null ? "no message" : status.getMessage();
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }

    private static String rootOf(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
