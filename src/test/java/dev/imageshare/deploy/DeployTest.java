package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.embedded.CrdValidator;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code deploy/} gives the operator: no more rights than it needs, and a pod that the strictest policy takes. */
class DeployTest {

    private static final Path BASE = Path.of("deploy/base");
    private static final Path SAMPLES = Path.of("deploy/samples");
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void outsideItsNamespaceTheOperatorMayDoJustThis() throws IOException {
        assertThat(rights(named(ClusterRole.class, "imageshare-operator").getRules()))
                .containsExactly(
                        "imageshare.dev/imageshares: get list watch patch",
                        "imageshare.dev/imageshares/status: patch",
                        "imageshare.dev/imageacceptances: get list watch",
                        "imageshare.dev/imageacceptances/status: patch",
                        "/secrets: get list watch patch",
                        "/events: create patch");
    }

    /** As much as references to ORC's objects need; without those the file may go. */
    @Test
    void ofOrcItMayListAndWatchTwoKinds() throws IOException {
        assertThat(rights(named(ClusterRole.class, "imageshare-operator-orc").getRules()))
                .containsExactly("openstack.k-orc.cloud/images,projects: list watch");
        assertThat(all(ClusterRole.class)).hasSize(2);
        assertThat(all(ClusterRoleBinding.class)).hasSize(2);
    }

    @Test
    void inItsNamespaceTheOperatorMayHoldALease() throws IOException {
        assertThat(rights(one(Role.class).getRules()))
                .containsExactly("coordination.k8s.io/leases: get create update patch");
    }

    @Test
    void onlyTheOperatorsAccountHasTheseRights() throws IOException {
        var account = one(ServiceAccount.class);
        var cluster = named(ClusterRoleBinding.class, "imageshare-operator");
        var orc = named(ClusterRoleBinding.class, "imageshare-operator-orc");
        var own = one(RoleBinding.class);

        assertThat(cluster.getRoleRef().getName()).isEqualTo("imageshare-operator");
        assertThat(orc.getRoleRef().getName()).isEqualTo("imageshare-operator-orc");
        assertThat(own.getRoleRef().getName())
                .isEqualTo(one(Role.class).getMetadata().getName());
        for (var subjects : List.of(cluster.getSubjects(), orc.getSubjects(), own.getSubjects())) {
            assertThat(subjects).singleElement().satisfies(subject -> {
                assertThat(subject.getKind()).isEqualTo("ServiceAccount");
                assertThat(subject.getName()).isEqualTo(account.getMetadata().getName());
                assertThat(subject.getNamespace())
                        .isEqualTo(account.getMetadata().getNamespace());
            });
        }
        assertThat(pod().getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod().getAutomountServiceAccountToken()).isTrue();
    }

