package dev.imageshare.tryout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** Does what the commands shown would do, with the same requests, on a machine that may have no kubectl. */
final class Cluster {

    static final String NAMESPACE = "golden-images";

    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String url;
    private final KubernetesClient client;
    private final HttpClient http = HttpClient.newHttpClient();

    Cluster(String url, KubernetesClient client) {
        this.url = url;
        this.client = client;
    }

    /** {@code kubectl apply -f}; a later one of the reader's own finds what it expects. */
    void apply(Path file) {
        try (var in = Files.newInputStream(file)) {
            for (var resource : client.load(in).resources().toList()) {
                apply(resource);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void apply(Resource<HasMetadata> resource) {
        var wanted = resource.item();
        var annotations = new HashMap<String, String>();
        annotations.put(LAST_APPLIED, Serialization.asJson(wanted) + "\n");
        wanted.getMetadata().setAnnotations(annotations);
        if (resource.get() == null) {
            resource.create();
        } else {
            resource.patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(wanted));
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
        try {
            var uri = URI.create(url + "/apis/imageshare.dev/v1alpha1/namespaces/" + NAMESPACE + "/imageshares");
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
