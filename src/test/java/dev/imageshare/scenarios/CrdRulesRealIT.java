package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.embedded.CrdValidator;
import dev.imageshare.operator.OptionalKind;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The files of {@code CrdValidationTest} on a real API server that knows CEL, by dry run: each is taken, or refused with the errors
 * that its comment lines name. Where servers of today say the same in other words, {@link #gist} has the difference.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrdRulesRealIT {

    private static final Path OBJECTS = Path.of("src/test/resources/crds");
    private static final YAMLMapper YAML = new YAMLMapper();

    /** What a server says beside the error of the file, as a consequence of it. */
    private static final List<String> CONSEQUENCES = List.of(
            "some validation rules were not checked because the object was invalid; "
                    + "correct the existing errors to complete validation",
            "must validate at least one schema (anyOf)",
            "must be an object for an array of list-type map");

    /** Of a field that takes a number or a text, a server also says which of the two it has tried. */
    private static final List<String> TRIED = List.of("in body must be of type integer: ", "must be of type integer (");

    private final List<String> rules = CrdValidator.loadAll(Path.of("crds")).stream()
            .flatMap(crd -> crd.crd().findValues("x-kubernetes-validations").stream())
            .flatMap(list -> Stream.iterate(0, i -> i < list.size(), i -> i + 1).map(list::get))
            .map(rule -> rule.path("message").asText())
            .toList();
    private final String namespace = "rules-" + UUID.randomUUID().toString().substring(0, 8);
    private RealCluster cluster;

    @BeforeAll
    void start() {
        cluster = new RealCluster();
        assumeTrue(cluster.knowsRules(), "needs a KUBECONFIG of an API server that knows CEL rules: 1.25 or newer");
        EnumSet.allOf(OptionalKind.class).forEach(cluster::install);
        kubernetes()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    void stop() {
        EnumSet.allOf(OptionalKind.class).forEach(cluster::uninstall);
        cluster.close();
    }

    private KubernetesClient kubernetes() {
        return cluster.admin();
    }

    static Stream<Path> files() throws IOException {
        try (var files = Files.walk(OBJECTS)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void anObjectIsTakenOrRefusedAsItsFileSays(Path file) throws IOException {
        var expected = Files.readAllLines(file).stream()
                .takeWhile(line -> line.startsWith("# "))
                .map(line -> gist(line.substring(2)))
                .toList();
        var errors = errors(file);
        assertThat(errors.stream()
                        .map(this::gist)
                        .filter(error -> expected.contains(error) || !isConsequence(error))
                        .toList())
                .as("%s", errors)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private static boolean isConsequence(String error) {
        return CONSEQUENCES.stream().anyMatch(error::endsWith) || TRIED.stream().anyMatch(error::contains);
    }

    /**
     * An error without what differs between releases: since 1.33 a rule's message follows the value itself, or nothing where that is
     * an object, and before its type; keys that are there twice are shown as JSON, and were as Go prints them.
     */
    private String gist(String error) {
        for (var rule : rules) {
            if (error.endsWith(": " + rule)) {
                return error.replaceFirst("Invalid value: .*", "Invalid value: ") + rule;
            }
        }
        return error.replace("Duplicate value: map[string]interface {}{", "Duplicate value: {");
    }

    /** What the server has against the file's object, or against its taking the second one's place. */
    private List<String> errors(Path file) throws IOException {
        var documents = YAML.readerFor(ObjectNode.class)
                .<ObjectNode>readValues(file.toFile())
                .readAll();
        var object = documents.get(0);
        documents.forEach(each -> ((ObjectNode) each.get("metadata")).put("namespace", namespace));
        var plural = object.get("kind").asText().toLowerCase(Locale.ROOT) + "s";
        var all = "/apis/imageshare.dev/v1alpha1/namespaces/" + namespace + "/" + plural;
        var one = all + "/" + object.at("/metadata/name").asText();
        var dry = "?dryRun=All&fieldValidation=Strict";
        if (documents.size() == 1 && !object.has("status")) {
            return refused(all + dry, "POST", object);
        }
        // A status is only written to what is there.
        var before = documents.size() > 1 ? documents.get(1) : object.deepCopy().without(List.of("status"));
        var version = YAML.readTree(kubernetes().raw(all, "POST", before)).at("/metadata/resourceVersion");
        try {
            ((ObjectNode) object.get("metadata")).set("resourceVersion", version);
            return refused(one + (object.has("status") ? "/status" : "") + dry, "PUT", object);
        } finally {
            kubernetes().raw(one, "DELETE", null);
        }
    }

    private List<String> refused(String path, String method, JsonNode object) {
        try {
            kubernetes().raw(path, method, object);
            return List.of();
        } catch (KubernetesClientException e) {
            assertThat(e.getStatus()).as(e.getMessage()).isNotNull();
            var errors = new ArrayList<String>();
            var details = e.getStatus().getDetails();
            if (details != null) {
                details.getCauses().forEach(cause -> errors.add(cause.getField() + ": " + cause.getMessage()));
            }
            if (errors.isEmpty()) {
                errors.add(e.getStatus().getMessage().replaceFirst(".*strict decoding error: ", ""));
            }
            return errors;
        }
    }
}
