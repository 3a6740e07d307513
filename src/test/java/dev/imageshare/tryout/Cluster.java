package dev.imageshare.tryout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Does what the commands shown would do, with the same requests, on a machine that may have no kubectl. */
final class Cluster {

    static final String NAMESPACE = "golden-images";
    static final String CONSUMER = "consumer-a";

    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);

    private final String url;
    private final KubernetesClient client;
    private final HttpClient http = HttpClient.newHttpClient();

    Cluster(String url, KubernetesClient client) {
        this.url = url;
        this.client = client;
    }

    /** {@code kubectl apply -f}; a later one of the reader's own finds nothing changed. */
    void apply(Path file) {
        try (var parser = YAML.getFactory().createParser(file.toFile())) {
            for (var document : YAML.readValues(parser, ObjectNode.class).readAll()) {
                apply(document);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void apply(ObjectNode document) throws IOException {
        document.withObject("/metadata").putObject("annotations");
        var applied = JSON.writeValueAsString(JSON.treeToValue(document, TreeMap.class)) + "\n";
        document.withObject("/metadata/annotations").put(LAST_APPLIED, applied);
        var resource = client.resource(document.toString());
        if (resource.get() == null) {
            resource.create();
        } else {
            resource.patch(PatchContext.of(PatchType.JSON_MERGE), document.toString());
        }
    }

    /** {@code kubectl annotate --overwrite}. */
    void annotate(String name, String annotation, String value) {
        var patch = JSON.createObjectNode();
        patch.putObject("metadata").putObject("annotations").put(annotation, value);
        share(name).patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }

    /** The object, or null. */
    ImageShare get(String name) {
        return share(name).get();
    }

    /** What {@code kubectl get ims -n golden-images} prints: the server's own table. */
    List<String> table() {
        return table(NAMESPACE, "imageshares");
    }

    /** What {@code kubectl get ima -n consumer-a} prints. */
    List<String> acceptances() {
        return table(CONSUMER, "imageacceptances");
    }

    /** What {@code kubectl get pset -n golden-images} prints. */
    List<String> sets() {
        return table(NAMESPACE, "projectsets");
    }

    private List<String> table(String namespace, String plural) {
        try {
            var uri = URI.create(url + "/apis/imageshare.dev/v1alpha1/namespaces/" + namespace + "/" + plural);
            var request = HttpRequest.newBuilder(uri).header("Accept", TABLE).build();
            return lines(JSON.readTree(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** The consumer's object, or null. */
    ImageAcceptance acceptance(String name) {
        return client.resources(ImageAcceptance.class)
                .inNamespace(CONSUMER)
                .withName(name)
                .get();
    }

    private Resource<ImageShare> share(String name) {
        return client.resources(ImageShare.class).inNamespace(NAMESPACE).withName(name);
    }

    private static List<String> lines(JsonNode table) {
        var columns = table.path("columnDefinitions");
        var rows = new ArrayList<List<String>>();
        var heads = new ArrayList<String>();
        columns.forEach(column -> heads.add(column.path("name").asText().toUpperCase(java.util.Locale.ROOT)));
        rows.add(heads);
        table.path("rows").forEach(row -> {
            var cells = new ArrayList<String>();
            row.path("cells").forEach(cell -> cells.add(cell.isNull() ? "" : cell.asText()));
            rows.add(cells);
        });
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                if (columns.get(i).path("priority").asInt() == 0) {
                    int column = i;
                    int width = rows.stream()
                            .mapToInt(r -> r.get(column).length())
                            .max()
                            .orElse(0);
                    line.append(("%-" + (width + 3) + "s").formatted(row.get(i)));
                }
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
