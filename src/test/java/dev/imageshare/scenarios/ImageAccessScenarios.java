package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.AccessTeams.at;
import static dev.imageshare.scenarios.AccessTeams.automatic;
import static dev.imageshare.scenarios.AccessTeams.awaitReason;
import static dev.imageshare.scenarios.AccessTeams.from;
import static dev.imageshare.scenarios.AccessTeams.ready;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.NamespaceLabels;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What both sides see of requests for access. Runs the same on embedded and on real services. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageAccessScenarios {

    AccessTeams teams;
    Consumer a;
    Consumer b;
    private World world;

    abstract World newWorld() throws Exception;

    World world() {
        return world;
    }

    @BeforeAll
    void start() throws Exception {
        world = newWorld();
    }

    @AfterAll
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    @BeforeEach
    void newTeams() {
        teams = new AccessTeams(world);
        a = new Consumer(world, "consumer-a");
        b = new Consumer(world, "consumer-b");
    }

    private String project(String name) {
        return world.openstack().projectId(name);
    }

    private static String in(Duration wait) {
        return Instant.now().plus(wait).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Test
    void aTeamAsksIsApprovedAcceptsAndLeavesWhenItsTimeIsOver() {
        teams.declare(from(a.namespace), "0%");
        teams.request(a, "ci", "consumer-a", null);

        var waits = awaitReason(a, "ci", Reason.AwaitingApproval);
        assertThat(ready(waits).message())
                .contains(project("consumer-a"), "\"consumer-a\" is proven", "in namespace " + teams.producer.name);
        assertThat(waits.getStatus().images()).as("before it is approved").isNull();
        var waiting = teams.awaitWaiting(a, "ci");
        assertThat(waiting.projectID()).isEqualTo(project("consumer-a"));
        assertThat(waiting.projectName()).isEqualTo("consumer-a");
        assertThat(waiting.reason()).isEqualTo("CI runners");
        eventually(() -> assertThat(teams.producer.eventMessages(AccessTeams.SET, "AccessRequested"))
                .anyMatch(message -> message.contains(a.namespace.name + "/ci for project " + project("consumer-a"))));
        teams.producer.awaitReady("ubuntu");
        assertThat(teams.members()).isEmpty();

        teams.decide(waiting, DecisionType.Approved, in(Duration.ofSeconds(4)));
        teams.awaitMembers(project("consumer-a"));
        assertThat(teams.at().get().getStatus().projects())
                .filteredOn(member -> member.projectID().equals(project("consumer-a")))
                .singleElement()
                .satisfies(member -> {
                    assertThat(member.sources()).containsExactly("request " + a.namespace.name + "/ci");
                    assertThat(member.name()).isEqualTo("consumer-a");
                    assertThat(member.expiresAt()).isNotNull();
                });
        eventually(() -> assertThat(at(a, "ci").get().getStatus().images())
                .singleElement()
                .satisfies(image -> {
                    assertThat(image.id()).isEqualTo(teams.image);
                    assertThat(image.owner()).isEqualTo(project("images"));
                }));
        assertThat(teams.waiting()).isEmpty();
        a.namespace
                .client
                .resource(a.named("ubuntu", teams.image, MemberAnswer.accepted))
                .create();
        eventually(() -> assertThat(teams.members()).containsValue("accepted"));

        // By itself, also with maxRemovals 0.
        teams.awaitMembers();
        var ended = awaitReason(a, "ci", Reason.RequestEnded);
        assertThat(ready(ended).message()).startsWith("The access ended on ");
        assertThat(ended.getStatus().images()).isNull();
        assertThat(a.namespace.events("ci")).contains("AwaitingApproval", "AccessApproved", "RequestEnded");
    }

    @Test
    void aDenialTellsWhyAndTakesEffectAtOnce() {
        teams.declare(from(a.namespace), "0%");
        teams.request(a, "ci", "consumer-a", null);
        var waiting = teams.awaitWaiting(a, "ci");
        teams.decide(waiting, DecisionType.Approved, null);
        teams.awaitMembers(project("consumer-a"));
        awaitReason(a, "ci", Reason.Synced);

        teams.decide(waiting, DecisionType.Denied, null);
        teams.awaitMembers();
        var denied = awaitReason(a, "ci", Reason.RequestDenied);
        assertThat(ready(denied).message()).isEqualTo("Denied: Ask your platform team.");
        assertThat(Conditions.find(denied.getStatus().conditions(), "Approved")).isEmpty();
        eventually(() -> assertThat(teams.producer.events(AccessTeams.SET)).contains("ProjectsDenied"));
    }

    /** Whoever is admitted nowhere can't tell which sets there are, and nobody sees its password. */
    @Test
    void aStrangerGetsOneAnswerAndIsNotLoggedIn() {
        teams.declare(from(a.namespace), "100%");
        var wrong = world.openstack().cloudsYaml("consumer-b");
        b.namespace.secret("clouds", Map.of("clouds.yaml", wrong));
        teams.request(b, "not-admitted", "consumer-b", null);
        teams.request(b, "not-there", "consumer-b", null, "nowhere");
        a.namespace.secret(
                "clouds",
                Map.of("clouds.yaml", world.openstack().cloudsYaml("consumer-a").replace("127.0.0.1", "127.0.0.2")));
        teams.request(a, "elsewhere", "consumer-a", null);

        var notAdmitted =
                ready(awaitReason(b, "not-admitted", Reason.NotAdmitted)).message();
        var notThere = ready(awaitReason(b, "not-there", Reason.NotAdmitted)).message();
        var elsewhere = ready(awaitReason(a, "elsewhere", Reason.NotAdmitted)).message();
        assertThat(notThere).isEqualTo(notAdmitted.replace("/" + AccessTeams.SET, "/nowhere"));
        assertThat(elsewhere).isEqualTo(notAdmitted);
        assertThat(at(b, "not-admitted").get().getStatus().projectID()).isNull();
        assertThat(teams.waiting()).isEmpty();
    }

    @Test
    void unverifiedCredentialsProveNothing() {
        teams.declare(automatic(a.namespace, null), "100%");
        a.namespace.secret(
                "clouds",
                Map.of(
                        "clouds.yaml",
                        world.openstack()
                                .cloudsYaml("consumer-a")
                                .replace("  consumer-a:\n", "  consumer-a:\n    verify: false\n")));
        teams.request(a, "ci", "consumer-a", null);

        assertThat(ready(awaitReason(a, "ci", Reason.CredentialsInvalid)).message())
                .startsWith("The credentials prove nothing: verify is off");
        assertThat(at(a, "ci").get().getStatus().projectID()).isNull();
        assertThat(teams.members()).isEmpty();
    }

    /** A decision is about a project, and by its UID about one object. */
    @Test
    void aDecisionAboutAnotherProjectOrAnEarlierRequestCountsForNothing() {
        teams.declare(from(a.namespace, b.namespace), "100%");
        teams.request(a, "ci", "consumer-a", null);
        var waiting = teams.awaitWaiting(a, "ci");
        teams.decide(a.namespace.name, "ci", null, project("consumer-b"), DecisionType.Approved, null);
        eventually(() -> assertThat(ready(at(a, "ci").get()).message()).contains("names another project"));

        at(a, "ci").delete();
        teams.request(a, "ci", "consumer-a", null);
        teams.decide(waiting, DecisionType.Approved, null);
        teams.request(b, "ci", "consumer-b", null);
        teams.awaitWaiting(b, "ci");
        awaitReason(a, "ci", Reason.AwaitingApproval);
        assertThat(teams.awaitWaiting(a, "ci").uid()).isNotEqualTo(waiting.uid());
        teams.producer.awaitReady("ubuntu");
        assertThat(teams.members()).isEmpty();
    }

    /** By Git, both may come in any order. */
    @Test
    void aDecisionMayBeThereBeforeItsRequest() {
        teams.declare(from(a.namespace), "100%");
        teams.decide(a.namespace.name, "ci", null, project("consumer-a"), DecisionType.Approved, null);
        teams.request(a, "ci", "consumer-a", "1h");

        teams.awaitMembers(project("consumer-a"));
        var granted = awaitReason(a, "ci", Reason.Synced);
        assertThat(granted.getStatus().expiresAt()).isNotNull();
    }

    @Test
    void aRequestThatGoesLeavesThroughTheGuardOfTheSet() {
        teams.declare(automatic(a.namespace, null), "0%");
        teams.request(a, "ci", "consumer-a", null);
        teams.awaitMembers(project("consumer-a"));
        teams.awaitSet(Reason.Synced);

        at(a, "ci").delete();
        teams.awaitSet(Reason.RemovalHeld);
        assertThat(teams.members()).containsOnlyKeys(project("consumer-a"));

        teams.declare(automatic(a.namespace, null), "100%");
        teams.awaitMembers();
    }

    @Test
    void aPolicyThatGoesLeavesThroughTheGuardOfTheSet() {
        teams.declare(automatic(a.namespace, null), "0%");
        teams.request(a, "ci", "consumer-a", null);
        teams.awaitMembers(project("consumer-a"));
        awaitReason(a, "ci", Reason.Synced);

        teams.declare(null, "0%");
        teams.awaitSet(Reason.RemovalHeld);
        assertThat(awaitReason(a, "ci", Reason.NotAdmitted).getStatus().images())
                .isNull();
        assertThat(teams.members()).containsOnlyKeys(project("consumer-a"));

        teams.declare(automatic(a.namespace, null), "0%");
        teams.awaitSet(Reason.Synced);
        awaitReason(a, "ci", Reason.Synced);
    }

    @Test
    void credentialsThatChangeLaterTakeNothingAway() {
        teams.declare(from(a.namespace), "100%");
        teams.request(a, "ci", "consumer-a", null);
        teams.decide(teams.awaitWaiting(a, "ci"), DecisionType.Approved, null);
        teams.awaitMembers(project("consumer-a"));
        awaitReason(a, "ci", Reason.Synced);

        a.namespace.secret(
                "clouds",
                Map.of(
                        "clouds.yaml",
                        world.openstack().cloudsYaml("consumer-b").replace("consumer-b:", "consumer-a:")));
        var changed = awaitReason(a, "ci", Reason.ProjectChanged);
        assertThat(ready(changed).message())
                .contains(
                        "of project " + project("consumer-b"),
                        "of project " + project("consumer-a"),
                        "stays in the set");
        assertThat(changed.getStatus().projectID()).isEqualTo(project("consumer-a"));
        assertThat(teams.members()).containsOnlyKeys(project("consumer-a"));

        a.namespace.secret("clouds", Map.of("clouds.yaml", "clouds: {}"));
        eventually(() -> assertThat(ready(at(a, "ci").get()).message()).contains("which changes nothing"));
        assertThat(ready(at(a, "ci").get()).reason()).isEqualTo("Synced");
        assertThat(teams.members()).containsOnlyKeys(project("consumer-a"));
    }

    /** Nobody approves one project and gets another. */
    @Test
    void aProjectThatChangesBeforeTheApprovalIsNotApproved() {
        teams.declare(from(a.namespace), "100%");
        teams.request(a, "ci", "consumer-a", null);
        var waiting = teams.awaitWaiting(a, "ci");
        a.namespace.secret(
                "clouds",
                Map.of(
                        "clouds.yaml",
                        world.openstack().cloudsYaml("consumer-b").replace("consumer-b:", "consumer-a:")));
        awaitReason(a, "ci", Reason.ProjectChanged);
        eventually(() -> assertThat(teams.waiting()).isEmpty());

        teams.decide(waiting, DecisionType.Approved, null);
        teams.decide(a.namespace.name, "ci", null, project("consumer-b"), DecisionType.Approved, null);
        eventually(() -> assertThat(
                        Conditions.find(at(a, "ci").get().getStatus().conditions(), "Approved"))
                .isPresent());
        teams.producer.awaitReady("ubuntu");
        assertThat(teams.members()).isEmpty();
    }

    @Test
    void namespacesAreAdmittedByTheirLabels() {
        teams.declare(
                new RequestPolicy(
                        List.of(new RequestOrigin(null, new NamespaceLabels(Map.of("images", "may-ask")))),
                        ApprovalMode.Automatic,
                        null),
                "100%");
        teams.request(a, "ci", "consumer-a", null);
        awaitReason(a, "ci", Reason.NotAdmitted);

        label("may-ask");
        teams.awaitMembers(project("consumer-a"));
        label("may-not");
        teams.awaitMembers();
    }

    private void label(String value) {
        a.namespace
                .client
                .namespaces()
                .withName(a.namespace.name)
                .edit(namespace -> new NamespaceBuilder(namespace)
                        .editMetadata()
                        .addToLabels("images", value)
                        .endMetadata()
                        .build());
    }

    @Test
    void tenRequestsOfANamespaceMayWait() {
        teams.declare(from(a.namespace), "100%");
        for (var i = 0; i < 11; i++) {
            teams.request(a, "ask-" + (char) ('a' + i), "consumer-a", null);
        }
        for (var i = 0; i < 10; i++) {
            awaitReason(a, "ask-" + (char) ('a' + i), Reason.AwaitingApproval);
        }
        assertThat(ready(awaitReason(a, "ask-k", Reason.TooManyRequests)).message())
                .startsWith("10 older requests of this namespace wait");
        eventually(() -> assertThat(teams.waiting()).hasSize(10));

        at(a, "ask-c").delete();
        awaitReason(a, "ask-k", Reason.AwaitingApproval);
    }

    @Test
    void anOperatorThatStartsAnewKeepsAllAsItIs() {
        teams.declare(from(a.namespace, b.namespace), "0%");
        teams.request(a, "ci", "consumer-a", null);
        teams.decide(teams.awaitWaiting(a, "ci"), DecisionType.Approved, null);
        teams.request(b, "later", "consumer-b", null);
        teams.awaitWaiting(b, "later");
        teams.awaitMembers(project("consumer-a"));
        awaitReason(a, "ci", Reason.Synced);
        eventually(() -> assertThat(at(a, "ci").get().getStatus().images()).hasSize(1));
        var approved = at(a, "ci").get().getMetadata().getResourceVersion();
        var waiting = at(b, "later").get().getMetadata().getResourceVersion();

        world.restartOperator();
        teams.decide(teams.awaitWaiting(b, "later"), DecisionType.Approved, null);
        teams.awaitMembers(project("consumer-a"), project("consumer-b"));
        assertThat(at(a, "ci").get().getMetadata().getResourceVersion()).isEqualTo(approved);
        assertThat(at(b, "later").get().getMetadata().getResourceVersion()).isNotEqualTo(waiting);
    }
}
