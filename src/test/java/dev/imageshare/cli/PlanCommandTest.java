package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.MemberStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();

    @TempDir
    private Path folder;

    private Path clouds;
    private String image;

    @BeforeEach
    void start() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
        image = cloud.createImage("producer", "ubuntu-24.04", "shared", List.of("golden"));
    }

    @AfterEach
    void readsOnly() {
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
        cloud.close();
    }

    private CommandRun plan(String manifests, Object... more) {
        var file = CommandRun.write(folder.resolve("shares/shares.yaml"), manifests);
        var args = new java.util.ArrayList<Object>(List.of("plan", "--clouds", clouds, "-f", file));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private String share(String name, String imageId, String... members) {
        return """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: %s, namespace: team}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: producer}
                  image: {id: %s}
                  members: [%s]
                """.formatted(
                        name,
                        imageId,
                        String.join(
                                ", ",
                                List.of(members).stream()
                                        .map(m -> "{projectID: \"" + m + "\"}")
                                        .toList()));
    }

    /** With what an operator that was once in order with these members would remember. */
    private String remembered(String name, List<String> members, List<String> present) {
        return share(name, image, members.toArray(String[]::new))
                        .replace(
                                "namespace: team}",
                                "namespace: team, uid: u-1, generation: 3, creationTimestamp: \"2026-01-01T00:00:00Z\"}")
                + """
                status:
                  observedGeneration: 3
                  adopted: true
                  image: {id: %s, owner: %s, region: RegionOne}
                  members: [%s]
                """.formatted(
                                image,
                                cloud.projectId("images"),
                                String.join(
                                        ", ",
                                        present.stream()
                                                .map(p -> "{projectID: " + p
                                                        + ", declared: true, added: true, status: pending}")
                                                .toList()));
    }

    @Test
    void additionsAreChanges() {
        cloud.addMember("producer", image, A);

        var run = plan(share("ubuntu", image, A, B));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.out())
                .contains("ImageShare team/ubuntu", "shares.yaml:1)", image, "ubuntu-24.04", cloud.projectId("images"))
                .contains("  + " + B)
                .doesNotContain("+ " + A);
        assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; no of 1 object has errors.");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void whatIsAsDeclaredIsNothingToDo() {
        cloud.addMember("producer", image, A);

        var run = plan(share("ubuntu", image, A));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("nothing to do; 1 member as declared");
    }

    private Path state(String... objects) {
        var items = String.join(
                "",
                java.util.Arrays.stream(objects)
                        .map(object -> "- " + object.strip().replace("\n", "\n  ") + "\n")
                        .toList());
        return CommandRun.write(
                folder.resolve("state.yaml"),
                "apiVersion: v1\nkind: List\nitems:" + (items.isEmpty() ? " []\n" : "\n" + items));
    }

    @Test
    void aNewObjectHoldsTheRemovalOfMembersThatWereThereAndCannotApprove() {
        cloud.addMember("producer", image, A);
        cloud.addMember("producer", image, B);

        var run = plan(share("ubuntu", image, A), "--cluster-state", state());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        "! " + B + "  pending; removal held: the image already had these members",
                        "not in the cluster yet")
                .contains("to keep them, declare them")
                .doesNotContain("kubectl annotate", "depend");
        assertThat(run.lastLine()).isEqualTo("Plan: 0 to add, 0 to remove, 1 held; no of 1 object has errors.");
    }

    @Test
    void withoutTheClustersStateAPlanSaysWhatAnObjectInOrderRemovesAtOnce() {
        cloud.addMember("producer", image, A);
        cloud.addMember("producer", image, B);

        var run = plan(share("ubuntu", image, A));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out())
                .contains("- " + B
                        + "  pending; loses access at once if this object is in sync in the cluster already, and is held"
                        + " otherwise");
        assertThat(run.lastLine())
                .isEqualTo("Plan: 0 to add, 1 to remove, 0 held; no of 1 object has errors. 1 change depends on"
                        + " the cluster's state.");
        assertThat(run.out()).contains("The cluster's state is not known; use --from-cluster");
    }

    /** What an object added that was never in order is within its limit, since all others are held apart. */
    @Test
    void withoutTheClustersStateWhatIsBeyondTheLimitGoesOnlyIfTheObjectAddedIt() {
        List.of(A, B, C).forEach(p -> cloud.addMember("producer", image, p));

        var run = plan(share("ubuntu", image, A));

        assertThat(run.out())
                .contains("- " + B, "- " + C, "if this object added it and was not in sync yet, and is held otherwise")
                .doesNotContain("in sync in the cluster");
        var none = plan(share("ubuntu", image, A) + "  managedOptions: {maxRemovals: 0}\n");
        assertThat(none.out())
                .contains("! " + B, "! " + C, "the cluster may have an approval")
                .doesNotContain("- " + B);
        assertThat(none.lastLine())
                .startsWith("Plan: 0 to add, 0 to remove, 2 held;")
                .contains("2 changes depend");
    }

    @Test
    void withoutTheClustersStateAnAdditiveObjectMayHaveAddedEachMember() {
        List.of(A, B, C).forEach(p -> cloud.addMember("producer", image, p));

        var additive = share("ubuntu", image, A) + "  membershipPolicy: Additive\n";

        assertThat(plan(additive).out()).contains("- " + B, "- " + C, "at once if this object added it");
        assertThat(plan(additive + "  managedOptions: {maxRemovals: 0}\n").out())
                .doesNotContain("- " + B, "- " + C);
        assertThat(plan(additive, "--cluster-state", state()).exitCode()).isZero();
    }

    @Test
    void withoutTheClustersStateNobodyKnowsWhichImageAFilterFoundThere() {
        var filtered = share("ubuntu", image, A)
                .replace("image: {id: " + image + "}", "image: {filter: {name: ubuntu-24.04}}");

        assertThat(plan(filtered).out()).contains("If the object is in the cluster and found an image there");
        assertThat(plan(filtered, "--cluster-state", state()).out()).doesNotContain("If the object");
    }

    @Test
    void objectsThatOnlyTheClusterHasCount() {
        cloud.addMember("producer", image, B);
        var older = remembered("older", List.of(B), List.of(B));

        var run = plan(share("ubuntu", image, A), "--cluster-state", state(older));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("! Conflict: ImageShare team/older declares")
                .contains("In the cluster, but not in the files: ImageShare team/older. If applying the files deletes")
                .doesNotContain("+ " + A);
    }

    /** Nobody has these in files, so that they would be deleted is no news. */
    @Test
    void theImageSharesOfASetAreNotMissedInTheFiles() {
        var made = remembered("monthly-north", List.of(B), List.of(B))
                .replace(
                        "uid: u-1,",
                        "uid: u-1, ownerReferences: [{apiVersion: imageshare.dev/v1alpha1, kind: ImageShareSet,"
                                + " name: monthly, uid: u-2, controller: true}],");

        var run = plan(share("ubuntu", image, A), "--cluster-state", state(made));

        assertThat(run.out())
                .contains("! Conflict: ImageShare team/monthly-north declares")
                .doesNotContain("not in the files");
    }

    @Test
    void objectsOfTheClusterThatCannotBeLookedAtAreNamed() {
        var elsewhere =
                remembered("elsewhere", List.of(B), List.of(B)).replace("cloudName: producer", "cloudName: nowhere");

        var run = plan(
                share("ubuntu", image, A).replace("namespace: team", "namespace: other"),
                "--cluster-state",
                state(elsewhere));

        assertThat(run.out()).contains("can't be checked with your clouds.yaml", "ImageShare team/elsewhere.");
    }

    /** Of an object whose state can't be read nobody knows what happens. */
    @Test
    void aStateThatCannotBeReadIsAnError() {
        var broken = remembered("ubuntu", List.of(A), List.of(A)).replace("adopted: true", "adopted: perhaps");

        var run = plan(share("ubuntu", image, A), "--cluster-state", state(broken));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("state.yaml:", "status.adopted must be true or false");
        assertThat(plan(share("other", image, A), "--cluster-state", state(broken))
                        .out())
                .doesNotContain("status.adopted");
        var empty =
                plan(share("ubuntu", image, A), "--cluster-state", CommandRun.write(folder.resolve("empty.yaml"), ""));
        assertThat(empty.exitCode()).isEqualTo(1);
        assertThat(empty.err()).contains("is empty; write it with kubectl get").hasLineCount(1);
    }

    @Test
    void aStatusIsTheMemory() {
        List.of(A, B, C).forEach(p -> cloud.addMember("producer", image, p));

        var run = plan(remembered("ubuntu", List.of(A, B), List.of(A, B, C)));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).contains("  - " + C + "  pending; loses access").doesNotContain("first pass");
    }

    @Test
    void theClustersStateIsTheMemoryOfWhatIsInTheFiles() {
        List.of(A, B, C).forEach(p -> cloud.addMember("producer", image, p));
        var state = CommandRun.write(
                folder.resolve("state.yaml"), remembered("ubuntu", List.of(A, B, C), List.of(A, B, C)));

        var run = plan(share("ubuntu", image, A, B) + "---\n" + share("another", image, A), "--cluster-state", state);

        assertThat(run.out())
                .contains("  - " + C + "  pending; loses access")
                .contains("! Conflict: ImageShare team/ubuntu");
        var moved = plan(share("ubuntu", "1f7c6a3e-0d0b-4f5e-9a39-2f6d3a6f9f10", A), "--cluster-state", state);
        assertThat(moved.exitCode()).isEqualTo(1);
        assertThat(moved.out()).contains("spec.image can't be changed");
    }

    @Test
    void anApprovalCountsAsInTheOperator() throws IOException {
        List.of(A, B, C).forEach(p -> cloud.addMember("producer", image, p));
        var manifest = remembered("ubuntu", List.of(A), List.of(A, B, C));

        var held = new ObjectMapper().readTree(plan(manifest, "-o", "json").out());
        assertThat(held.at("/summary/held").asInt()).isEqualTo(2);
        var hash = held.at("/objects/0/approval").asText();
        var run = plan(manifest.replace(
                "generation: 3,", "generation: 3, annotations: {imageshare.dev/approve-removals: \"" + hash + "\"},"));

        assertThat(hash).hasSize(16);
        assertThat(run.out()).contains("  - " + B + "  pending; approved; loses access");
        assertThat(run.lastLine()).startsWith("Plan: 0 to add, 2 to remove, 0 held;");
    }

    @Test
    void ofTwoObjectsForOneImageOneWorks() {
        var run = plan(share("b", image, A) + "---\n" + share("a", image, B));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("+ " + B, "! Conflict: ImageShare team/a declares")
                .contains("+ " + A + "  if this object is the older one");
        var known = plan(share("b", image, A) + "---\n" + share("a", image, B), "--cluster-state", state());
        assertThat(known.out())
                .contains("+ " + A
                        + "  if the operator reconciles this object before ImageShare team/a, which is new too");
        var both = state(
                remembered("b", List.of(A), List.of()),
                remembered("a", List.of(B), List.of()).replace("u-1", "u-0"));
        var settled = plan(share("b", image, A) + "---\n" + share("a", image, B), "--cluster-state", both);
        assertThat(settled.out()).doesNotContain("+ " + A);
        assertThat(settled.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; 1 of 2 objects has errors.");
    }

    @Test
    void unmanagedChangesNothing() {
        var run = plan(share("ubuntu", image, A) + "  managementPolicy: unmanaged\n");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("unmanaged: nothing is written", "+ " + A);
    }

    @Test
    void aSuspendedObjectChangesNothingUntilItIsResumed() {
        var run = plan(share("ubuntu", image, A) + "  suspend: true\n");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("suspended: nothing is written until spec.suspend is false again", "+ " + A);
    }

    @Test
    void whatIsWrongWithTheCloudIsTold() {
        var other = cloud.createImage("consumer-a", "foreign", "shared", List.of());
        cloud.addMember("consumer-a", other, cloud.projectId("images"));
        var closed = cloud.createImage("producer", "closed", "private", List.of());

        var run = plan(String.join(
                "---\n",
                share("foreign", other, A),
                share("closed", closed, A),
                share("gone", "1f7c6a3e-0d0b-4f5e-9a39-2f6d3a6f9f10", A),
                share("nowhere", image, A).replace("cloudName: producer", "cloudName: nowhere"),
                share("fine", image, A)));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("! NotImageOwner:", "! ImageNotShared:", "! ImageNotFound:")
                .contains("! CredentialsInvalid: " + clouds
                        + ": clouds.yaml has no entry nowhere; it has: admin, producer")
                .contains("+ " + A);
        assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; 4 of 5 objects have errors.");
        assertThat(run.out() + run.err()).doesNotContain("lab-user-secret");
    }

    @Test
    void aFilterIsResolved() {
        var run = plan(share("ubuntu", image, A)
                .replace("image: {id: " + image + "}", "image: {filter: {name: ubuntu-24.04, tags: [golden]}}"));

        assertThat(run.out()).contains(image, "+ " + A);
    }

    @Test
    void faultsAreToldWithFileAndLineAndTheRestIsPlanned() {
        var bad = share("typo", image, A).replace("  members:", "  membershipPolice: Additive\n  members:");
        var run = plan(share("fine", image, A) + "---\n" + bad + "---\n" + share("fine", image, B));

        assertThat(run.exitCode()).isEqualTo(1);
        var file = folder.resolve("shares/shares.yaml");
        assertThat(run.out())
                .contains("! " + file + ":15: ImageShare team/typo: spec.membershipPolice is an unknown field; did you"
                        + " mean membershipPolicy?")
                .contains("! " + file + ":18: ImageShare team/fine: is in the files twice, also at " + file + ":1")
                .contains("+ " + A);
        assertThat(run.lastLine()).isEqualTo("Plan: 1 to add, 0 to remove, 0 held; 2 of 3 objects have errors.");
    }

    @Test
    void otherKindsListsAndTemplatesAreSkipped() {
        CommandRun.write(
                folder.resolve("shares/chart/templates/x.yaml"), "metadata:\n  name: {{ .Values.name }}\n{{- end }}\n");
        CommandRun.write(folder.resolve("shares/.git/y.yaml"), share("hidden", image, B));
        CommandRun.write(folder.resolve("shares/list.json"), """
                {"apiVersion": "v1", "kind": "List", "items": [
                  {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}},
                  {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare", "metadata": {"name": "listed"},
                   "spec": {"cloudCredentialsRef": {"secretName": "s", "cloudName": "producer"},
                            "image": {"id": "%s"}, "members": [{"projectID": "%s"}]}}]}
                """.formatted(image, B));

        var run = CommandRun.of("plan", "--clouds", clouds, "-n", "here", "-f", folder.resolve("shares"));

        assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        "ImageShare here/listed",
                        "list.json:3)",
                        "+ " + B,
                        "Skipped: 1 of other kinds; 1 with templates or placeholders")
                .doesNotContain("hidden");
    }

    @Test
    void referencesAreResolvedFromOrcsObjectsInTheFilesAndElseNeedTheCluster() {
        cloud.addMember("producer", image, C);
        var referring = share("ubuntu", image, A) + "  projectRefs: [{name: web}]\n";

        var unknown = plan(referring);
        assertThat(unknown.exitCode()).as(unknown.out()).isEqualTo(2);
        assertThat(unknown.out())
                .contains("+ " + A, "note: Waiting for ORC Project web: only the cluster knows")
                .contains("- " + C, "unless a reference stands for it")
                .doesNotContain("WaitingForReference");

        var known = plan(referring + """
                ---
                apiVersion: openstack.k-orc.cloud/v1alpha1
                kind: Project
                metadata: {name: web, namespace: team}
                status: {id: %s}
                """.formatted(B));
        assertThat(known.out()).contains("+ " + A, "+ " + B).doesNotContain("only the cluster knows");
    }

    @Test
    void aPatternsAnswersAreChangesAndWhatAPersonAnsweredIsLeft() {
        var second = cloud.createImage("producer", "debian-13", "shared", List.of());
        for (var each : List.of(image, second)) {
            cloud.addMember("producer", each, cloud.projectId("consumer-a"));
        }
        cloud.answer("consumer-a", second, MemberStatus.rejected);

        var run = plan("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageAcceptance
                metadata: {name: golden}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: consumer-a}
                  from: {owners: [%s]}
                  memberStatus: accepted
                ---
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageAcceptance
                metadata: {name: one}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: consumer-a}
                  image: {id: %s}
                  memberStatus: accepted
                """.formatted(cloud.projectId("images"), second));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out())
                .contains("~ " + image + " ubuntu-24.04  pending -> accepted")
                .contains("~ " + second + " debian-13  rejected -> accepted");
        assertThat(run.lastLine())
                .isEqualTo("Plan: 0 to add, 0 to remove, 0 held, 2 answers to give; no of 2 objects have errors.");
    }

    @Test
    void withoutACloudTheManifestsAreChecked() {
        var run = plan(share("ubuntu", image, A), "--validate-only");

        assertThat(run.exitCode()).isZero();
        assertThat(cloud.requests()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsOneLine() {
        var run = CommandRun.of("plan", "--clouds", clouds, "-f", folder.resolve("nothing.yaml"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("imageshare-operator plan: " + folder.resolve("nothing.yaml") + " doesn't exist\n");
        assertThat(CommandRun.of("plan").err()).hasLineCount(1).contains("--filename", "--help");
        assertThat(CommandRun.of("plan", "-f", "x", "--outptu=json").err())
                .hasLineCount(1)
                .contains("--outptu");
    }

    @Test
    void jsonHasAStableShape() throws IOException {
        cloud.addMember("producer", image, B);

        var json = new ObjectMapper()
                .readTree(plan(share("ubuntu", image, A), "--output", "json").out());

        assertThat(json.get("summary").toString())
                .isEqualTo(
                        "{\"objects\":1,\"add\":1,\"remove\":1,\"held\":0,\"answer\":0,\"errors\":0,\"unresolved\":0,"
                                + "\"unreadable\":0,\"dependOnCluster\":1}");
        var object = json.at("/objects/0");
        assertThat(object.get("kind").asText()).isEqualTo("ImageShare");
        assertThat(object.get("image").get("id").asText()).isEqualTo(image);
        assertThat(object.get("firstPass").asBoolean()).isTrue();
        assertThat(object.at("/changes/0").toString()).isEqualTo("{\"action\":\"add\",\"project\":\"" + A + "\"}");
        assertThat(object.at("/changes/1/action").asText()).isEqualTo("remove");
        assertThat(object.at("/changes/1/dependsOnCluster").asBoolean()).isTrue();
        assertThat(json.get("notInFiles")).isEmpty();
        assertThat(json.get("faults")).isEmpty();
        assertThat(json.at("/skipped/otherKinds").asInt()).isZero();
    }
}
