package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.cli.RequestsCommand.AskedSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code approve} and {@code deny} have in common: which request, and how the team is told. */
final class DecisionWriter {

    private static final int MAX_NAME = 253;
    private static final int MAX_MESSAGE = 1_024;

    @Parameters(paramLabel = "NAMESPACE/NAME", description = "The request, as 'imageshare requests' shows it.")
    private String request = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The namespace of the ProjectSet (default: the kubeconfig's).")
    private @Nullable String namespace;

    @Option(
            names = "--message",
            paramLabel = "TEXT",
            description = "What the team is told, in the status of its request.")
    private @Nullable String message;

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    /** The request's namespace and name. */
    private String[] address() {
        var parts = request.split("/", -1);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new CommandFailure(
                    request + " is not a request: use NAMESPACE/NAME, as 'imageshare requests' shows it");
        }
        if (message != null && (message.isEmpty() || message.length() > MAX_MESSAGE)) {
            throw new CommandFailure("--message must have 1 to 1,024 characters");
        }
        return parts;
    }

    Cluster open() {
        return clusterOptions.open();
    }

    String namespace(Cluster cluster) {
        return namespace == null ? cluster.namespace() : namespace;
    }

    /** The request, if it waits for a decision about a ProjectSet of the namespace. */
    Optional<AskedSet> find(Cluster cluster) {
        var address = address();
        return cluster.projectSets(Set.of(namespace(cluster))).stream()
                .flatMap(RequestsCommand::waiting)
                .filter(asked -> asked.request().namespace().equals(address[0])
                        && asked.request().name().equals(address[1]))
                .findFirst();
    }

    /**
     * Creates the decision.
     *
     * @param uid the request's; null for whatever request has its name
     * @param project null for a denial of whatever project
     * @return its name
     */
    String write(
            Cluster cluster,
            String set,
            @Nullable String uid,
            @Nullable String project,
            DecisionType type,
            @Nullable String expiresAt) {
        var address = address();
        var object = new ImageAccessDecision();
        object.getMetadata().setNamespace(namespace(cluster));
        object.getMetadata().setName(name(address, uid, type));
        object.setSpec(new ImageAccessDecisionSpec(
                new RequestReference(address[0], address[1], uid),
                new LocalSetReference(set),
                project,
                type,
                expiresAt,
                message));
        cluster.create(object);
        return object.getMetadata().getName();
    }

    /** One name for each request and kind of decision, so that nobody decides twice unknowingly. */
    private static String name(String[] address, @Nullable String uid, DecisionType type) {
        var end = "."
                + (uid == null
                        ? "any"
                        : uid.substring(0, Math.min(8, uid.length())).toLowerCase(Locale.ROOT)) + "."
                + type.name().toLowerCase(Locale.ROOT);
        var begin = address[0] + "." + address[1];
        return begin.substring(0, Math.min(begin.length(), MAX_NAME - end.length()))
                        .replaceFirst("[-.]+$", "")
                + end;
    }

    String request() {
        return request;
    }
}
