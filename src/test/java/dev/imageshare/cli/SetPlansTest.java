package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedKeystoneAdmin;
import dev.imageshare.embedded.EmbeddedOpenStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code plan} says of ProjectSets that the files bring or change, and of the ImageShares that name them. */
class SetPlansTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);
    private static final String D = "d".repeat(32);

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final EmbeddedKeystoneAdmin admin = cloud.keystone();

    @TempDir
    private Path folder;

    private Path clouds;
    private String image;

    @BeforeEach
    void start() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
        image = cloud.createImage("producer", "ubuntu-24.04", "shared", List.of());
    }

    @AfterEach
    void readsOnly() {
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
        cloud.close();
    }

    private CommandRun plan(String manifests, Object... more) {
        var file = CommandRun.write(folder.resolve("shares/all.yaml"), manifests);
        var args = new ArrayList<Object>(List.of("plan", "--clouds", clouds, "-f", file));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private Path state(String... objects) {
        return CommandRun.write(folder.resolve("state.yaml"), String.join("---\n", objects));
    }

    private String share() {
        return """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: ubuntu, namespace: team}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  image: {id: %s}
                  projectSetRefs: [{name: consumers}]
                """.formatted(image);
    }

    /** As the operator left it: in order, by the set. */
    private String shareOfCluster(String... members) {
        return share().replace(
                                "namespace: team}",
                                "namespace: team, uid: u-1, generation: 1, creationTimestamp: \"2026-01-01T00:00:00Z\"}")
                + """
                status:
                  observedGeneration: 1
                  adopted: true
                  image: {id: %s, owner: %s, region: RegionOne}
                  projectSets: [{name: consumers, uid: u-2, establishedAt: "2026-01-01T00:00:00Z"}]
                  members: [%s]
                """.formatted(
                                image,
                                cloud.projectId("images"),
                                String.join(
                                        ", ",
                                        List.of(members).stream()
                                                .map(id -> "{projectID: " + id
                                                        + ", status: pending, declared: true, added: true, sources:"
                                                        + " [ProjectSet/consumers]}")
                                                .toList()));
    }

    private static String set(String spec) {
        return """
                ---
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: consumers, namespace: team}
                spec: %s
                """.formatted(spec);
    }

    private static String byHand(String... ids) {
        return "["
                + String.join(
                        ", ",
                        List.of(ids).stream()
                                .map(id -> "{projectID: " + id + "}")
                                .toList()) + "]";
    }

    private static String setOfCluster(String spec, String... ids) {
        return set(spec).replace("---\n", "").replace("namespace: team}", "namespace: team, uid: u-2, generation: 1}")
                + """
                status:
                  observedGeneration: 1
                  complete: true
                  establishedAt: "2026-01-01T00:00:00Z"
                  projects: [%s]
                """.formatted(String.join(
                        ", ",
                        List.of(ids).stream()
                                .map(id -> "{projectID: " + id + ", sources: [spec.projects]}")
                                .toList()));
    }

    @Test
    void aNewSetBringsItsProjects() {
        cloud.addMember("producer", image, A);

        var run = plan(share() + set("{projects: [{projectID: %s}, {projectID: %s, name: team-b}]}".formatted(A, B)));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("ProjectSet team/consumers  (", "  2 projects\n", "  + " + A + "\n")
                .containsSubsequence(
                        "  + " + B + " \"team-b\"\n", "ImageShare team/ubuntu", "  + " + B + " \"team-b\"\n");
        assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; no of 2 objects have errors.");
    }

    /** By itself it writes nothing to OpenStack. */
    @Test
    void aSetThatNobodyNamesIsNothingToDo() throws IOException {
        var run = plan(set("{projects: %s}".formatted(byHand(A))), "--output", "json");

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        var planned = new ObjectMapper().readTree(run.out()).at("/sets/0");
        assertThat(planned.get("name").asText()).isEqualTo("consumers");
        assertThat(planned.get("complete").asBoolean()).isTrue();
        assertThat(planned.at("/changes/0/action").asText()).isEqualTo("add");
        assertThat(cloud.requests()).isEmpty();
    }

    /** Judged at the set: the share's own limit of one doesn't hold it back. */
    @Test
    void whoLeavesAChangedSetLosesTheImage() {
        for (var member : List.of(A, B, C, D)) {
            cloud.addMember("producer", image, member);
        }
        var before = "{projects: %s}".formatted(byHand(A, B, C, D));
        var managed = "spec:\n  managedOptions: {maxRemovals: 1}\n";

        var run = plan(
                share().replace("spec:\n", managed)
                        + set("{projects: %s, managedOptions: {maxRemovals: 2}}".formatted(byHand(A, B))),
                "--cluster-state",
                state(shareOfCluster(A, B, C, D).replace("spec:\n", managed), setOfCluster(before, A, B, C, D)));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        "  - " + C + "  leaves the set, and the images that are shared with it",
                        "  - " + C + "  pending; loses access",
                        "  - " + D + "  pending; loses access");
        assertThat(run.lastLine()).isEqualTo("Plan: 0 to add, 2 to remove, 0 held; no of 2 objects have errors.");
    }

    @Test
    void moreThanTheSetLetsGoAreHeldThere() {
        for (var member : List.of(A, B, C, D)) {
            cloud.addMember("producer", image, member);
        }

        var run = plan(
                share() + set("{projects: %s}".formatted(byHand(A, B))),
                "--cluster-state",
                state(
                        shareOfCluster(A, B, C, D),
                        setOfCluster("{projects: %s}".formatted(byHand(A, B, C, D)), A, B, C, D)));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("  4 projects\n", "  ! " + C + "  leaving held: maxRemovals 25% allows 1 of 4 projects")
                .doesNotContain("loses access");
        assertThat(run.lastLine()).isEqualTo("Plan: 0 to add, 0 to remove, 2 held; no of 2 objects have errors.");
    }

    /** As it is in the cluster already, its status says who is in it, and Keystone isn't asked. */
    @Test
    void aSetThatIsInTheClusterJustSoIsTakenAsItIs() throws IOException {
        cloud.addMember("producer", image, A);

        var run = plan(
                share() + set("{projects: %s}".formatted(byHand(A))),
                "--cluster-state",
                state(shareOfCluster(A), setOfCluster("{projects: %s}".formatted(byHand(A)), A)),
                "--output",
                "json");

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(new ObjectMapper().readTree(run.out()).get("sets")).isEmpty();
    }

    /** The set may be in the cluster, where it decides who leaves, and the share's own limit doesn't count for them. */
    @Test
    void withoutTheStateItIsNeverMilder() {
        for (var member : List.of(A, B, C, D)) {
            cloud.addMember("producer", image, member);
        }

        var run = plan(share() + set("{projects: %s}".formatted(byHand(A))));

        assertThat(run.out())
                .contains("note: If the set is in the cluster, who leaves it by this is decided there.")
                .contains("  - " + B
                        + "  pending; loses access at once if this object is in sync in the cluster already");
    }

    private String domainSet(String domain) {
        return set("""

                  cloudCredentialsRef: {secretName: s, cloudName: directory}
                  selectors:
                    - name: golden
                      domain: {id: %s}
                      filter: {tags: [golden]}
                """.formatted(domain).stripTrailing());
    }

    @Test
    void selectorsAreReadWithYourCredentials() {
        var domain = admin.createDomain("d");
        var red = admin.createProject(domain, null, "team-red", List.of("golden"));
        admin.createProject(domain, null, "other", List.of());
        var reader = admin.domainReader(domain);
        clouds = CommandRun.write(
                folder.resolve("clouds.yaml"), cloud.cloudsYaml() + reader.substring(reader.indexOf('\n') + 1));

        var run = plan(share() + domainSet(domain));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("  1 project\n")
                .containsSubsequence("ImageShare team/ubuntu", "  + " + red + " \"team-red\"");
        assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; no of 2 objects have errors.");
    }

    @Test
    void selectorsThatCantBeReadHereAreSaidToBe() {
        cloud.addMember("producer", image, A);

        var run = plan(share() + domainSet("d".repeat(32)));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        "  0 projects; not all that it names could be read, so nobody leaves by it",
                        "note: Not read here: CredentialsInvalid: Selector golden: ",
                        "clouds.yaml has no entry directory; it has: admin, ",
                        "Waiting for ProjectSet consumers");
        assertThat(run.lastLine())
                .isEqualTo("Plan: 0 to add, 0 to remove, 1 held; no of 2 objects have errors. 1 change depends on the"
                        + " cluster's state. References of 1 can't be resolved without the cluster.");
    }
}
