package dev.imageshare.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.embedded.EmbeddedKubernetes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One right of Kubernetes' RBAC.
 *
 * @param resource with its subresource, if it is one, such as {@code imageshares/status}
 */
public record Right(String group, String resource, String verb) implements Comparable<Right> {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern PATH = Pattern.compile("/api(?:s/(?<group>[^/]+))?/v[^/]+/(?:namespaces/[^/]+/)?"
            + "(?<resource>[^/]+)(?:/(?<name>[^/]+)(?:/(?<sub>[^/]+))?)?");

    /** All that the operator is ever granted: the base, with the component for replicas. */
    public static TreeSet<Right> granted() {
        var all = new TreeSet<Right>();
        for (var file : List.of(
                ChartFiles.BASE.resolve("cluster-role.yaml"),
                ChartFiles.BASE.resolve("cluster-role-orc.yaml"),
                ChartFiles.REPLICAS.resolve("role.yaml"))) {
            all.addAll(of(file));
        }
        return all;
    }

    /**
     * All that an optional kind's component grants.
     *
     * @param component its folder's name
     */
    public static TreeSet<Right> grantedBy(String component) {
        return new TreeSet<>(of(ChartFiles.COMPONENTS.resolve(component).resolve("cluster-role.yaml")));
    }

    private static List<Right> of(Path roleFile) {
        try (var parser = YAML.getFactory().createParser(roleFile.toFile())) {
            var rights = new ArrayList<Right>();
            for (var rule : YAML.<JsonNode>readTree(parser).get("rules")) {
                for (var group : rule.get("apiGroups")) {
                    for (var resource : rule.get("resources")) {
                        for (var verb : rule.get("verbs")) {
                            rights.add(new Right(group.asText(), resource.asText(), verb.asText()));
                        }
                    }
                }
            }
            return rights;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a request takes; nothing for those that every account may send: discovery, and questions about its own rights.
     *
     * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb">verbs</a>
     */
    public static Optional<Right> neededFor(EmbeddedKubernetes.Request request) {
        var path = PATH.matcher(request.path());
        if (!path.matches()) {
            return Optional.empty();
        }
        var group = path.group("group") == null ? "" : path.group("group");
        var isNamed = path.group("name") != null;
        var isWatch = String.valueOf(request.query()).contains("watch=true");
        var verb = switch (request.method()) {
            case "GET" -> isWatch ? "watch" : isNamed ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> isNamed ? "delete" : "deletecollection";
            default -> throw new IllegalArgumentException(request.toString());
        };
        var resource =
                path.group("sub") == null ? path.group("resource") : path.group("resource") + "/" + path.group("sub");
        return group.equals("authorization.k8s.io") ? Optional.empty() : Optional.of(new Right(group, resource, verb));
    }

    @Override
    public int compareTo(Right other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
    }
}
