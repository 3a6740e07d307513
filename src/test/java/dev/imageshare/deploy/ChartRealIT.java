package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the real Helm makes of the chart. It needs no cluster; {@code InstallRealIT} installs it. */
class ChartRealIT {

    private static final String NAMESPACE = "imageshare-system";
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubeTool HELM = KubeTool.helm(null);

    /** With everything that can be switched on. */
    private static final String[] ALL = {
        "--set=replicas=2,networkPolicy.enabled=true,serviceMonitor.enabled=true,alerts.enabled=true,dashboard.enabled=true",
        "--set=extraCA.configMap=corporate,proxy.httpsProxy=http://proxy:3128,proxy.noProxy=.example.com",
        "--set=jvmOptions=-Xss512k,priorityClassName=high,settings.massDeletionLimit=3,settings.requestTimeout=1m",
        "--set=serviceMonitor.labels.release=prometheus,alerts.labels.release=prometheus",
        "--set-json=imagePullSecrets=[{\"name\":\"registry\"}]",
        "--set-json=tolerations=[{\"operator\":\"Exists\"}]",
        "--set-json=extraEnv=[{\"name\":\"A\",\"value\":\"b\"}]",
        "--set-json=networkPolicy.metricsFrom=[{\"namespaceSelector\":{}}]",
        "--set-json=networkPolicy.egressTo=[{\"ipBlock\":{\"cidr\":\"10.0.0.0/8\"}}]",
        "--set=nodeSelector.disk=ssd,podLabels.team=a",
    };

    private static final String[] NAMESPACED = {"--set=watchNamespaces={team-a,team-b}", "--set=secretFinalizers=false"
    };

    private static Map<String, JsonNode> template(String... arguments) {
        var command = new ArrayList<>(
                List.of("template", "imageshare-operator", ChartFiles.CHART.toString(), "--namespace", NAMESPACE));
        command.addAll(List.of(arguments));
        return objects(HELM.run(command.toArray(String[]::new)));
    }

