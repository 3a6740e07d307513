package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code deploy/} gives the operator: no more rights than it needs, and a pod that the strictest policy takes. */
class DeployTest {

    private static final Path BASE = ChartFiles.BASE;
    private static final Path SAMPLES = Path.of("deploy/samples");
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void outsideItsNamespaceTheOperatorMayDoJustThis() throws IOException {
        assertThat(rights(named(ClusterRole.class, "imageshare-operator").getRules()))
                .containsExactly(
                        "imageshare.dev/imageshares: get list watch patch",
                        "imageshare.dev/imageshares/status: patch",
                        "imageshare.dev/imageacceptances: list watch",
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

    /** An optional kind's rights are in its component and nowhere else. */
    @Test
    void ofAnOptionalKindItMayDoJustThis() throws IOException {
        var role = objects(ChartFiles.COMPONENTS.resolve("project-sets"), ClusterRole.class);
        assertThat(role).hasSize(1);
        assertThat(rights(role.get(0).getRules()))
                .containsExactly(
                        "imageshare.dev/projectsets: get list watch", "imageshare.dev/projectsets/status: patch");
        var ofNotifiers = objects(ChartFiles.COMPONENTS.resolve("image-notifiers"), ClusterRole.class);
        assertThat(rights(ofNotifiers.get(0).getRules()))
                .containsExactly(
                        "imageshare.dev/imagenotifiers: list watch", "imageshare.dev/imagenotifiers/status: patch");
        var ofImageSets = objects(ChartFiles.COMPONENTS.resolve("image-share-sets"), ClusterRole.class);
        assertThat(rights(ofImageSets.get(0).getRules()))
                .containsExactly(
                        "imageshare.dev/imagesharesets: get list watch",
                        "imageshare.dev/imagesharesets/status: patch",
                        "imageshare.dev/imagesharesets/finalizers: update",
                        "imageshare.dev/imageshares: create delete");
        var ofRequests = objects(ChartFiles.COMPONENTS.resolve("access-requests"), ClusterRole.class);
        assertThat(rights(ofRequests.get(0).getRules()))
                .containsExactly(
                        "imageshare.dev/imageaccessrequests,imageaccessdecisions: list watch",
                        "imageshare.dev/imageaccessrequests/status: patch",
                        "/namespaces: list watch");
        for (var kind : ChartFiles.OPTIONAL_KINDS.values()) {
            var component = ChartFiles.COMPONENTS.resolve(kind);
            assertThat(objects(component, ClusterRoleBinding.class))
                    .singleElement()
                    .satisfies(binding -> {
                        assertThat(binding.getRoleRef().getName()).isEqualTo("imageshare-operator-" + kind);
                        assertThat(binding.getSubjects())
                                .isEqualTo(named(ClusterRoleBinding.class, "imageshare-operator")
                                        .getSubjects());
                    });
        }
    }

    /** A single operator needs no Lease. */
    @Test
    void replicasMayHoldALease() throws IOException {
        assertThat(all(Role.class)).isEmpty();
        assertThat(all(RoleBinding.class)).isEmpty();
        var role = objects(ChartFiles.REPLICAS, Role.class);
        assertThat(role).hasSize(1);
        assertThat(rights(role.get(0).getRules()))
                .containsExactly("coordination.k8s.io/leases: get create update patch");
        assertThat(objects(ChartFiles.REPLICAS, RoleBinding.class))
                .singleElement()
                .satisfies(binding -> {
                    assertThat(binding.getRoleRef().getName())
                            .isEqualTo(role.get(0).getMetadata().getName());
                    assertThat(binding.getSubjects())
                            .isEqualTo(named(ClusterRoleBinding.class, "imageshare-operator")
                                    .getSubjects());
                });
    }

    @Test
    void replicasElectALeader() throws IOException {
        var patch = objects(ChartFiles.REPLICAS, Deployment.class).get(0);
        assertThat(patch.getMetadata()).isEqualTo(one(Deployment.class).getMetadata());
        assertThat(patch.getSpec().getReplicas()).isEqualTo(2);
        assertThat(patch.getSpec().getTemplate().getSpec().getContainers())
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.getName()).isEqualTo(container().getName());
                    assertThat(c.getEnv()).containsExactly(new EnvVar("IMAGESHARE_LEADER_ELECTION", "true", null));
                });
        assertThat(objects(ChartFiles.REPLICAS, PodDisruptionBudget.class))
                .singleElement()
                .satisfies(budget -> assertThat(budget.getSpec().getSelector().getMatchLabels())
                        .isEqualTo(one(Deployment.class).getSpec().getSelector().getMatchLabels()));
        assertThat(resources(ChartFiles.REPLICAS)).containsExactly("role.yaml", "pod-disruption-budget.yaml");
    }

    @Test
    void onlyTheOperatorsAccountHasTheseRights() throws IOException {
        var account = one(ServiceAccount.class);
        var cluster = named(ClusterRoleBinding.class, "imageshare-operator");
        var orc = named(ClusterRoleBinding.class, "imageshare-operator-orc");

        assertThat(cluster.getRoleRef().getName()).isEqualTo("imageshare-operator");
        assertThat(orc.getRoleRef().getName()).isEqualTo("imageshare-operator-orc");
        for (var subjects : List.of(cluster.getSubjects(), orc.getSubjects())) {
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

    @Test
    void thePodKeepsToTheRestrictedStandard() throws IOException {
        assertThat(one(Namespace.class).getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        assertThat(PodSecurity.violations(one(Deployment.class).getSpec().getTemplate()))
                .isEmpty();
        assertThat(container().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(pod().getSecurityContext().getRunAsUser()).isPositive();
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
    void everyVariableIsAnOptionOfTheOperator() throws Exception {
        var used = new TreeSet<String>();
        for (var folder : List.of(BASE, ChartFiles.REPLICAS)) {
            for (var file : files(folder)) {
                for (var word : Files.readString(folder.resolve(file)).split("[^A-Z_]+")) {
                    if (word.startsWith("IMAGESHARE_")) {
                        used.add(word);
                    }
                }
            }
        }
        assertThat(used).isNotEmpty();
        assertThat(variables()).containsAll(used);
        assertThat(container().getEnv())
                .extracting(EnvVar::getName)
                .allSatisfy(name -> assertThat(name).startsWith("IMAGESHARE_"));
        assertThat(container().getArgs()).isEmpty();
    }

    @Test
    void kustomizationsNameEveryFile() throws IOException {
        assertThat(resources(BASE)).containsExactlyInAnyOrderElementsOf(with("../../crds", files(BASE)));
        assertThat(resources(ChartFiles.CRDS)).containsExactlyInAnyOrderElementsOf(files(ChartFiles.CRDS));
        for (var kind : ChartFiles.OPTIONAL_KINDS.values()) {
            var crds = ChartFiles.CRDS.resolve(kind);
            var component = ChartFiles.COMPONENTS.resolve(kind);
            assertThat(resources(crds)).containsExactlyInAnyOrderElementsOf(files(crds));
            assertThat(resources(component))
                    .containsExactlyInAnyOrderElementsOf(with("../../../crds/" + kind, files(component)));
        }
        assertThat(files(SAMPLES)).containsAll(resources(SAMPLES));
    }

    @Test
    void samplesAreWhatTheCrdTakes() throws IOException {
        var crds = CrdValidator.loadAll(Path.of("crds"));
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
                        "imageaccessrequest.yaml",
                        "imageaccessdecision.yaml",
                        "projectset-requests.yaml",
                        "imageacceptance-from.yaml",
                        "imagenotifier.yaml",
                        "imagenotifier-cloudevents.yaml",
                        "imageshareset.yaml",
                        "imageshareset-clouds.yaml",
                        "projectset.yaml",
                        "projectset-selectors.yaml");
    }

    /** The environment variables that the operator's options name. */
    static Set<String> variables() throws ReflectiveOperationException {
        var usage = new CommandLine(Class.forName("dev.imageshare.operator.OperatorMain")).getUsageMessage();
        var found = new TreeSet<String>();
        var matcher = Pattern.compile("\\[(IMAGESHARE_[A-Z_]+)]").matcher(usage);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
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
        return objects(BASE, type);
    }

    /** The objects of a type that a folder's files declare. */
    private static <T extends HasMetadata> List<T> objects(Path folder, Class<T> type) throws IOException {
        var found = new ArrayList<T>();
        for (var name : files(folder)) {
            var parser = YAML.getFactory().createParser(folder.resolve(name).toFile());
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
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
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
}
