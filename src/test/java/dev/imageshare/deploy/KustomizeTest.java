package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/gitops/kustomize}: what it says of our kinds is what their CRDs say, and the real kustomize goes by it. */
class KustomizeTest {

    private static final Path SHIPPED = Path.of("deploy/gitops/kustomize");
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    private Path folder;

    private static List<JsonNode> crds() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("crds"))) {
            var all = new ArrayList<JsonNode>();
            for (var file :
                    files.filter(f -> f.toString().endsWith("-v1.yml")).sorted().toList()) {
                all.add(YAML.readTree(file.toFile()));
            }
            return all;
        }
    }

    private static JsonNode spec(JsonNode crd) {
        return crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties");
    }

    @Test
    void eachKindThatNamesASecretIsFollowed() throws IOException {
        var expected = new ArrayList<String>();
        for (var crd : crds()) {
            var kind = crd.at("/spec/names/kind").asText();
            references("spec", spec(crd)).forEach(path -> expected.add(kind + " " + path + "/secretName"));
        }

        var told = new ArrayList<String>();
        YAML.readTree(SHIPPED.resolve("name-reference.yaml").toFile())
                .at("/nameReference/0/fieldSpecs")
                .forEach(field -> told.add(
                        field.get("kind").asText() + " " + field.get("path").asText()));

        assertThat(told).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** Where properties, or items of lists among them, name credentials. */
    private static List<String> references(String path, JsonNode properties) {
        var found = new ArrayList<String>();
        properties.properties().forEach(property -> {
            var name = path + "/" + property.getKey();
            if (property.getKey().equals("cloudCredentialsRef")) {
                found.add(name);
            } else {
                found.addAll(references(name, property.getValue().path("properties")));
                found.addAll(references(name, property.getValue().at("/items/properties")));
            }
        });
        return found;
    }

    @Test
    void eachListWithAKeyIsMergedByIt() throws IOException {
        var expected = new TreeMap<String, String>();
        for (var crd : crds()) {
            spec(crd).properties().forEach(field -> {
                var keys = field.getValue().path("x-kubernetes-list-map-keys");
                if (!keys.isEmpty()) {
                    expected.put(
                            crd.at("/spec/names/kind").asText() + " " + field.getKey(),
                            keys.get(0).asText());
                }
            });
        }

        var told = new TreeMap<String, String>();
        new ObjectMapper()
                .readTree(SHIPPED.resolve("openapi.json").toFile())
                .get("definitions")
                .forEach(kind -> kind.at("/properties/spec/properties")
                        .properties()
                        .forEach(field -> told.put(
                                kind.at("/x-kubernetes-group-version-kind/0/kind")
                                                .asText() + " " + field.getKey(),
                                field.getValue()
                                        .get("x-kubernetes-patch-merge-key")
                                        .asText())));

        assertThat(told).isEqualTo(expected);
    }

    @Test
    void theRealKustomizeFollowsASecretsNameAndMergesMembers() throws Exception {
        for (var file : List.of("kustomization.yaml", "name-reference.yaml", "openapi.json")) {
            write("shipped/" + file, Files.readString(SHIPPED.resolve(file)));
        }
        write("base/clouds.yaml", "clouds: {}\n");
        write("base/share.yaml", """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: ubuntu}
                spec:
                  cloudCredentialsRef: {secretName: producer-clouds, cloudName: producer}
                  image: {filter: {name: ubuntu}}
                  members: [{projectID: aaaa}, {projectID: bbbb}]
                """);
        write("base/kustomization.yaml", """
                resources: [share.yaml]
                secretGenerator: [{name: producer-clouds, files: [clouds.yaml]}]
                components: [../shipped]
                """);
        write("overlay/openapi.json", Files.readString(SHIPPED.resolve("openapi.json")));
        write("overlay/kustomization.yaml", """
                resources: [../base]
                openapi: {path: openapi.json}
                patches:
                  - patch: |
                      apiVersion: imageshare.dev/v1alpha1
                      kind: ImageShare
                      metadata: {name: ubuntu}
                      spec:
                        members: [{projectID: cccc}, {projectID: bbbb, $patch: delete}]
                """);

        var objects = kustomize(folder.resolve("overlay"));

        var secret = objects.get("Secret").at("/metadata/name").asText();
        assertThat(secret).startsWith("producer-clouds-");
        assertThat(objects.get("ImageShare")
                        .at("/spec/cloudCredentialsRef/secretName")
                        .asText())
                .isEqualTo(secret);
        assertThat(objects.get("ImageShare").get("spec").findValuesAsText("projectID"))
                .containsExactlyInAnyOrder("aaaa", "cccc");
    }

    private void write(String file, String text) throws IOException {
        var path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    /** By kind. */
    private Map<String, JsonNode> kustomize(Path directory) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("kubectl", "kustomize", directory.toString())
                    .redirectError(folder.resolve("errors").toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "no kubectl in PATH");
            throw e;
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("errors")))
                .isZero();
        var objects = new TreeMap<String, JsonNode>();
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(output)) {
            documents.forEachRemaining(object -> objects.put(object.get("kind").asText(), object));
        }
        return objects;
    }
}
