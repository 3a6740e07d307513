package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.Namespace.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.deploy.KubeTool;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code deploy/docs/install.md} says, by its own commands, on a real API server. No kubelet runs there: the packaged jar
 * runs outside, with the environment of the Deployment's container, and as its service account.
 */
class InstallRealIT {

    private static final Path GUIDE = Path.of("deploy/docs/install.md");
    private static final String CHART = "deploy/helm/imageshare-operator";
    private static final YAMLMapper YAML = new YAMLMapper();

    private final RealCluster cluster = RealCluster.blank();
    private final KubernetesClient admin = cluster.admin();
    private Path folder;
    private OpenStackLab openstack;
    private OperatorProcess operator;

    @BeforeEach
    void prepare(@TempDir Path temporary) throws IOException {
        folder = temporary;
        var bin = Files.createDirectory(folder.resolve("bin"));
        // What this kubectl checks objects by came with Kubernetes 1.24.
        var old = Integer.parseInt(admin.getKubernetesVersion().getMinor().replaceAll("\\D", "")) < 24;
        Files.writeString(bin.resolve("kubectl"), """
                #!/bin/bash
                case " $* " in *" apply "*) set -- "$@" %s ;; esac
                exec '%s/kubectl' "$@"
                """.formatted(old ? "--validate=false" : "", KubeTool.folder()));
        assertThat(bin.resolve("kubectl").toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void close() {
        if (operator != null) {
            operator.close();
        }
        if (openstack != null) {
            openstack.close();
        }
        // What other tests install into is a cluster in order.
        RealCluster.blank().close();
        cluster.close();
    }

    // ------------------------------------------------------------- means

    private EmbeddedOpenStack embedded() {
        var cloud = EmbeddedOpenStack.start();
        openstack = cloud;
        return cloud;
    }

    private RealOpenStackLab real() {
        var cloud = RealOpenStackLab.standard();
        openstack = cloud;
        return cloud;
    }

    /** Runs the page's commands of this name; in them, each of these words is replaced by the next. */
    private String run(String snippet, String... replaced) throws IOException {
        var matcher = Pattern.compile("<!-- snippet: " + snippet + " -->\n```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(GUIDE));
        assertThat(matcher.find()).as("snippet %s of %s", snippet, GUIDE).isTrue();
        var commands = matcher.group(1);
        for (var i = 0; i < replaced.length; i += 2) {
            assertThat(commands).contains(replaced[i]);
            commands = commands.replace(replaced[i], replaced[i + 1]);
        }
        return bash(commands);
    }

    private String bash(String commands) throws IOException {
        var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", commands).redirectErrorStream(true);
        var path = builder.environment().get("PATH");
        builder.environment().keySet().removeIf(name -> name.startsWith("HELM_"));
        builder.environment().put("PATH", folder.resolve("bin") + ":" + KubeTool.folder() + ":" + path);
        var process = builder.start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println("$ " + commands.strip().replace("\n", "\n  ") + "\n" + out);
        assertThat(process.onExit().join().exitValue()).as(out).isZero();
        return out;
    }

    private Deployment deployment() {
        return admin.apps()
                .deployments()
                .inNamespace(RealCluster.NAMESPACE)
                .withName("imageshare-operator")
                .get();
    }

    /** What a kubelet does with the Deployment's pod. */
    private void startOperator() throws IOException {
        var pod = deployment().getSpec().getTemplate().getSpec();
        assertThat(pod.getServiceAccountName()).isEqualTo(RealCluster.SERVICE_ACCOUNT);
        assertThat(pod.getContainers()).hasSize(1);
        var environment = new HashMap<String, String>();
        pod.getContainers().get(0).getEnv().forEach(e -> environment.put(e.getName(), e.getValue()));
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        operator = new OperatorProcess(
                Files.writeString(folder.resolve("kubeconfig"), config.get()), environment, "--http-port=0");
        operator.awaitStarted();
    }

    /** What a kubelet does when the pod is gone. */
    private void stopOperator() {
        operator.terminate();
        operator.awaitExit();
        operator = null;
    }

    private Namespace team() {
        return new Namespace(admin, openstack.cloudsYaml());
    }

    private String newImage() {
        return openstack.createImage("producer", "install-" + Long.toHexString(System.nanoTime()), "shared", List.of());
    }

    private static long removals(EmbeddedOpenStack cloud) {
        return cloud.requests().stream()
                .filter(call -> call.method().equals("DELETE") && call.path().contains("/members/"))
                .count();
    }

    private void reconcilesAShare(Namespace team) {
        var image = newImage();
        var declared = projects(3);
        team.create(team.share("ubuntu", image, declared));
        team.awaitReady("ubuntu");
        assertThat(openstack.members("producer", image)).containsOnlyKeys(declared.toArray(String[]::new));
        eventually(() -> assertThat(team.events("ubuntu")).contains("MembersAdded"));
        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        assertThat(openstack.members("producer", image)).isEmpty();
    }

    // ---------------------------------------------------------- installs

    @Test
    void byHelmItReconcilesAShare() throws IOException {
        real();
        run("helm");
        startOperator();
        reconcilesAShare(team());
        assertThat(admin.namespaces()
                        .withName(RealCluster.NAMESPACE)
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
    }

    @Test
    void byHelmsTemplatesAndKubectlItReconcilesAShare() throws IOException {
        real();
        run("template");
        startOperator();
        reconcilesAShare(team());
    }

    @Test
    void byKustomizeItReconcilesAShare() throws IOException {
        real();
        run("kustomize");
        startOperator();
        reconcilesAShare(team());
    }

    @Test
    void inOneNamespaceItNeedsNoRightElsewhere() throws IOException {
        embedded();
        var team = team();
        var other = team();
        run("helm", "--set image.tag=0.2.0", "--set 'watchNamespaces={" + team.name + "}'");
        assertThat(admin.resources(ClusterRole.class)
                        .withName("imageshare-operator")
                        .get())
                .isNull();
        startOperator();
        var ignored = newImage();
        other.create(other.share("ubuntu", ignored, projects(1)));
        reconcilesAShare(team);
        assertThat(openstack.members("producer", ignored)).isEmpty();
        assertThat(other.at("ubuntu").get().getStatus()).isNull();
    }

    @Test
    void withReplicasItLeadsAndHasABudget() throws IOException {
        embedded();
        run("helm", "--set image.tag=0.2.0", "--set replicas=2");
        startOperator();
        reconcilesAShare(team());
        assertThat(admin.leases()
                        .inNamespace(RealCluster.NAMESPACE)
                        .withName("imageshare-operator")
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .isNotBlank();
        assertThat(bash("kubectl --namespace " + RealCluster.NAMESPACE + " get poddisruptionbudgets -o name"))
                .contains("poddisruptionbudget.policy/imageshare-operator");
    }

    // ---------------------------------------------------------- upgrades

    /** A copy of the chart whose CRD doesn't know one field yet. */
    private String olderChart() throws IOException {
        var copy = folder.resolve("older");
        try (var files = Files.walk(Path.of(CHART))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var target = copy.resolve(Path.of(CHART).relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        var file = copy.resolve("files/crds/imageshares.imageshare.dev.yaml");
        var crd = YAML.readTree(file.toFile());
        for (var version : crd.at("/spec/versions")) {
            var spec = version.at("/schema/openAPIV3Schema/properties/spec");
            assertThat(((ObjectNode) spec.get("properties")).remove("projectRefs"))
                    .isNotNull();
            withoutRules(version);
        }
        YAML.writeValue(file.toFile(), crd);
        return copy.toString();
    }

    private static void withoutRules(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove("x-kubernetes-validations");
        }
        node.forEach(InstallRealIT::withoutRules);
    }

    @Test
    void anUpgradeBringsTheNewCrdAndTouchesNoMember() throws IOException {
        var cloud = embedded();
        run("helm", CHART, olderChart());
        startOperator();
        var team = team();
        var image = newImage();
        var declared = projects(3);
        team.create(changed(team.share("ubuntu", image, declared), s -> Namespace.withProjectRefs(s, "team-a")));
        var before = team.awaitReady("ubuntu");
        assertThat(before.getSpec().projectRefs()).as("not known yet").isNullOrEmpty();

        run("helm");
        stopOperator();
        startOperator();
        cloud.clearRequests();

        team.edit("ubuntu", s -> Namespace.withProjectRefs(s, "team-a"));
        eventually(() ->
                assertThat(team.at("ubuntu").get().getSpec().projectRefs()).hasSize(1));
        eventually(() -> assertThat(cloud.requests())
                .filteredOn(call -> call.path().endsWith("/members"))
                .isNotEmpty());
        assertThat(team.at("ubuntu").get().getMetadata().getUid())
                .isEqualTo(before.getMetadata().getUid());
        assertThat(cloud.members("producer", image)).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(removals(cloud)).isZero();
    }

    /** What was installed first has a share of three members in order, and is stopped. */
    private Namespace aShareIsInOrder() throws IOException {
        startOperator();
        var team = team();
        team.create(team.share("ubuntu", newImage(), projects(3)));
        team.awaitReady("ubuntu");
        stopOperator();
        return team;
    }

    /** What was installed then carries out a new wish. */
    private void anotherOperatorGoesOn(Namespace team) throws IOException {
        startOperator();
        team.edit("ubuntu", s -> Namespace.withResync(s, "2s"));
        team.awaitReady("ubuntu");
    }

    private static void nobodyWasRevoked(EmbeddedOpenStack cloud, Namespace team) {
        var image = team.at("ubuntu").get().getStatus().image().id();
        assertThat(cloud.members("producer", image)).hasSize(3);
        assertThat(removals(cloud)).isZero();
    }

    @Test
    void fromKustomizeToHelmNothingChanges() throws IOException {
        var cloud = embedded();
        run("kustomize");
        var team = aShareIsInOrder();

        run("to-helm");
        anotherOperatorGoesOn(team);
        nobodyWasRevoked(cloud, team);
    }

    /** The base with that component, in the budget's version that this API server knows. */
    private void kustomizeWithReplicas() throws IOException {
        var kustomization = Files.createDirectories(Path.of("target/install-replicas"));
        Files.writeString(kustomization.resolve("kustomization.yaml"), """
                resources: [../../deploy/base]
                components: [../../deploy/components/replicas]
                """);
        var minor = Integer.parseInt(admin.getKubernetesVersion().getMinor().replaceAll("\\D", ""));
        bash("kubectl kustomize " + kustomization + (minor < 21 ? " | sed 's#: policy/v1$#: policy/v1beta1#'" : "")
                + " | kubectl apply -f -");
    }

    @Test
    void fromKustomizeWithReplicasToHelmWithOneAndThenWithTwoNothingChanges() throws IOException {
        var cloud = embedded();
        kustomizeWithReplicas();
        var team = aShareIsInOrder();

        run("to-helm");
        assertThat(deployment().getSpec().getReplicas()).isEqualTo(1);
        run("helm", "--set image.tag=0.2.0", "--set image.tag=0.2.0 --set replicas=2");
        assertThat(deployment().getSpec().getReplicas()).isEqualTo(2);
        anotherOperatorGoesOn(team);
        run("helm");
        assertThat(deployment().getSpec().getReplicas()).isEqualTo(1);
        nobodyWasRevoked(cloud, team);
    }

    @Test
    void fromHelmToKustomizeNothingChanges() throws IOException {
        var cloud = embedded();
        run("helm", "--set image.tag=0.2.0", "--set image.tag=0.2.0 --set replicas=2");
        var team = aShareIsInOrder();

        run("to-kustomize");
        anotherOperatorGoesOn(team);
        nobodyWasRevoked(cloud, team);
    }

    // ------------------------------------------------------------- moves

    /** The same cluster plays the new one: by then it has nothing of the old one. */
    @Test
    void movedToAnotherClusterNobodyLosesAccessAndWhoIsNotDeclaredIsHeld() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        var images = shares(team, 2);
        var members =
                images.stream().map(image -> cloud.members("producer", image)).toList();
        stopOperator();
        var backup = folder.resolve("backup.yaml").toString();
        run("backup", "imageshare-backup.yaml", backup);
        run("release");
        bash("kubectl delete imageshares -A --all");
        nobodyWasRevoked(cloud, images);
        var late = projects(1).get(0);
        cloud.addMember("producer", images.get(1), late);
        cloud.clearRequests();

        run("restore", "imageshare-backup.yaml", backup);
        startOperator();
        team.awaitReady("share-0");
        team.awaitReason("share-1", Reason.RemovalHeld);

        assertThat(cloud.members("producer", images.get(0))).isEqualTo(members.get(0));
        assertThat(cloud.members("producer", images.get(1))).hasSize(3).containsKey(late);
        assertThat(cloud.requests())
                .as("nothing is written where all is as declared")
                .noneMatch(call ->
                        call.path().contains("/members") && !call.method().equals("GET"));
    }

    // -------------------------------------------------------- uninstalls

    /** So many ready shares, each of its own image. */
    private List<String> shares(Namespace team, int count) {
        var images = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            images.add(newImage());
            team.create(team.share("share-" + i, images.get(i), projects(2)));
        }
        for (var i = 0; i < count; i++) {
            team.awaitReady("share-" + i);
        }
        return images;
    }

    private void nobodyWasRevoked(EmbeddedOpenStack cloud, List<String> images) {
        for (var image : images) {
            assertThat(cloud.members("producer", image)).hasSize(2);
        }
        assertThat(removals(cloud)).isZero();
    }

    private void awaitCrdGone() {
        eventually(() -> assertThat(admin.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("imageshares.imageshare.dev")
                        .get())
                .isNull());
    }

    private long shareCount() {
        return admin.resources(ImageShare.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .size();
    }

    @Test
    void theChartGoesAndComesBackAndNobodyIsRevoked() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        var images = shares(team, 3);

        assertThat(run("helm-uninstall")).contains("kept due to the resource policy");
        stopOperator();
        assertThat(deployment()).isNull();
        assertThat(shareCount()).isEqualTo(3);
        nobodyWasRevoked(cloud, images);

        run("helm");
        startOperator();
        team.edit("share-0", s -> Namespace.withResync(s, "2s"));
        team.awaitReady("share-0");
        nobodyWasRevoked(cloud, images);
    }

    @Test
    void theOperatorsNamespaceGoesAndNobodyIsRevoked() throws IOException {
        var cloud = embedded();
        run("kustomize");
        startOperator();
        var images = shares(team(), 3);

        run("kustomize-uninstall");
        // It lives on until its pod would have ended, with an account that is gone.
        stopOperator();
        assertThat(shareCount()).isEqualTo(3);
        assertThat(admin.resources(ClusterRole.class)
                        .withName("imageshare-operator")
                        .get())
                .isNull();
        nobodyWasRevoked(cloud, images);
    }

    @Test
    void everythingIsTakenAwayAndNobodyIsRevoked() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        // more than a mass deletion's limit
        var images = shares(team, 12);
        var secret = admin.secrets().inNamespace(team.name).withName("clouds");
        assertThat(secret.get().getMetadata().getFinalizers()).contains(CredentialSecrets.FINALIZER);

        run("detach-all");
        assertThat(shareCount()).isZero();
        eventually(() -> assertThat(secret.get().getMetadata().getFinalizers()).isEmpty());
        run("helm-uninstall");
        stopOperator();
        run("crds");
        assertThat(admin.apiextensions().v1().customResourceDefinitions().list().getItems())
                .noneMatch(crd -> crd.getSpec().getGroup().equals("imageshare.dev"));
        nobodyWasRevoked(cloud, images);
    }

    @Test
    void theCrdsGoFirstWithoutAnOperatorAndWhatWaitsIsLetGoByHand() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        var images = shares(team, 3);
        run("helm-uninstall");
        stopOperator();

        run("crds", "kubectl delete", "kubectl delete --wait=false");
        eventually(
                () -> assertThat(team.at("share-0").get().isMarkedForDeletion()).isTrue());
        assertThat(shareCount()).isEqualTo(3);
        run("release");
        awaitCrdGone();
        assertThat(admin.secrets()
                        .inNamespace(team.name)
                        .withName("clouds")
                        .get()
                        .getMetadata()
                        .getFinalizers())
                .isEmpty();
        nobodyWasRevoked(cloud, images);

        // Back from Git: what an object finds there was not added by it.
        run("helm");
        startOperator();
        var some = List.copyOf(cloud.members("producer", images.get(0)).keySet());
        team.create(team.share("share-0", images.get(0), some.subList(0, 1)));
        team.awaitReason("share-0", Reason.RemovalHeld);
        nobodyWasRevoked(cloud, images);
    }

    @Test
    void theCrdsGoUnderARunningOperatorAndManyWait() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        var images = shares(team, 12);

        run("crds", "kubectl delete", "kubectl delete --wait=false");
        for (var i = 0; i < 12; i++) {
            team.awaitReason("share-" + i, Reason.RemovalHeld);
        }
        nobodyWasRevoked(cloud, images);
        stopOperator();
        run("release");
        awaitCrdGone();
        nobodyWasRevoked(cloud, images);
    }

    /** No namespace has as many as its own limit; together they have more than the total. */
    @Test
    void theCrdsGoUnderARunningOperatorAndAFewInEachOfManyNamespacesWaitTogether() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var teams = Stream.generate(this::team).limit(6).toList();
        var images = new ArrayList<String>();
        for (var team : teams) {
            images.addAll(shares(team, 9));
        }

        run("crds", "kubectl delete", "kubectl delete --wait=false");
        for (var team : teams) {
            for (var i = 0; i < 9; i++) {
                team.awaitReason("share-" + i, Reason.RemovalHeld);
            }
        }
        nobodyWasRevoked(cloud, images);
        stopOperator();
        run("release");
        awaitCrdGone();
        nobodyWasRevoked(cloud, images);
    }

    /** As the page warns. */
    @Test
    void theCrdsGoUnderARunningOperatorAndFewAreRevoked() throws IOException {
        var cloud = embedded();
        run("helm");
        startOperator();
        var team = team();
        var images = shares(team, 2);
        var detached = newImage();
        team.create(changed(team.share("kept", detached, projects(2)), s -> with(s, OnDelete.detach)));
        team.awaitReady("kept");

        run("crds");
        for (var image : images) {
            assertThat(cloud.members("producer", image)).isEmpty();
        }
        assertThat(cloud.members("producer", detached)).hasSize(2);

        // When they are back the operator works again; a kubelet starts it anew if it ended.
        run("helm");
        var image = newImage();
        eventually(() -> team.create(team.share("again", image, projects(1))));
        eventually(() -> {
            if (!operator.isAlive()) {
                startOperator();
            }
            assertThat(cloud.members("producer", image)).hasSize(1);
        });
    }
}
