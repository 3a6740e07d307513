package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.MemberStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportAndReportTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);

    private final EmbeddedOpenStack cloud =
            EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults().withMemberQuota(2_000));

    @TempDir
    private Path folder;

    private Path clouds;

    @BeforeEach
    void start() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
    }

    @AfterEach
    void readsOnly() {
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
        cloud.close();
    }

    private String image(String name, String... members) {
        var image = cloud.createImage("producer", name, "shared", List.of());
        for (var member : members) {
            cloud.addMember("producer", image, member);
        }
        return image;
    }

    private CommandRun export(Object... more) {
        var args = new java.util.ArrayList<Object>(List.of("export", "--clouds", clouds, "--cloud", "producer"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private CommandRun planOf(Path files) {
        return CommandRun.of("plan", "--clouds", clouds, "-f", files);
    }

    // ------------------------------------------------------------------ export

    @Test
    void anExportedProjectHasNothingToDo() {
        var first = image("Ubuntu 24.04 (LTS)", A, B);
        image("nobody's");
        var caseVariants = List.of(image("Debian 13", B), image("debian-13", B));
        cloud.hide("producer", caseVariants.get(0));
        cloud.createImage("consumer-a", "foreign", "shared", List.of());
        var withOwner = image("with its owner", cloud.projectId("images"), A.toUpperCase(java.util.Locale.ROOT), A);

        var run = export("--namespace", "golden", "--output-dir", folder.resolve("out"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(folder.resolve("out").toFile().list())
                .hasSize(4)
                .contains("ubuntu-24-04-lts.yaml", "debian-13.yaml", "with-its-owner.yaml")
                .containsAnyElementsOf(caseVariants.stream()
                        .map(id -> "debian-13-" + id.substring(0, 8) + ".yaml")
                        .toList());
        assertThat(folder.resolve("out/ubuntu-24-04-lts.yaml")).hasContent("""
                # Ubuntu 24.04 (LTS)
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata:
                  name: ubuntu-24-04-lts
                  namespace: golden
                spec:
                  cloudCredentialsRef:
                    secretName: producer-clouds
                    cloudName: producer
                  image:
                    id: "%s"
                  members:
                    - projectID: "%s"
                    - projectID: "%s"
                """.formatted(first, A, B));
        var plan = planOf(folder.resolve("out"));
        assertThat(plan.exitCode()).as(plan.out()).isZero();
        assertThat(plan.out()).contains(withOwner, "Plan: 0 to add, 0 to remove, 0 held; no of 4 objects have errors.");
    }

    /** What one image lacks doesn't keep the others from sharing; Keystone's names are written where it tells them. */
    @Test
    void whatManyImagesHaveInCommonIsAProjectSet() throws IOException {
        var a = cloud.projectId("consumer-a");
        var b = cloud.projectId("consumer-b");
        image("just these", a, b);
        image("and one more", b, a, A);
        image("other", b, B);
        image("project-set-consumers", A);
        var out = folder.resolve("out");

        var run = CommandRun.of(
                "export", "--clouds", clouds, "--cloud", "producer", "--output-dir", out, "--project-set", "consumers");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("4 images are shared by the project of cloud producer; written to");
        assertThat(out.toFile().list()).hasSize(5);
        var sorted = java.util.stream.Stream.of(a, b).sorted().toList();
        assertThat(out.resolve("project-set-consumers.yaml")).hasContent("""
                # What many images have in common
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata:
                  name: consumers
                spec:
                  projects:
                    - projectID: "%s"
                    - projectID: "%s"
                """.formatted(sorted.get(0), sorted.get(1)));
        assertThat(Files.readString(out.resolve("just-these.yaml")))
                .endsWith("  projectSetRefs:\n    - name: consumers\n");
        assertThat(Files.readString(out.resolve("and-one-more.yaml"))).endsWith("""
                          projectSetRefs:
                            - name: consumers
                          members:
                            - projectID: "%s"
                        """.formatted(A));
        assertThat(Files.readString(out.resolve("other.yaml"))).doesNotContain("projectSetRefs");
        var plan = planOf(out);
        assertThat(plan.exitCode()).as(plan.out()).isZero();
        assertThat(plan.out())
                .contains("ProjectSet default/consumers", "  + " + a, "nothing to do; 3 members as declared");
    }

    @Test
    void aProjectSetHasNamesWhereKeystoneTellsThem() {
        var a = cloud.projectId("consumer-a");
        for (var name : List.of("one", "two")) {
            cloud.addMember("admin", cloud.createImage("admin", name, "shared", List.of()), a);
        }

        var run = CommandRun.of("export", "--clouds", clouds, "--cloud", "admin", "--project-set", "consumers");

        assertThat(run.out()).contains("    - projectID: \"" + a + "\"\n      name: \"consumer-a\"\n");
    }

    @Test
    void withoutAnythingInCommonThereIsNoProjectSet() {
        image("one", A);
        image("two", B);

        var run = export("--project-set", "consumers");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).doesNotContain("ProjectSet").contains("    - projectID: \"" + A + "\"");
        assertThat(run.err()).contains("no two images have a member in common");
        assertThat(export("--project-set", "No Name").err())
                .contains("--project-set must be a name")
                .hasLineCount(1);
    }

    @Test
    void itIsTheSameAgainAndOverwritesNoEdit() throws IOException {
        image("one", A);
        var out = folder.resolve("out");
        export("--output-dir", out);
        var before = Files.readString(out.resolve("one.yaml"));

        assertThat(export("--output-dir", out).exitCode()).isZero();
        assertThat(out.resolve("one.yaml")).hasContent(before);
        Files.writeString(out.resolve("one.yaml"), before + "# mine\n");
        var refused = export("--output-dir", out);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("one.yaml exists and differs").hasLineCount(1);
        assertThat(export("--output-dir", out, "--force").exitCode()).isZero();
        assertThat(out.resolve("one.yaml")).hasContent(before);
    }

    /** An export without them would take the members of every image away once it is applied. */
    @Test
    void membersThatAPolicyHidesAreNotTakenForNone() {
        image("one", A);
        cloud.intercept((method, path) -> path.endsWith("/members") ? Fault.canned(403, "{}") : null);

        for (var run : List.of(export(), CommandRun.of("report", "--clouds", clouds, "--cloud", "producer"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).contains("403").hasLineCount(1);
        }
    }

    @Test
    void anImageThatIsMadePrivateMeanwhileIsNotExported() {
        var image = image("one", A);
        cloud.intercept((method, path) -> {
            if (path.endsWith("/members")) {
                cloud.setVisibility("producer", image, "private");
            }
            return null;
        });

        var run = export();

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("0 images are shared");
    }

    @Test
    void membersThatNoObjectCanDeclareKeepTheirAccess() {
        var odd = image("odd", A, "b\u00fcro", "two words", "web-team");
        var big = image("big");
        for (int i = 0; i < 1_001; i++) {
            cloud.addMember("producer", big, "%032x".formatted(i));
        }

        var run = export();

        assertThat(run.err())
                .contains("warning: image " + odd + ": 2 of its members can't be declared (they are not project IDs)")
                .contains(
                        "warning: image " + big + ": 1 of its members can't be declared (an object has at most 1,000)");
        assertThat(run.out()).contains("membershipPolicy: Additive", "- projectID: \"web-team\" # no project ID");
        var nothingThere = CommandRun.write(folder.resolve("state.yaml"), "apiVersion: v1\nkind: List\nitems: []\n");
        var all = CommandRun.write(folder.resolve("all.yaml"), run.out());
        var plan = CommandRun.of("plan", "--clouds", clouds, "-f", all, "--cluster-state", nothingThere);
        assertThat(plan.exitCode())
                .as(plan.out().lines().filter(l -> l.length() < 500).toList().toString())
                .isZero();
    }

    @Test
    void namesThatKubernetesDoesNotTakeAreMadeSo() {
        image("\u30a4\u30e1\u30fc\u30b8", A);
        image("-".repeat(3) + "X".repeat(200), A);
        image("line\nbreak: {evil", A);
        image("", A);

        var run = export();

        assertThat(run.out().lines().filter(l -> l.startsWith("  name: ")))
                .hasSize(4)
                .allMatch(l -> l.matches("  name: [a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"));
        assertThat(planOf(CommandRun.write(folder.resolve("all.yaml"), run.out()))
                        .exitCode())
                .isZero();
    }

    @Test
    void aWrongEntryIsOneLine() {
        var run = CommandRun.of("export", "--clouds", clouds, "--cloud", "nowhere");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("clouds.yaml has no entry nowhere; it has: admin, producer");
    }

    // ------------------------------------------------------------------ report

    private CommandRun report(Object... more) {
        var args = new java.util.ArrayList<Object>(List.of("report", "--clouds", clouds));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    @Test
    void accessAndAnswerAreTwoThings() {
        var a = cloud.projectId("consumer-a");
        var b = cloud.projectId("consumer-b");
        var shared = image("shared", a, b, A);
        cloud.answer("consumer-a", shared, MemberStatus.accepted);
        cloud.answer("consumer-b", shared, MemberStatus.rejected);
        cloud.createImage("producer", "mine", "private", List.of());
        cloud.createImage("producer", "commons", "community", List.of());
        var stopped = image("stopped", a);
        cloud.deactivate(stopped);

        var run = report("--cloud", "producer");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()
                        .lines()
                        .map(l -> l.replaceAll(" {2,}", "|").replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z", "T")))
                .contains(
                        "IMAGE|IMAGE ID|PROJECT|ANSWER|SINCE|MAY BOOT",
                        "shared|" + shared + "|" + a + "|accepted|T|yes",
                        "shared|" + shared + "|" + b + "|rejected|T|yes, by ID",
                        "shared|" + shared + "|" + A + "|pending|T|yes, by ID",
                        "stopped|" + stopped + "|" + a + "|pending|T|no: deactivated")
                .anyMatch(l -> l.startsWith("commons|") && l.endsWith("|(everyone)|-|-|yes, by ID"))
                .anyMatch(l -> l.startsWith("mine|") && l.endsWith("|(none)|-|-|owner only"))
                .anyMatch(l -> l.startsWith("note: Projects are shown by ID only"));
        assertThat(run.lastLine())
                .isEqualTo("Total: 4 images, 4 memberships of 3 projects: 1 accepted, 2 pending, 1 rejected; 1 for"
                        + " everyone.");
    }

    @Test
    void namesAreToldWhereKeystoneTellsThem() throws IOException {
        image("one", cloud.projectId("consumer-a"), A);

        var run = report("--cloud", "producer,admin", "-o", "json");

        var json = new ObjectMapper().readTree(run.out());
        assertThat(json.at("/rows").findValuesAsText("projectName")).containsExactly("consumer-a");
        assertThat(json.get("notes")).isEmpty();
    }

    /** Who may list projects may also ask for one; nobody else is told anything. */
    @Test
    void aMemberThatIsNoProjectOfKeystoneIsToldAsSuch() {
        image("one", cloud.projectId("consumer-a"), A);
        image("two", A, "a name");

        cloud.clearRequests();
        var run = report("--cloud", "producer,admin");

        assertThat(run.out())
                .containsPattern(cloud.projectId("consumer-a") + " +consumer-a +pending")
                .containsPattern(A + " +\\(not in Keystone\\) +pending")
                .containsPattern("a name +- +pending");
        assertThat(run.lastLine()).endsWith("; 2 of projects not in Keystone.");
        assertThat(cloud.requests())
                .filteredOn(call -> call.path().startsWith("/v3/projects/"))
                .hasSize(1);
        assertThat(report("--cloud", "producer,admin", "-o", "csv").out().split("\r\n"))
                .satisfies(lines -> assertThat(lines[0]).endsWith(",as_of,not_in_keystone"))
                .filteredOn(line -> line.endsWith(",true"))
                .hasSize(2)
                .allMatch(line -> line.contains(A));
        assertThat(report("--cloud", "producer").out()).doesNotContain("not in Keystone");
    }

    @Test
    void csvIsForSpreadsheets() {
        var id = image("a \"quoted\", name", A);
        image("=cmd()", B);

        var run = report("--cloud", "producer", "-o", "csv");

        assertThat(run.out().split("\r\n"))
                .hasSize(3)
                .satisfies(lines -> assertThat(lines[0]).startsWith("cloud,image_id,image_name,owner,"))
                .anyMatch(l -> l.startsWith("producer," + id + ",\"a \"\"quoted\"\", name\","))
                .anyMatch(l -> l.contains(",'=cmd(),"));
        assertThat(run.err()).contains("note: Projects are shown by ID only");
    }

    @Test
    void whatWaitsLongestCanComeFirst() throws IOException {
        var a = cloud.projectId("consumer-a");
        var answered = image("a-answered", a);
        cloud.answer("consumer-a", answered, MemberStatus.accepted);
        image("z-waits", a);

        var rows = new ObjectMapper()
                .readTree(report("--cloud", "producer", "--sort", "pending", "-o", "json")
                        .out())
                .get("rows");

        assertThat(rows.findValuesAsText("imageName")).containsExactly("z-waits", "a-answered");
        assertThat(new ObjectMapper()
                        .readTree(report("--cloud", "producer", "--sort", "age", "-o", "json")
                                .out())
                        .get("rows")
                        .findValuesAsText("imageName"))
                .containsExactly("a-answered", "z-waits");
    }

    @Test
    void aReportNeedsASource() {
        var run = CommandRun.of("report", "--clouds", clouds, "--cloud", "");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("--cloud", "--from-cluster");
    }

    // -------------------------------------------------------------- completion

    @Test
    void aShellCompletesCommandsAndOptions() {
        var run = CommandRun.of("completion", "--name", "imageshare");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("complete -F _complete_imageshare", "--validate-only", "--from-cluster", "--output-dir");
    }

    @Test
    void eachCommandExplainsItself() {
        for (var command : List.of("plan", "export", "report", "completion")) {
            var run = CommandRun.of(command, "--help");
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .contains("Examples:", "imageshare-operator " + command, "--help")
                    .doesNotContain("${");
        }
    }
}
