package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What users see of names, IDs and lists that no reasonable cloud has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OddCloudTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private EmbeddedWorld world;
    private EmbeddedOpenStack cloud;
    private Namespace team;

    @BeforeAll
    void start() {
        world = new EmbeddedWorld(
                Settings.defaults(), EmbeddedOpenStack.Options.defaults().withMemberQuota(2_000));
        cloud = world.cloud;
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @BeforeEach
    void newTeam() {
        team = new Namespace(world);
    }

    @AfterEach
    void end() {
        cloud.intercept((method, path) -> null);
        for (var share : team.client
                .resources(ImageShare.class)
                .inNamespace(team.name)
                .list()
                .getItems()) {
            team.edit(share.getMetadata().getName(), spec -> Namespace.with(spec, OnDelete.detach));
            team.at(share.getMetadata().getName()).delete();
            team.awaitGone(share.getMetadata().getName());
        }
    }

    private String image(String name) {
        return cloud.createImage("producer", name, "shared", List.of());
    }

    private long writes(String name) {
        return world.api.requests().stream()
                .filter(r -> r.path().endsWith("/imageshares/" + name + "/status"))
                .count();
    }

    private List<Event> events() {
        return team.client.v1().events().inNamespace(team.name).list().getItems();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static int bytes(ImageShare share) throws Exception {
        return JSON.writeValueAsBytes(share).length;
    }

    /** Glance of today refuses to store one; it takes 255 letters of three bytes. */
    @Test
    void anImageNameOf255EmojiIsShownWholeAndWrittenOnce() {
        var name = "\ud83d\udc27".repeat(255);
        var image = image("emoji");
        cloud.intercept((method, path) -> method.equals("GET") && path.equals("/v2/images/" + image)
                ? Fault.canned(200, """
                        {"id":"%s","name":"%s","owner":"%s","visibility":"shared","status":"active","tags":[]}""".formatted(image, name, cloud.projectId("images")))
                : null);
        team.create(team.share("emoji", image, projects(2)));
        assertThat(team.awaitReady("emoji").getStatus().image().name()).isEqualTo(name);

        var written = writes("emoji");
        cloud.clearRequests();
        eventually(() -> assertThat(cloud.requests()).hasSizeGreaterThanOrEqualTo(4));
        assertThat(writes("emoji")).isEqualTo(written);
    }

    /** Glance takes any text; what stands for a path, a query or a line must stay one member's ID. */
    @Test
    void oddMembersThatArePresentAreEncodedAndNeverAnotherPath() {
        var image = image("odd");
        var removable = List.of("a project name", "a%b", "a%2Fb", "a?b#c", "a+b;c", "A:B", "-rf", "$(x)", "'", "&x=y");
        var unremovable = List.of("a/b", "x/../../y", "..", ".", "%2e%2e", "caf\u00e9", "\u65e5\u672c", "a\nb");
        Stream.concat(removable.stream(), unremovable.stream()).forEach(m -> cloud.addMember("producer", image, m));
        var declared = projects(2);
        cloud.clearRequests();
        team.create(changed(
                team.share("odd", image, declared), spec -> Namespace.withMaxRemovals(spec, new IntOrString(100))));
        var held = team.awaitReason("odd", Reason.RemovalHeld);
        assertThat(held.getStatus().summary().undeclared()).isEqualTo(18);
        assertThat(condition(held, "Ready").message()).doesNotContain("\n");

        team.approve("odd");
        var share = team.awaitReason("odd", Reason.PartiallySynced);

        assertThat(cloud.members("producer", image).keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(declared.stream(), unremovable.stream()).toList());
        assertThat(condition(share, "Ready").message()).contains("a/b", "caf\u00e9", "..", "a?b", "database");
        assertThat(cloud.requests())
                .filteredOn(call -> call.method().equals("DELETE"))
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.path()).matches("/v2/images/" + image + "/members/[^/]+"));
        // each in one round: what Glance doesn't find it won't find the next time
        assertThat(cloud.requests().stream()
                        .filter(call -> call.path().endsWith("/a%2Fb"))
                        .count())
                .isLessThanOrEqualTo(3);
        assertThat(events()).allSatisfy(e -> {
            assertThat(bytes(e.getMessage())).isLessThanOrEqualTo(1_024);
            assertThat(e.getMessage()).doesNotContain("\n");
        });
    }

    @Test
    void aListOf100000MembersIsCountedExactlyShownInPartAndHeld() throws Exception {
        var image = image("crowd");
        var declared = projects(3);
        var rows =
                rows(image, IntStream.range(0, 100_000).mapToObj(i -> i < 3 ? declared.get(i) : "%032x".formatted(i)));
        var accepted = rows.split("\"accepted\"", -1).length - 1;
        cloud.intercept((method, path) ->
                method.equals("GET") && path.endsWith(image + "/members") ? Fault.canned(200, rows) : null);
        cloud.clearRequests();
        team.create(changed(team.share("crowd", image, declared), spec -> Namespace.withResync(spec, "1h")));
        var share = team.awaitReason("crowd", Reason.RemovalHeld);

        var summary = share.getStatus().summary();
        assertThat(summary.present()).isEqualTo(100_000);
        assertThat(summary.undeclared()).isEqualTo(99_997);
        assertThat(summary.accepted()).isEqualTo(accepted);
        assertThat(summary.pending()).isEqualTo(100_000 - accepted);
        assertThat(share.getStatus().members()).hasSize(1_000);
        assertThat(share.getStatus().members().subList(0, 3)).allMatch(MemberInfo::declared);
        assertThat(condition(share, "Ready").message()).contains("99997 members", " more");
        assertThat(bytes(share)).isLessThan(500_000);
        assertThat(cloud.requests()).noneMatch(call -> call.method().equals("DELETE"));
    }

    /** A list as Glance gives it. */
    private static String rows(String image, Stream<String> projects) {
        return projects.map(project -> """
                        {"member_id":"%s","image_id":"%s","status":"%s","created_at":"2026-11-21T18:00:08Z",\
                        "updated_at":"2026-11-21T18:00:08Z","schema":"/v2/schemas/member"}""".formatted(project, image, project.endsWith("f") ? "accepted" : "pending"))
                .collect(Collectors.joining(",", "{\"members\":[", "],\"schema\":\"/v2/schemas/members\"}"));
    }

    /** etcd takes 1.5 MiB; Glance takes three bytes a character. */
    @Test
    void aThousandMembersOfTheLongestIdsFitIntoTheStatus() throws Exception {
        var image = image("longest");
        var declared = IntStream.range(0, 1_000)
                .mapToObj(i -> "%04d".formatted(i) + "x".repeat(251))
                .toList();
        var foreign = IntStream.range(0, 900)
                .mapToObj(i -> "%04d".formatted(i) + "\u65e5".repeat(251))
                .toList();
        var rows = rows(image, Stream.concat(declared.stream(), foreign.stream()));
        cloud.intercept((method, path) ->
                method.equals("GET") && path.endsWith(image + "/members") ? Fault.canned(200, rows) : null);
        team.create(changed(team.share("longest", image, declared), spec -> Namespace.withResync(spec, "1h")));
        var share = team.awaitReason("longest", Reason.RemovalHeld);

        assertThat(share.getStatus().summary().present()).isEqualTo(1_900);
        assertThat(share.getStatus().members()).hasSize(1_000).allMatch(MemberInfo::declared);
        assertThat(share.getStatus().plan().remove()).isNotEmpty();
        // the managed fields name each declared member once more
        assertThat(bytes(share)).isLessThan(1_500_000 - 1_000 * 320);

        team.edit("longest", spec -> Namespace.with(spec, List.of()));
        share = team.awaitReason("longest", Reason.RemovalHeld);
        assertThat(share.getStatus().members()).isNotEmpty();
        assertThat(bytes(share)).isLessThan(1_500_000);
    }

    @Test
    void garbageAsAnApprovalApprovesNothing() {
        var image = image("garbage");
        var declared = projects(4);
        cloud.addMember("producer", image, projects(1).get(0));
        team.create(team.share("garbage", image, declared));
        var held = team.awaitReason("garbage", Reason.RemovalHeld);
        var hash = held.getStatus().plan().hash();
        cloud.clearRequests();
        for (var garbage : List.of(
                "",
                " ",
                "true",
                "*",
                hash.substring(1),
                hash.toUpperCase(java.util.Locale.ROOT) + "g",
                " " + hash,
                hash + "\n",
                "delete-" + hash,
                "x".repeat(100_000),
                "\ud83d\ude00")) {
            team.annotate("garbage", ImageShare.APPROVE_REMOVALS, garbage);
        }
        var seen = cloud.requests().size();
        eventually(() -> assertThat(cloud.requests()).hasSizeGreaterThanOrEqualTo(seen + 3));
        team.awaitReason("garbage", Reason.RemovalHeld);
        assertThat(cloud.requests()).noneMatch(call -> call.method().equals("DELETE"));
    }

    /** Where an API server doesn't hold to the CRD the reconciler does: see SpecRulesTest for the rest. */
    @Test
    void anImageOfferedWithOddWordsIsRefusedAsNotGlancesOwn() {
        var image = image("words");
        cloud.intercept((method, path) -> method.equals("GET") && path.equals("/v2/images/" + image)
                ? Fault.canned(200, """
                        {"id":"%s","name":"n\\u0000\\u001b[2J","owner":"%s","visibility":"shared\\nReady","status":"active","tags":[]}""".formatted(image, cloud.projectId("images")))
                : null);
        team.create(team.share("words", image, projects(1)));
        var share = team.awaitReason("words", Reason.CloudUnreachable);
        assertThat(condition(share, "Ready").message()).contains("visibility").doesNotContain("\n");
        cloud.intercept((method, path) -> null);
        team.awaitReady("words");
    }

    @Test
    void aNameThatWouldClearATerminalIsShownWithoutThat() {
        var image = image("n\u001b[2J\nx");
        cloud.addMember("producer", image, cloud.projectId("consumer-a"));
        var consumer = new Consumer(world, "consumer-a");
        consumer.create(consumer.named("one", image, MemberAnswer.accepted));
        var acceptance = consumer.awaitReason("one", Reason.Synced);
        assertThat(acceptance.getStatus().images().get(0).name()).isEqualTo("n?[2J?x");
        consumer.deleteAll();
    }
}
