package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
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

    @TempDir
    private Path folder;

    private CommandCluster cluster;

    @BeforeEach
    void start() {
        cluster = new CommandCluster(folder);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private String share(String... members) {
        return cluster.share("team", "ubuntu", members);
    }

    private void create(String share) {
        cluster.create(share, ImageShare.class);
    }

    private ImageShare created() {
        return cluster.client
                .resources(ImageShare.class)
                .inNamespace("team")
                .withName("ubuntu")
                .get();
    }

    private void createAcceptance(String name) {
        cluster.create("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageAcceptance
                metadata: {name: %s, namespace: team}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: consumer-a}
                  from: {owners: [%s]}
                  memberStatus: accepted
                """.formatted(name, A), ImageAcceptance.class);
    }

    private CommandRun look(Object... args) {
        var all = new java.util.ArrayList<Object>(List.of("look", "--kubeconfig", cluster.kubeconfig));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray());
    }

    @Test
    void aPlanReadsTheStateFromTheCluster() {
        cluster.cloud.addMember("producer", cluster.image, A);
        cluster.cloud.addMember("producer", cluster.image, B);
        create(share(A, B));
        cluster.status("team", "ubuntu", """
                {"observedGeneration": 1, "adopted": true,
                 "image": {"id": "%s", "owner": "%s", "region": "RegionOne"}}
                """.formatted(cluster.image, cluster.cloud.projectId("images")));
        createAcceptance("golden");
        var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cluster.cloud.cloudsYaml());
        var file = CommandRun.write(folder.resolve("share.yaml"), share(A));

        var run = CommandRun.of(
                "plan", "--clouds", clouds, "-f", file, "--from-cluster", "--kubeconfig", cluster.kubeconfig);

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("- " + B + "  pending; loses access, and must accept again")
                .contains("not in the files: ImageAcceptance team/golden");
        assertThat(run.lastLine()).isEqualTo("Plan: 0 to add, 1 to remove, 0 held; no of 1 object has errors.");
    }

    /** What a set stands for, and what it let go, only the cluster's state can tell. */
    @Test
    void aPlanCountsTheProjectsOfASet() {
        cluster.cloud.addMember("producer", cluster.image, A);
        cluster.cloud.addMember("producer", cluster.image, B);
        var clouds = CommandRun.write(folder.resolve("clouds.yaml"), cluster.cloud.cloudsYaml());
        var share = share().replace("  members: []", "  projectSetRefs: [{name: consumers}]");
        var file = CommandRun.write(folder.resolve("share.yaml"), share);
        var known = share + """
                status:
                  observedGeneration: 1
                  adopted: true
                  image: {id: %s, owner: %s, region: RegionOne}
                  projectSets: [{name: consumers, uid: u, establishedAt: "2026-01-01T00:00:00Z"}]
                  members:
                    - {projectID: %s, status: pending, declared: true, added: true, sources: [ProjectSet/consumers]}
                    - {projectID: %s, status: pending, declared: true, added: true, sources: [ProjectSet/consumers]}
                """.formatted(cluster.image, cluster.cloud.projectId("images"), A, B);
        var set = """
                ---
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: consumers, namespace: team, uid: u, generation: 1}
                spec: {projects: [{projectID: %s}]}
                status:
                  observedGeneration: 1
                  complete: true
                  establishedAt: "2026-01-01T00:00:00Z"
                  projects: [{projectID: %s}]
                  released: [%s]
                """.formatted(A, A, B);
        var with = CommandRun.write(folder.resolve("with.yaml"), known + set);
        var without = CommandRun.write(folder.resolve("without.yaml"), known);

        var plan = CommandRun.of("plan", "--clouds", clouds, "-f", file, "--cluster-state", with);
        var blind = CommandRun.of("plan", "--clouds", clouds, "-f", file, "--cluster-state", without);

        assertThat(plan.out())
                .as(plan.err())
                .contains("- " + B + "  pending; loses access, and must accept again")
                .doesNotContain(A);
        assertThat(plan.lastLine()).isEqualTo("Plan: 0 to add, 1 to remove, 0 held; no of 1 object has errors.");
        assertThat(blind.out())
                .as(blind.err())
                .contains("Waiting for ProjectSet consumers: only the cluster knows its projects")
                .doesNotContain("1 to remove");
    }

    @Test
    void lookSetsTheAnnotationToNow() {
        create(share(A));
        var before = Instant.now();

        var run = look("team/ubuntu");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("ImageShare team/ubuntu will be reconciled now\n");
        var value = created().getMetadata().getAnnotations().get("imageshare.dev/look-now");
        assertThat(Instant.parse(value)).isBetween(before, Instant.now());
        assertThat(look("-n", "team", "ubuntu").exitCode()).isZero();
        assertThat(created().getMetadata().getAnnotations().get("imageshare.dev/look-now"))
                .isNotEqualTo(value);
    }

    @Test
    void lookFindsBothKindsAndTakesOneByChoice() {
        create(share(A));
        createAcceptance("ubuntu");

        assertThat(look("team/ubuntu", "--kind", "imageacceptance").out())
                .isEqualTo("ImageAcceptance team/ubuntu will be reconciled now\n");
        assertThat(created().getMetadata().getAnnotations()).isNullOrEmpty();
        assertThat(look("team/ubuntu").out()).hasLineCount(2).contains("ImageShare", "ImageAcceptance");
    }

    @Test
    void lookNamesWhatIsNotThereAndLooksAtTheRest() {
        create(share(A));

        var run = look("team/gone", "team/ubuntu");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("ImageShare team/ubuntu will be reconciled now\n");
        assertThat(run.err())
                .contains(
                        "there is no ImageShare or ImageAcceptance or ProjectSet or ImageShareSet or ImageAccessRequest team/gone")
                .hasLineCount(1);
        assertThat(look("a/b/c").err()).contains("a/b/c is not a name").hasLineCount(1);
        assertThat(look("team/").err()).contains("is not a name");
    }

    @Test
    void aClusterThatCannotBeReachedIsOneLine() {
        var nowhere = CommandRun.write(
                folder.resolve("nowhere"),
                cluster.api.kubeconfig().replaceAll("server: [^}]*", "server: http://127.0.0.1:1"));

        var run = CommandRun.of("look", "--kubeconfig", nowhere, "team/ubuntu");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("can't reach the cluster").hasLineCount(1);
        assertThat(CommandRun.of("look", "--kubeconfig", folder.resolve("none"), "team/ubuntu")
                        .err())
                .contains("which is not a file")
                .hasLineCount(1);
    }
}
