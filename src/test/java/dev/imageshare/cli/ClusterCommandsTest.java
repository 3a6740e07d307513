package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands with the user's kubeconfig: {@code plan --from-cluster} and {@code look}. */
class ClusterCommandsTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final KubernetesClient client = api.client();

    @TempDir
    private Path folder;

    private Path kubeconfig;
    private String image;

    @BeforeEach
    void start() {
        kubeconfig = CommandRun.write(folder.resolve("kubeconfig"), api.kubeconfig());
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("team")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void stop() {
        client.close();
        api.close();
        cloud.close();
    }

    private String share(String... members) {
        return """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: ubuntu, namespace: team}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  image: {id: %s}
                  members: [%s]
                """.formatted(
                        image,
                        String.join(
                                ", ",
                                List.of(members).stream()
                                        .map(m -> "{projectID: " + m + "}")
                                        .toList()));
    }

    private void create(HasMetadata object) {
        client.resource(object).create();
    }

    private ImageShare share() {
        return client.resources(ImageShare.class)
                .inNamespace("team")
                .withName("ubuntu")
                .get();
    }

    private void createAcceptance(String name) {
        create(Serialization.unmarshal("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageAcceptance
                metadata: {name: %s, namespace: team}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: consumer-a}
                  from: {owners: [%s]}
                  memberStatus: accepted
                """.formatted(name, A), ImageAcceptance.class));
    }

    private CommandRun look(Object... args) {
        var all = new java.util.ArrayList<Object>(List.of("look", "--kubeconfig", kubeconfig));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray());
    }

    @Test
    void aPlanReadsTheStateFromTheCluster() {
        cloud.addMember("producer", image, A);
        cloud.addMember("producer", image, B);
        create(Serialization.unmarshal(share(A, B), ImageShare.class));
        client.resources(ImageShare.class)
                .inNamespace("team")
                .withName("ubuntu")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"observedGeneration": 1, "adopted": true,
                          "image": {"id": "%s", "owner": "%s", "region": "RegionOne"}}}
                        """.formatted(image, cloud.projectId("images")));
        createAcceptance("golden");
        var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
        var file = CommandRun.write(folder.resolve("share.yaml"), share(A));

        var run = CommandRun.of("plan", "--clouds", clouds, "-f", file, "--from-cluster", "--kubeconfig", kubeconfig);

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("- " + B + "  pending; loses access, and must accept again")
                .contains("not in the files: ImageAcceptance team/golden");
        assertThat(run.lastLine()).isEqualTo("Plan: 0 to add, 1 to remove, 0 held; no of 1 object has errors.");
    }

    @Test
    void lookSetsTheAnnotationToNow() {
        create(Serialization.unmarshal(share(A), ImageShare.class));
        var before = Instant.now();

        var run = look("team/ubuntu");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("ImageShare team/ubuntu is looked at now\n");
        var value = share().getMetadata().getAnnotations().get("imageshare.dev/look-now");
        assertThat(Instant.parse(value)).isBetween(before, Instant.now());
        assertThat(look("-n", "team", "ubuntu").exitCode()).isZero();
        assertThat(share().getMetadata().getAnnotations().get("imageshare.dev/look-now"))
                .isNotEqualTo(value);
    }

    @Test
    void lookFindsBothKindsAndTakesOneByChoice() {
        create(Serialization.unmarshal(share(A), ImageShare.class));
        createAcceptance("ubuntu");

        assertThat(look("team/ubuntu", "--kind", "imageacceptance").out())
                .isEqualTo("ImageAcceptance team/ubuntu is looked at now\n");
        assertThat(share().getMetadata().getAnnotations()).isNullOrEmpty();
        assertThat(look("team/ubuntu").out()).hasLineCount(2).contains("ImageShare", "ImageAcceptance");
    }

    @Test
    void lookNamesWhatIsNotThereAndLooksAtTheRest() {
        create(Serialization.unmarshal(share(A), ImageShare.class));

        var run = look("team/gone", "team/ubuntu");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("ImageShare team/ubuntu is looked at now\n");
        assertThat(run.err())
                .contains("there is no ImageShare or ImageAcceptance team/gone")
                .hasLineCount(1);
        assertThat(look("a/b/c").err()).contains("a/b/c is not a name").hasLineCount(1);
        assertThat(look("team/").err()).contains("is not a name");
    }

    @Test
    void aClusterThatCannotBeReachedIsOneLine() {
        var nowhere = CommandRun.write(
                folder.resolve("nowhere"), api.kubeconfig().replaceAll("server: [^}]*", "server: http://127.0.0.1:1"));

        var run = CommandRun.of("look", "--kubeconfig", nowhere, "team/ubuntu");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("can't reach the cluster").hasLineCount(1);
        assertThat(CommandRun.of("look", "--kubeconfig", folder.resolve("none"), "team/ubuntu")
                        .err())
                .contains("which is not a file")
                .hasLineCount(1);
    }
}