    /** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
    @Test
    void thePodKeepsToTheRestrictedStandard() throws IOException {
        assertThat(one(Namespace.class).getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        assertThat(pod().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod().getSecurityContext().getRunAsUser()).isPositive();
        assertThat(pod().getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(List.of(pod().getHostNetwork() == null, pod().getHostPID() == null, pod().getHostIPC() == null))
                .containsOnly(true);
        assertThat(pod().getVolumes())
                .allSatisfy(volume -> assertThat(volume.getEmptyDir()).isNotNull());
        var context = container().getSecurityContext();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getCapabilities().getAdd()).isEmpty();
        assertThat(context.getPrivileged()).isNull();
    }

    @Test
    void thereIsOneOperatorWithProbesAndBounds() throws IOException {
        var deployment = one(Deployment.class).getSpec();
        var resources = container().getResources();

        assertThat(deployment.getReplicas()).isEqualTo(1);
        assertThat(deployment.getStrategy().getType()).isEqualTo("Recreate");
        assertThat(deployment.getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(deployment.getSelector().getMatchLabels());
        assertThat(paths(container().getLivenessProbe(), container().getReadinessProbe()))
                .containsExactly("/livez", "/readyz");
        assertThat(container().getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getContainerPort()).isEqualTo(8080));
        assertThat(resources.getRequests()).containsOnlyKeys("cpu", "memory");
        assertThat(resources.getLimits()).containsOnlyKeys("memory");
    }

    @Test
    void everyVariableAndArgumentIsAnOptionOfTheOperator() throws Exception {
        var main = mainClass();
        assumeTrue(main != null, "the operator's command line is not there yet");
        var usage = new CommandLine(main).getUsageMessage();

        for (var file : files(BASE)) {
            for (var word : Files.readString(BASE.resolve(file)).split("[^A-Z_]+")) {
                if (word.startsWith("IMAGESHARE_")) {
                    assertThat(usage).as(file).contains("[" + word + "]");
                }
            }
        }
        assertThat(container().getEnv())
                .extracting(EnvVar::getName)
                .allSatisfy(name -> assertThat(name).startsWith("IMAGESHARE_"));
        for (var argument : container().getArgs()) {
            assertThat(usage).contains(argument.replaceFirst("=.*", "="));
        }
    }

    @Test
    void kustomizationsNameEveryFile() throws IOException {
        assertThat(resources(BASE)).containsExactlyInAnyOrderElementsOf(with("../../crds", files(BASE)));
        assertThat(resources(Path.of("crds"))).containsExactlyInAnyOrderElementsOf(files(Path.of("crds")));
        assertThat(files(SAMPLES)).containsAll(resources(SAMPLES));
    }

    @Test
    void samplesAreWhatTheCrdTakes() throws IOException {
        var crds = CrdValidator.load(Path.of("crds"));
        var samples = new ArrayList<String>();
        for (var name : files(SAMPLES)) {
            var object = (ObjectNode) YAML.readTree(SAMPLES.resolve(name).toFile());
            for (var crd : crds) {
                if (object.path("kind").asText().equals(crd.kind())) {
                    assertThat(crd.prune(object)).as(name).isEmpty();
                    crd.applyDefaults(object);
                    assertThat(crd.validate(object, null)).as(name).isEmpty();
                    samples.add(name);
                }
            }
        }
        assertThat(samples)
                .containsExactlyInAnyOrder(
                        "imageshare.yaml",
                        "imageshare-additive.yaml",
                        "imageshare-orc.yaml",
                        "imageshare-unmanaged.yaml",
                        "imageacceptance.yaml",
                        "imageacceptance-from.yaml");
    }

    private static List<String> rights(List<PolicyRule> rules) {
        return rules.stream()
                .map(rule -> String.join(",", rule.getApiGroups()) + "/" + String.join(",", rule.getResources()) + ": "
                        + String.join(" ", rule.getVerbs()))
                .toList();
    }

    private static List<String> paths(Probe... probes) {
        return List.of(probes).stream()
                .map(probe -> probe.getHttpGet().getPath())
                .toList();
    }

    private static PodSpec pod() throws IOException {
        return one(Deployment.class).getSpec().getTemplate().getSpec();
    }

    private static Container container() throws IOException {
        assertThat(pod().getContainers()).hasSize(1);
        assertThat(pod().getInitContainers()).isEmpty();
        return pod().getContainers().get(0);
    }

    /** The one object of a type in the base: a second one, with more rights for instance, fails. */
    private static <T extends HasMetadata> T one(Class<T> type) throws IOException {
        var found = all(type);
        assertThat(found).as(type.getSimpleName()).hasSize(1);
        return found.get(0);
    }

    private static <T extends HasMetadata> T named(Class<T> type, String name) throws IOException {
        return all(type).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
    }

    private static <T extends HasMetadata> List<T> all(Class<T> type) throws IOException {
        var found = new ArrayList<T>();
        for (var name : files(BASE)) {
            var parser = YAML.getFactory().createParser(BASE.resolve(name).toFile());
            for (var document : YAML.readValues(parser, JsonNode.class).readAll()) {
                if (document.path("kind").asText().equals(type.getSimpleName())) {
                    found.add(Serialization.unmarshal(document.toString(), type));
                }
            }
        }
        return found;
    }

    private static List<String> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("kustomization.yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> resources(Path directory) throws IOException {
        Map<?, ?> kustomization =
                YAML.readValue(directory.resolve("kustomization.yaml").toFile(), Map.class);
        return ((List<?>) kustomization.get("resources"))
                .stream().map(String::valueOf).toList();
    }

    private static List<String> with(String first, List<String> others) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return all;
    }

    private static Class<?> mainClass() {
        try {
            return Class.forName("dev.imageshare.operator.OperatorMain");
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
