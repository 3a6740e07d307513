package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.imageshare.embedded.CrdValidator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart's files and values; what Helm makes of them is seen by {@link ChartRealIT}. */
class ChartTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path VALUES = ChartFiles.CHART.resolve("values.yaml");
    private static final Path SCHEMA = ChartFiles.CHART.resolve("values.schema.json");

    @Test
    void whatIsMadeOfOtherFilesIsUpToDate() throws IOException {
        var contents = ChartFiles.contents();
        contents.forEach((file, content) -> assertThat(file)
                .as("mvn -q test-compile exec:java@chart")
                .exists()
                .hasContent(content));
        assertThat(contents.keySet()).containsAll(ChartFiles.written());
    }

    @Test
    void theChartIsOfThisVersion() throws IOException {
        var version = Pattern.compile("<artifactId>imageshare-operator</artifactId>\\s*<version>(.*)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        var chart = YAML.readTree(ChartFiles.CHART.resolve("Chart.yaml").toFile());
        assertThat(chart.get("appVersion").asText()).isEqualTo(version.group(1));
        assertThat(version.group(1)).startsWith(chart.get("version").asText());
    }

    private static JsonNode hub(String annotation) throws IOException {
        var chart = YAML.readTree(ChartFiles.CHART.resolve("Chart.yaml").toFile());
        return YAML.readTree(
                chart.at("/annotations").path("artifacthub.io/" + annotation).asText());
    }

    @Test
    void artifactHubShowsWhatTheChangelogSaysOfThisVersion() throws IOException {
        var chart = YAML.readTree(ChartFiles.CHART.resolve("Chart.yaml").toFile());
        var part = Pattern.compile("(?ms)^## "
                        + Pattern.quote(chart.get("version").asText()) + " - \\d{4}-\\d\\d-\\d\\d$(.*?)(^## |\\z)")
                .matcher(Files.readString(Path.of("CHANGELOG.md")));
        assertThat(part.find()).as("a part of this version").isTrue();
        var logged = new ArrayList<String>();
        var kind = "";
        for (var line : part.group(1).lines().toList()) {
            if (line.startsWith("### ")) {
                kind = line.substring(4).toLowerCase(Locale.ROOT);
            } else if (line.startsWith("- ")) {
                logged.add(kind + ": " + line.substring(2));
            } else {
                assertThat(line).as("each change is one line").isBlank();
            }
        }
        var shown = new ArrayList<String>();
        for (var change : hub("changes")) {
            shown.add(change.get("kind").asText() + ": "
                    + change.get("description").asText());
        }
        assertThat(shown).isNotEmpty().isEqualTo(logged);
        assertThat(shown)
                .allSatisfy(
                        change -> assertThat(change).matches("(added|changed|deprecated|removed|fixed|security): .*"));
    }

    @Test
    void artifactHubShowsTheCrdsAndExamplesThatTheyTake() throws IOException {
        var crds = CrdValidator.loadAll(ChartFiles.CRDS);
        var shown = new ArrayList<String>();
        hub("crds")
                .forEach(crd -> shown.add(
                        crd.get("kind").asText() + " " + crd.get("name").asText()));
        assertThat(shown)
                .containsExactlyInAnyOrder(
                        "ImageShare imageshares.imageshare.dev", "ImageAcceptance imageacceptances.imageshare.dev");
        var kinds = new ArrayList<String>();
        for (var example : hub("crdsExamples")) {
            for (var crd : crds) {
                if (example.get("kind").asText().equals(crd.kind())) {
                    var object = (ObjectNode) example;
                    assertThat(crd.prune(object)).isEmpty();
                    crd.applyDefaults(object);
                    assertThat(crd.validate(object, null)).isEmpty();
                    kinds.add(crd.kind());
                }
            }
        }
        assertThat(kinds).containsExactlyInAnyOrder("ImageShare", "ImageAcceptance");
    }

    @Test
    void theDefaultsAreWhatTheSchemaTakes() throws IOException {
        assertThat(errors(Files.readString(VALUES))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replica: 2",
                "replicas: 0",
                "watchNamespaces: [Team-A]",
                "watchNamespaces: team-a",
                "settings: {thread: 3}",
                "settings: {requestTimeout: soon}",
                "settings: {logLevel: LOUD}",
                "image: {digest: 'sha256:12'}",
                "extraCA: {configMap: a, secret: b}",
                "proxy: {httpsProxy: 'proxy:3128'}",
                "networkPolicy: {egressPorts: [70000]}",
            })
    void whatIsWrittenWrongIsRefused(String values) {
        assertThat(errors(values)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "watchNamespaces: [team-a, team-b]",
                "settings: {requestTimeout: 1m30s, massDeletionLimit: 0}",
                "extraCA: {configMap: a, secret: ''}",
                "proxy: {httpsProxy: 'http://proxy:3128'}",
            })
    void whatIsWrittenRightIsTaken(String values) {
        assertThat(errors(values)).isEmpty();
    }

    @Test
    void everyValueIsDescribedAndHasItsDefault() throws IOException {
        var described = new ArrayList<String>();
        var undescribed = new ArrayList<String>();
        walk("", YAML.readTree(SCHEMA.toFile()), described, undescribed);
        assertThat(undescribed).isEmpty();
        var set = new ArrayList<String>();
        for (var property : YAML.readTree(VALUES.toFile()).properties()) {
            leaves(property.getKey(), property.getValue(), described, set);
        }
        assertThat(described)
                .filteredOn(name -> !name.startsWith("settings") && !name.equals("global"))
                .containsExactlyInAnyOrderElementsOf(set.stream()
                        .filter(name -> !name.startsWith("settings"))
                        .toList());
    }

    @Test
    void theSettingsAreTheOperatorsOptions() throws Exception {
        var settings = new TreeSet<String>();
        YAML.readTree(SCHEMA.toFile())
                .at("/properties/settings/properties")
                .fieldNames()
                .forEachRemaining(name -> settings.add(
                        "IMAGESHARE_" + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT)));
        var options = DeployTest.variables();
        // what follows from other values, or from the pod
        options.removeAll(Set.of(
                "IMAGESHARE_NAMESPACES",
                "IMAGESHARE_SECRET_FINALIZERS",
                "IMAGESHARE_LEADER_ELECTION",
                "IMAGESHARE_LEADER_ELECTION_NAMESPACE",
                "IMAGESHARE_CA_FILE",
                "IMAGESHARE_HTTP_ADDRESS",
                "IMAGESHARE_HTTP_PORT"));
        assertThat(settings).isEqualTo(options);
        var used = Pattern.compile("IMAGESHARE_[A-Z_]*[A-Z]")
                .matcher(Files.readString(ChartFiles.CHART.resolve("templates/deployment.yaml")));
        while (used.find()) {
            assertThat(DeployTest.variables()).contains(used.group());
        }
    }

    private static List<String> errors(String values) {
        try {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(Files.readString(SCHEMA), InputFormat.JSON)
                    .validate(values, InputFormat.YAML)
                    .stream()
                    .map(Object::toString)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void walk(String prefix, JsonNode schema, List<String> described, List<String> undescribed) {
        for (var property : schema.get("properties").properties()) {
            var name = prefix + property.getKey();
            if (property.getValue().has("description")) {
                described.add(name);
            } else if (!property.getValue().has("properties")) {
                undescribed.add(name);
            }
            if (property.getValue().has("properties")) {
                assertThat(property.getValue().path("additionalProperties").asBoolean(true))
                        .as(name)
                        .isFalse();
                walk(name + ".", property.getValue(), described, undescribed);
            }
        }
    }

    private static void leaves(String name, JsonNode value, List<String> described, List<String> found) {
        if (value instanceof ObjectNode && !described.contains(name)) {
            value.properties().forEach(p -> leaves(name + "." + p.getKey(), p.getValue(), described, found));
        } else {
            found.add(name);
        }
    }
}