    private static Map<String, JsonNode> objects(String yaml) {
        var all = new TreeMap<String, JsonNode>();
        try (var parser = YAML.getFactory().createParser(yaml)) {
            for (var object : YAML.readValues(parser, JsonNode.class).readAll()) {
                if (object.isObject()) {
                    var metadata = object.get("metadata");
                    var name = object.get("kind").asText() + " "
                            + metadata.path("namespace").asText("") + "/"
                            + metadata.get("name").asText();
                    assertThat(all.put(name, object)).as("%s twice", name).isNull();
                }
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Deployment deployment(Map<String, JsonNode> objects) {
        return Serialization.unmarshal(
                objects.get("Deployment " + NAMESPACE + "/imageshare-operator").toString(), Deployment.class);
    }

    private static PodSpec pod(Map<String, JsonNode> objects) {
        return deployment(objects).getSpec().getTemplate().getSpec();
    }

    private static List<EnvVar> environment(Map<String, JsonNode> objects) {
        return pod(objects).getContainers().get(0).getEnv();
    }

    // ------------------------------------------------------- one source

    @Test
    void byDefaultItIsTheKustomizeBase() {
        var base = objects(KubeTool.kubectl(null).run("kustomize", "deploy/base"));
        // Helm makes the namespace by --create-namespace
        assertThat(base.remove("Namespace /" + NAMESPACE)).isNotNull();
        var chart = template("--set=image.tag=latest");

        assertThat(withoutHelms(chart)).isEqualTo(withoutHelms(base));
    }

    @Test
    void withReplicasItIsTheBaseWithThatComponent() throws IOException {
        var folder = Files.createDirectories(Path.of("target/kustomize-replicas"));
        Files.writeString(folder.resolve("kustomization.yaml"), """
                resources: [../../deploy/base]
                components: [../../deploy/components/replicas]
                """);
        var base = objects(KubeTool.kubectl(null).run("kustomize", folder.toString()));
        base.remove("Namespace /" + NAMESPACE);

        assertThat(withoutHelms(template("--set=image.tag=latest,replicas=2"))).isEqualTo(withoutHelms(base));
    }

    @Test
    void installYamlIsWhatTheChartMakesWithTheImageOfTheRelease() {
        var install = objects(Script.run("src/release/install.sh", "registry.example.com/team", "1.2.3"));
        assertThat(install.remove("Namespace /" + NAMESPACE)).isNotNull();

        var chart = template("--set=image.repository=registry.example.com/team/imageshare-operator,image.tag=1.2.3");
        assertThat(withoutHelms(install)).isEqualTo(withoutHelms(chart));
    }

    /** What every chart adds, and what only it needs. */
    private static Map<String, JsonNode> withoutHelms(Map<String, JsonNode> objects) {
        objects.values().forEach(ChartRealIT::strip);
        return objects;
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (var label : List.of("instance", "version", "managed-by")) {
                object.remove("app.kubernetes.io/" + label);
            }
            object.remove(List.of("helm.sh/chart", "helm.sh/resource-policy"));
        }
        node.forEach(ChartRealIT::strip);
        if (node instanceof ArrayNode array && array.size() > 1) {
            // of variables, the order counts only where one names another
            var sorted = new ArrayList<JsonNode>();
            array.forEach(sorted::add);
            if (sorted.stream().allMatch(each -> each.has("name") && each.has("value"))) {
                sorted.sort(Comparator.comparing(each -> each.get("name").asText()));
                array.removeAll().addAll(sorted);
            }
        }
    }

    // ------------------------------------------------------------ values

    @Test
    void helmsLinterFindsNothing() {
        for (var values : List.of(new String[0], ALL, NAMESPACED)) {
            var command = new ArrayList<>(List.of("lint", "--strict", ChartFiles.CHART.toString()));
            command.addAll(List.of(values));
            assertThat(HELM.run(command.toArray(String[]::new)))
                    .contains("0 chart(s) failed")
                    .doesNotContain("[WARNING]");
        }
    }

    static Stream<List<String>> variants() {
        return Stream.of(List.of(), List.of(ALL), List.of(NAMESPACED), List.of("--set=extraCA.secret=corporate"));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void thePodAlwaysKeepsToTheRestrictedStandard(List<String> values) {
        var objects = template(values.toArray(String[]::new));
        assertThat(PodSecurity.violations(deployment(objects).getSpec().getTemplate()))
                .isEmpty();
        for (var container : pod(objects).getContainers()) {
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
        }
    }

    @Test
    void inSomeNamespacesThereIsARoleInEachAndNothingOfTheCluster() {
        var objects = template("--set=watchNamespaces={team-a,team-b}", "--set=crds.install=false");
        assertThat(objects.keySet())
                .containsExactlyInAnyOrder(
                        "ServiceAccount imageshare-system/imageshare-operator",
                        "Deployment imageshare-system/imageshare-operator",
                        "Role team-a/imageshare-operator",
                        "Role team-b/imageshare-operator",
                        "Role team-a/imageshare-operator-orc",
                        "Role team-b/imageshare-operator-orc",
                        "RoleBinding team-a/imageshare-operator",
                        "RoleBinding team-b/imageshare-operator",
                        "RoleBinding team-a/imageshare-operator-orc",
                        "RoleBinding team-b/imageshare-operator-orc");
        assertThat(environment(objects)).contains(new EnvVar("IMAGESHARE_NAMESPACES", "team-a,team-b", null));
        var everywhere = template();
        assertThat(objects.get("Role team-a/imageshare-operator").get("rules"))
                .isEqualTo(everywhere.get("ClusterRole /imageshare-operator").get("rules"));
        assertThat(objects.get("RoleBinding team-b/imageshare-operator").get("subjects"))
                .isEqualTo(everywhere
                        .get("ClusterRoleBinding /imageshare-operator")
                        .get("subjects"));
    }

    @Test
    void rightsThatAreSwitchedOffAreNotGranted() {
        var objects = template("--set=secretFinalizers=false,orc.enabled=false");
        assertThat(objects).doesNotContainKeys("ClusterRole /imageshare-operator-orc");
        for (var rule : objects.get("ClusterRole /imageshare-operator").get("rules")) {
            if (rule.get("resources").toString().contains("secrets")) {
                assertThat(rule.get("verbs").toString()).isEqualTo("[\"get\",\"list\",\"watch\"]");
            }
        }
        assertThat(environment(objects)).contains(new EnvVar("IMAGESHARE_SECRET_FINALIZERS", "false", null));
    }

    @Test
    void aBudgetIsOfTheVersionThatTheClusterKnows() {
        var name = "PodDisruptionBudget " + NAMESPACE + "/imageshare-operator";
        assertThat(template()).doesNotContainKey(name);
        assertThat(template("--set=replicas=2").get(name).get("apiVersion").asText())
                .isEqualTo("policy/v1");
        assertThat(template("--set=replicas=2", "--kube-version=1.20.2")
                        .get(name)
                        .get("apiVersion")
                        .asText())
                .isEqualTo("policy/v1beta1");
        assertThat(template("--set=replicas=2,podDisruptionBudget.enabled=false"))
                .doesNotContainKey(name);
    }

    @Test
    void whatIsSetReachesThePod() throws IOException {
        var objects = template(ALL);
        var pod = pod(objects);
        assertThat(environment(objects))
                .contains(
                        new EnvVar("IMAGESHARE_MASS_DELETION_LIMIT", "3", null),
                        new EnvVar("IMAGESHARE_REQUEST_TIMEOUT", "1m", null),
                        new EnvVar("IMAGESHARE_LOG_FORMAT", "json", null),
                        new EnvVar("IMAGESHARE_LEADER_ELECTION", "true", null),
                        new EnvVar("IMAGESHARE_CA_FILE", "/etc/imageshare/ca/ca.crt", null),
                        new EnvVar("_JAVA_OPTIONS", "-Xss512k", null),
                        new EnvVar("HTTPS_PROXY", "http://proxy:3128", null),
                        new EnvVar(
                                "NO_PROXY",
                                "$(KUBERNETES_SERVICE_HOST),kubernetes.default.svc,localhost,127.0.0.1,.example.com",
                                null),
                        new EnvVar("A", "b", null));
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getConfigMap() != null)
                .singleElement()
                .satisfies(volume -> assertThat(volume.getConfigMap().getName()).isEqualTo("corporate"));
        assertThat(pod.getPriorityClassName()).isEqualTo("high");
        assertThat(pod.getNodeSelector()).containsEntry("disk", "ssd");
        assertThat(pod.getTolerations()).hasSize(1);
        assertThat(pod.getImagePullSecrets()).hasSize(1);
        assertThat(pod.getAffinity().getPodAntiAffinity()).isNotNull();
        assertThat(deployment(objects).getSpec().getStrategy().getType()).isEqualTo("RollingUpdate");
        assertThat(objects)
                .containsKeys(
                        "NetworkPolicy imageshare-system/imageshare-operator",
                        "Service imageshare-system/imageshare-operator",
                        "ServiceMonitor imageshare-system/imageshare-operator",
                        "PrometheusRule imageshare-system/imageshare-operator",
                        "ConfigMap imageshare-system/imageshare-operator-dashboard");
        var monitoring = ChartFiles.MONITORING;
        assertThat(objects.get("PrometheusRule imageshare-system/imageshare-operator")
                        .get("spec"))
                .isEqualTo(YAML.readTree(monitoring.resolve("alerts.yaml").toFile())
                        .get("spec"));
        assertThat(objects.get("ConfigMap imageshare-system/imageshare-operator-dashboard")
                        .at("/data/imageshare-operator.json")
                        .asText()
                        .strip())
                .isEqualTo(
                        Files.readString(monitoring.resolve("dashboard.json")).strip());
        assertThat(objects.get("ServiceMonitor imageshare-system/imageshare-operator")
                        .at("/metadata/labels/release")
                        .asText())
                .isEqualTo("prometheus");
    }

    @Test
    void theImageIsTheOneOfThisVersionOrWhatIsSet() {
        assertThat(pod(template()).getContainers().get(0).getImage()).startsWith("imageshare-operator:0.");
        var digest = "sha256:" + "0".repeat(64);
        assertThat(pod(template("--set=image.repository=registry.example.com/a,image.tag=b,image.digest=" + digest))
                        .getContainers()
                        .get(0)
                        .getImage())
                .isEqualTo("registry.example.com/a@" + digest);
    }

    /** What checks objects before Kubernetes 1.25 refuses a CRD with rules. The operator holds to the same ones. */
    @Test
    void anOlderClusterGetsTheCrdsWithoutTheirRules() {
        for (var kind : List.of("imageshares", "imageacceptances")) {
            var name = "CustomResourceDefinition /" + kind + ".imageshare.dev";
            var older = template("--kube-version=1.24.9").get(name);
            var newer = template("--kube-version=1.25.0").get(name);
            assertThat(newer.toString()).contains("x-kubernetes-validations");
            assertThat(older).isNotEqualTo(newer);
            newer.findParents("x-kubernetes-validations")
                    .forEach(schema -> ((ObjectNode) schema).remove("x-kubernetes-validations"));
            assertThat(older).isEqualTo(newer);
        }
    }

    @Test
    void crdsStayUnlessToldOtherwise() {
        var name = "CustomResourceDefinition /imageshares.imageshare.dev";
        assertThat(template().get(name).at("/metadata/annotations").toString())
                .contains("\"helm.sh/resource-policy\":\"keep\"");
        assertThat(template("--set=crds.keep=false")
                        .get(name)
                        .at("/metadata/annotations")
                        .toString())
                .doesNotContain("keep");
        assertThat(template("--set=crds.install=false")).doesNotContainKey(name);
    }

    @Test
    void aValueThatThereIsNotIsRefused() {
        var outcome = HELM.attempt("", "template", ChartFiles.CHART.toString(), "--set=replica=2");
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.out()).contains("replica", "not allowed");
    }
}
