package dev.imageshare.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the Helm chart has of files outside it, since Helm reads none there: the CRDs, the rules of the roles, the alert
 * rules and the dashboard; and its README, which is made of the schema of its values.
 *
 * <p>{@code mvn -q test-compile exec:java@chart} brings them up to date; a test fails until they are committed.
 */
public final class ChartFiles {

    static final Path CHART = Path.of("deploy/helm/imageshare-operator");
    static final Path BASE = Path.of("deploy/base");
    static final Path REPLICAS = Path.of("deploy/components/replicas");
    static final Path COMPONENTS = Path.of("deploy/components");
    static final Path MONITORING = Path.of("deploy/monitoring");
    static final Path CRDS = Path.of("crds");

    /** The components of optional kinds, by the name of the chart's value that turns each on. */
    static final Map<String, String> OPTIONAL_KINDS = Map.of(
            "projectSets", "project-sets",
            "imageNotifiers", "image-notifiers",
            "imageShareSets", "image-share-sets",
            "accessRequests", "access-requests");

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChartFiles() {}

    public static void main(String[] args) throws IOException {
        for (var file : written()) {
            Files.delete(file);
        }
        for (var file : contents().entrySet()) {
            Files.createDirectories(file.getKey().getParent());
            Files.writeString(file.getKey(), file.getValue());
        }
    }

    /** The files that are there now. */
    static List<Path> written() throws IOException {
        try (var files = Files.walk(CHART.resolve("files"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Each file's content as it must be. */
    static Map<Path, String> contents() throws IOException {
        var all = new TreeMap<Path, String>();
        var files = CHART.resolve("files");
        crds(CRDS, files.resolve("crds"), all);
        for (var kind : OPTIONAL_KINDS.entrySet()) {
            crds(CRDS.resolve(kind.getValue()), files.resolve("optional-crds").resolve(kind.getKey()), all);
        }
        all.put(files.resolve("rules.yaml"), rules());
        for (var name : new String[] {"alerts.yaml", "dashboard.json"}) {
            all.put(files.resolve(name), Files.readString(MONITORING.resolve(name)));
        }
        all.put(CHART.resolve("README.md"), readme());
        return all;
    }

    private static void crds(Path from, Path to, Map<Path, String> all) throws IOException {
        try (var crds = Files.newDirectoryStream(from, "*-v1.yml")) {
            for (var crd : crds) {
                var name = crd.getFileName().toString().replace("-v1.yml", ".yaml");
                all.put(to.resolve(name), Files.readString(crd));
            }
        }
    }

    private static String rules() throws IOException {
        var rules = YAML.createObjectNode();
        rules.set("operator", rulesOf(BASE.resolve("cluster-role.yaml")));
        rules.set("orc", rulesOf(BASE.resolve("cluster-role-orc.yaml")));
        rules.set("leases", rulesOf(REPLICAS.resolve("role.yaml")));
        for (var kind : new TreeMap<>(OPTIONAL_KINDS).entrySet()) {
            rules.set(kind.getKey(), rulesOf(COMPONENTS.resolve(kind.getValue()).resolve("cluster-role.yaml")));
        }
        return "# Written by exec:java@chart from deploy/base and deploy/components.\n"
                + YAML.writeValueAsString(rules);
    }

    private static ArrayNode rulesOf(Path file) throws IOException {
        try (var parser = YAML.getFactory().createParser(file.toFile())) {
            return (ArrayNode) YAML.readTree(parser).get("rules");
        }
    }

    private static String readme() throws IOException {
        var schema = JSON.readTree(CHART.resolve("values.schema.json").toFile());
        var values = YAML.readTree(CHART.resolve("values.yaml").toFile());
        var table = new StringBuilder();
        rows(table, "", schema, values);
        return """
                # Helm chart of the image-share operator

                ```sh
                helm upgrade --install imageshare-operator deploy/helm/imageshare-operator \\
                  --namespace imageshare-system --create-namespace --set image.repository=REGISTRY/imageshare-operator
                ```

                For upgrades and for uninstalling without revoking access see [deploy/docs/install.md](../../docs/install.md). Install
                one release per namespace, since replicas share one Lease there.

                | value | default | what it does |
                |---|---|---|
                """ + table + """

                This page is generated by `mvn -q test-compile exec:java@chart` from `values.schema.json` and `values.yaml`.
                """;
    }

    private static void rows(StringBuilder table, String prefix, JsonNode schema, JsonNode values) throws IOException {
        for (var property : schema.get("properties").properties()) {
            var name = prefix + property.getKey();
            var value = values.path(property.getKey());
            if (property.getKey().equals("global")) {
                continue;
            }
            if (property.getValue().has("description")) {
                table.append("| `")
                        .append(name)
                        .append("` | ")
                        .append(value.isMissingNode() ? "" : "`" + JSON.writeValueAsString(value) + "`")
                        .append(" | ")
                        .append(property.getValue().get("description").asText())
                        .append(" |\n");
            }
            if (property.getValue().has("properties")) {
                rows(table, name + ".", property.getValue(), value);
            }
        }
    }
}
