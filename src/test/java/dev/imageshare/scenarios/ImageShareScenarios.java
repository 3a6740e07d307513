package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a platform team sees, from {@code kubectl apply} to members in Glance. Runs the same on embedded and on real
 * services; a namespace and an image of its own each.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageShareScenarios {

    private World world;
    private Namespace team;
    private String image;
    private String consumerA;
    private String consumerB;

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
    void newTeam() {
        team = new Namespace(world);
        image = newImage("golden-" + team.name);
        consumerA = world.openstack().projectId("consumer-a");
        consumerB = world.openstack().projectId("consumer-b");
    }

    private String newImage(String name) {
        return world.openstack().createImage("producer", name, "shared", List.of(team.name));
    }

    private Map<String, String> inGlance() {
        return world.openstack().members("producer", image);
    }

    static String project() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    static List<String> projects(int count) {
        return Stream.generate(ImageShareScenarios::project).limit(count).toList();
    }

    @Test
    void threeDeclaredMembersAreAddedAndTheObjectIsReady() {
        var other = project();
        team.create(team.share("ubuntu", image, consumerA, consumerB, other));

        var share = team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(consumerA, consumerB, other);
        var status = share.getStatus();
        assertThat(status.summary())
                .isEqualTo(new dev.imageshare.api.v1alpha1.ImageShareStatus.MemberCounts(3, 3, 0, 3, 0, 0));
        assertThat(status.image().id()).isEqualTo(image);
        assertThat(status.image().owner()).isEqualTo(world.openstack().projectId("images"));
        assertThat(status.adopted()).isTrue();
        assertThat(status.plan()).isNull();
        assertThat(status.lastSyncTime()).isNotNull();
        assertThat(condition(share, "Ready").status()).isEqualTo(Condition.Status.True);
        assertThat(condition(share, "AllAccepted").status()).isEqualTo(Condition.Status.False);
        assertThat(status.conditions()).extracting(Condition::type).containsExactly("Ready", "AllAccepted");
        eventually(() -> assertThat(team.events("ubuntu")).contains("MembersAdded"));
    }

    @Test
    void driftIsHealed() {
        var stays = project();
        team.create(team.share("ubuntu", image, consumerA, stays));
        team.awaitReady("ubuntu");

        world.openstack().removeMember("producer", image, stays);
        eventually(() -> assertThat(inGlance()).containsKey(stays));

        world.openstack().addMember("producer", image, project());
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(consumerA, stays));
        team.awaitReady("ubuntu");
        eventually(() -> assertThat(team.events("ubuntu")).contains("MembersRemoved"));
    }

    @Test
    void anEditAddsAndRemovesAndKeepsTheOthersAnswers() {
        var declared = projects(6);
        team.create(team.share(
                "ubuntu",
                image,
                Stream.concat(Stream.of(consumerA), declared.stream()).toList()));
        team.awaitReady("ubuntu");
        world.openstack().answer("consumer-a", image, MemberStatus.accepted);

        var edited = Stream.concat(
                        Stream.of(consumerA, consumerB), declared.stream().skip(1))
                .toList();
        team.declare("ubuntu", edited);

        eventually(() -> assertThat(inGlance()).containsOnlyKeys(edited.toArray(String[]::new)));
        assertThat(inGlance()).containsEntry(consumerA, "accepted").containsEntry(consumerB, "pending");
        team.awaitReady("ubuntu");
    }

    @Test
    void aConsumersAnswerShowsAndIsNeverChanged() {
        team.create(team.share("ubuntu", image, consumerA, consumerB));
        team.awaitReady("ubuntu");

        world.openstack().answer("consumer-a", image, MemberStatus.accepted);
        world.openstack().answer("consumer-b", image, MemberStatus.rejected);

        eventually(() -> assertThat(team.answers("ubuntu"))
                .containsEntry(consumerA, "accepted")
                .containsEntry(consumerB, "rejected"));
        var share = team.awaitReady("ubuntu");
        assertThat(share.getStatus().summary().accepted()).isEqualTo(1);
        assertThat(share.getStatus().summary().rejected()).isEqualTo(1);
        assertThat(inGlance()).containsEntry(consumerB, "rejected");
        eventually(() -> assertThat(team.events("ubuntu")).contains("AnswersChanged"));

        world.openstack().answer("consumer-b", image, MemberStatus.accepted);
        eventually(() -> assertThat(
                        condition(team.at("ubuntu").get(), "AllAccepted").status())
                .isEqualTo(Condition.Status.True));
    }

    @Test
    void aListReplacedByAnotherIsHeldAndItsAdditionsAreMadeAndApprovedItIsCarriedOut() {
        var old = projects(4);
        team.create(team.share("ubuntu", image, old));
        team.awaitReady("ubuntu");

        var fresh = projects(4);
        team.declare("ubuntu", fresh);
        var held = team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(inGlance())
                .containsOnlyKeys(Stream.concat(old.stream(), fresh.stream()).toArray(String[]::new));
        assertThat(held.getStatus().plan().remove()).containsExactlyInAnyOrderElementsOf(old);
        assertThat(condition(held, "Stalled").status()).isEqualTo(Condition.Status.True);

        team.annotate("ubuntu", ImageShare.APPROVE_REMOVALS, "mistyped");
        eventually(() -> assertThat(
                        condition(team.at("ubuntu").get(), "Stalled").message())
                .contains("approves nothing here"));

        world.restartOperator();
        team.approve("ubuntu");
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(fresh.toArray(String[]::new)));
        var share = team.awaitReady("ubuntu");
        assertThat(share.getStatus().plan()).isNull();
    }

    @Test
    void membersAddedWhileRemovalsAreHeldReleaseNobody() {
        var old = projects(2);
        team.create(team.share("ubuntu", image, old));
        team.awaitReady("ubuntu");

        team.declare("ubuntu", projects(8));
        team.awaitReason("ubuntu", Reason.RemovalHeld);
        team.edit("ubuntu", spec -> Namespace.withResync(spec, "2s"));
        team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(inGlance()).containsKeys(old.toArray(String[]::new));

        team.edit("ubuntu", spec -> Namespace.withMaxRemovals(spec, new IntOrString("100%")));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).doesNotContainKeys(old.toArray(String[]::new));
    }

    @Test
    void anApprovalLeftInGitApprovesNothingElse() {
        var first = projects(3);
        team.create(team.share("ubuntu", image, first));
        team.awaitReady("ubuntu");
        var second = projects(3);
        team.declare("ubuntu", second);
        team.awaitReason("ubuntu", Reason.RemovalHeld);
        team.approve("ubuntu");
        team.awaitReady("ubuntu");

        team.declare("ubuntu", projects(3));
        team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(inGlance()).containsKeys(second.toArray(String[]::new));
    }

    @Test
    void aFirstCommitOnAnImageWithMembersMadeByHandTakesNobodyAway() {
        var byHand = projects(40);
        byHand.forEach(p -> world.openstack().addMember("producer", image, p));
        team.create(team.share("ubuntu", image, byHand.subList(0, 25)));

        var held = team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(inGlance()).hasSize(40);
        assertThat(held.getStatus().plan().remove()).hasSize(15);
        assertThat(held.getStatus().adopted()).isFalse();

        team.declare("ubuntu", byHand);
        assertThat(team.awaitReady("ubuntu").getStatus().adopted()).isTrue();
        team.declare("ubuntu", byHand.subList(0, 35));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).hasSize(35);
    }

    @Test
    void aRenameInGitRevokesNobody() {
        var declared = projects(3);
        team.create(team.share("old-name", image, declared));
        team.awaitReady("old-name");
        world.openstack().removeMember("producer", image, declared.get(0));
        world.openstack().addMember("producer", image, consumerA);
        world.openstack().answer("consumer-a", image, MemberStatus.accepted);

        team.create(team.share("new-name", image, declared.get(0), declared.get(1), declared.get(2), consumerA));
        team.at("old-name").delete();

        team.awaitGone("old-name");
        team.awaitReady("new-name");
        assertThat(inGlance()).containsKeys(declared.toArray(String[]::new));
    }

    @Test
    void theOlderOfTwoAuthoritativeObjectsWorksAndTheYoungerWritesNothing() {
        var older = project();
        var younger = project();
        team.create(team.share("a-older", image, older));
        team.awaitReady("a-older");
        team.create(team.share("b-younger", image, younger));

        var conflict = team.awaitReason("b-younger", Reason.Conflict);
        assertThat(condition(conflict, "Ready").message()).contains(team.name + "/a-older");
        assertThat(inGlance()).containsOnlyKeys(older);

        team.edit("a-older", spec -> Namespace.with(spec, OnDelete.detach));
        team.at("a-older").delete();
        team.awaitGone("a-older");
        eventually(() -> assertThat(inGlance()).containsKey(younger));
    }

    @Test
    void twoAdditivesShareAnImageAndTouchOnlyWhatTheyAdded() {
        var byHand = project();
        world.openstack().addMember("producer", image, byHand);
        var a = projects(2);
        team.create(changed(team.share("a", image, a), spec -> Namespace.with(spec, MembershipPolicy.Additive)));
        team.awaitReady("a");
        var shared = a.get(0);
        team.create(changed(
                team.share("b", image, shared, consumerB), spec -> Namespace.with(spec, MembershipPolicy.Additive)));
        team.awaitReady("b");

        team.edit("a", spec -> Namespace.withMaxRemovals(spec, new IntOrString(5)));
        team.declare("a", List.of());
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(byHand, shared, consumerB));
        team.at("b").delete();
        team.awaitGone("b");
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(byHand));
    }

    @Test
    void unmanagedOnlyLooks() {
        var foreign = project();
        var declared = project();
        world.openstack().addMember("producer", image, foreign);
        team.create(changed(
                team.share("ubuntu", image, declared), spec -> Namespace.with(spec, ManagementPolicy.unmanaged)));

        var share = team.awaitReason("ubuntu", Reason.Observed);
        assertThat(share.getStatus().plan().add()).containsExactly(declared);
        assertThat(share.getStatus().plan().remove()).containsExactly(foreign);
        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(foreign);
    }

    @Test
    void aSuspendedObjectReportsAndWritesNothingUntilItIsResumed() {
        var kept = project();
        var dropped = project();
        var added = project();
        team.create(team.share("ubuntu", image, kept, dropped));
        team.awaitReady("ubuntu");

        team.edit(
                "ubuntu",
                spec -> Namespace.suspended(Namespace.with(spec, Namespace.members(List.of(kept, added))), true));
        var share = team.awaitReason("ubuntu", Reason.Suspended);
        assertThat(share.getStatus().plan().add()).containsExactly(added);
        assertThat(share.getStatus().plan().remove()).containsExactly(dropped);
        assertThat(share.getStatus().plan().hash()).isNull();
        assertThat(condition(share, "Ready").message()).contains("would add 1 and remove 1", "spec.suspend to false");
        assertThat(inGlance()).containsOnlyKeys(kept, dropped);

        team.edit("ubuntu", spec -> Namespace.suspended(spec, false));
        share = team.awaitReady("ubuntu");
        assertThat(share.getStatus().plan()).isNull();
        assertThat(inGlance()).as("what it remembered it added, it may remove").containsOnlyKeys(kept, added);
    }

    @Test
    void theDeletionOfASuspendedObjectWaits() {
        var member = project();
        team.create(team.share("ubuntu", image, member));
        team.awaitReady("ubuntu");
        team.edit("ubuntu", spec -> Namespace.suspended(spec, true));
        team.awaitReason("ubuntu", Reason.Suspended);

        team.at("ubuntu").delete();
        var share = team.awaitReason("ubuntu", Reason.DeletionSuspended);
        assertThat(condition(share, "Stalled").message()).contains("spec.suspend to false", "onDelete to detach");
        assertThat(inGlance()).containsOnlyKeys(member);

        team.edit("ubuntu", spec -> Namespace.suspended(spec, false));
        team.awaitGone("ubuntu");
        assertThat(inGlance()).isEmpty();
    }

    @Test
    void aPersonCanAskForALookNow() {
        var member = world.openstack().projectId("consumer-a");
        team.create(changed(team.share("ubuntu", image, member), spec -> Namespace.withResync(spec, "10h")));
        team.awaitReady("ubuntu");
        world.openstack().answer("consumer-a", image, dev.imageshare.openstack.MemberStatus.accepted);

        team.annotate("ubuntu", Annotations.LOOK_NOW, "1");
        eventually(() -> assertThat(team.answers("ubuntu")).isEqualTo(Map.of(member, "accepted")));

        world.openstack().setVisibility("producer", image, "private");
        team.annotate("ubuntu", Annotations.LOOK_NOW, "2");
        var share = team.awaitReason("ubuntu", Reason.ImageNotShared);
        assertThat(condition(share, "Stalled").message()).contains(Annotations.LOOK_NOW);
        world.openstack().setVisibility("producer", image, "shared");
        team.annotate("ubuntu", Annotations.LOOK_NOW, "3");
        team.awaitReady("ubuntu");
    }

    @Test
    void deletingTheObjectRevokesWhatItDeclaresAndNothingElse() {
        var declared = projects(2);
        team.create(team.share("ubuntu", image, declared));
        team.awaitReady("ubuntu");
        assertThat(team.client
                        .secrets()
                        .inNamespace(team.name)
                        .withName("clouds")
                        .get()
                        .getMetadata()
                        .getFinalizers())
                .contains(CredentialSecrets.FINALIZER);
        team.edit("ubuntu", spec -> Namespace.withMaxRemovals(spec, new IntOrString(0)));
        team.awaitReady("ubuntu");
        var foreign = project();
        world.openstack().addMember("producer", image, foreign);
        team.awaitReason("ubuntu", Reason.RemovalHeld);

        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(foreign);
        // It was needed until the object's own finalizer was off.
        eventually(() -> assertThat(team.client
                        .secrets()
                        .inNamespace(team.name)
                        .withName("clouds")
                        .get()
                        .getMetadata()
                        .getFinalizers())
                .isEmpty());
    }

    @Test
    void detachRevokesNobodyAndAnEventSaysWhoKeepsAccess() {
        var declared = projects(2);
        team.create(changed(team.share("ubuntu", image, declared), spec -> Namespace.with(spec, OnDelete.detach)));
        team.awaitReady("ubuntu");

        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(team.events("ubuntu")).contains("MembersKept");
    }

    @Test
    void anObjectThatWroteNothingIsReleasedAtOnce() {
        team.create(team.share("ubuntu", UUID.randomUUID().toString(), project()));
        team.awaitReason("ubuntu", Reason.ImageNotFound);

        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
    }

    @Test
    void thirtyObjectsDeletedAtOnceAreHeldAndOneCommandApprovesThemAll() {
        var images = IntStream.range(0, 30).mapToObj(i -> newImage("mass-" + i)).toList();
        for (var i = 0; i < 30; i++) {
            team.create(team.share("mass-" + i, images.get(i), consumerA));
        }
        for (var i = 0; i < 30; i++) {
            team.awaitReady("mass-" + i);
        }

        var shares = team.client.resources(ImageShare.class).inNamespace(team.name);
        shares.delete();
        for (var i = 0; i < 30; i++) {
            team.awaitReason("mass-" + i, Reason.RemovalHeld);
        }
        assertThat(images)
                .allSatisfy(i ->
                        assertThat(world.openstack().members("producer", i)).hasSize(1));

        var hash = team.at("mass-7").get().getStatus().plan().hash();
        for (var share : shares.list().getItems()) {
            assertThat(share.getStatus().plan().hash()).isEqualTo(hash);
            team.annotate(share.getMetadata().getName(), ImageShare.APPROVE_REMOVALS, hash);
        }
        for (var i = 0; i < 30; i++) {
            team.awaitGone("mass-" + i);
        }
        assertThat(images)
                .allSatisfy(i ->
                        assertThat(world.openstack().members("producer", i)).isEmpty());
    }

    @Test
    void aFilterIsResolvedOnceAndAnewOnlyWhenTheImageIsGone() {
        var share = team.share("ubuntu", image, consumerA);
        team.create(changed(share, spec -> Namespace.withFilter(spec, "golden-" + team.name, List.of(team.name))));
        assertThat(team.awaitReady("ubuntu").getStatus().image().id()).isEqualTo(image);

        var next = newImage("golden-" + team.name);
        team.edit("ubuntu", spec -> Namespace.withResync(spec, "2s"));
        assertThat(team.awaitReady("ubuntu").getStatus().image().id()).isEqualTo(image);

        world.openstack().deleteImage("producer", image);
        eventually(() ->
                assertThat(team.at("ubuntu").get().getStatus().image().id()).isEqualTo(next));
        team.awaitReady("ubuntu");
        assertThat(world.openstack().members("producer", next)).containsOnlyKeys(consumerA);
    }

    @Test
    void aFilterThatMatchesSeveralNamesThem() {
        var second = newImage("golden-" + team.name);
        var share = team.share("ubuntu", image, consumerA);
        team.create(changed(share, spec -> Namespace.withFilter(spec, "golden-" + team.name, null)));

        var message = condition(team.awaitReason("ubuntu", Reason.ImageAmbiguous), "Ready")
                .message();
        assertThat(message).contains(image).contains(second);
    }

    @Test
    void notTheOwnersCredentialsChangeNothing() {
        var declared = projects(2);
        team.create(team.share("ubuntu", image, declared.get(0), declared.get(1), consumerA));
        team.awaitReady("ubuntu");

        team.edit("ubuntu", spec -> Namespace.withCloud(spec, "clouds", "consumer-a"));
        team.awaitReason("ubuntu", Reason.NotImageOwner);
        team.edit("ubuntu", spec -> Namespace.withCloud(spec, "clouds", "stranger"));
        var stranger = team.awaitReason("ubuntu", Reason.NotImageOwner);
        assertThat(stranger.getStatus().image().id()).isEqualTo(image);
        assertThat(inGlance()).hasSize(3);

        team.edit("ubuntu", spec -> Namespace.withCloud(spec, "clouds", "producer"));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).hasSize(3);
    }

    @Test
    void anImageThatIsNotSharedIsReportedAndHeals() {
        team.create(team.share("ubuntu", image, consumerA));
        team.awaitReady("ubuntu");

        world.openstack().setVisibility("producer", image, "private");
        assertThat(team.awaitReason("ubuntu", Reason.ImageNotShared)
                        .getStatus()
                        .image()
                        .visibility())
                .isEqualTo("private");
        world.openstack().setVisibility("producer", image, "shared");
        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(consumerA);
    }

    @Test
    void anImageThatIsGoneIsReported() {
        team.create(team.share("ubuntu", image, consumerA));
        team.awaitReady("ubuntu");

        world.openstack().deleteImage("producer", image);
        team.awaitReason("ubuntu", Reason.ImageNotFound);
        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
    }

    @Test
    void aDeactivatedImageIsToldOfAndItsMembersAreHandledAsUsual() {
        world.openstack().deactivate(image);
        team.create(team.share("ubuntu", image, consumerA));

        var message = condition(team.awaitReady("ubuntu"), "Ready").message();
        assertThat(message).contains("deactivated");
        assertThat(inGlance()).containsOnlyKeys(consumerA);
    }

    @Test
    void namesAreNotIds() {
        team.create(team.share("ubuntu", image, consumerA, "team-blue"));

        assertThat(condition(team.awaitReady("ubuntu"), "Ready").message()).contains("team-blue");
        eventually(() -> assertThat(team.events("ubuntu")).contains("NotAProjectID"));
    }

    @Test
    void theOwnersOwnIdIsNotSent() {
        team.create(team.share("ubuntu", image, consumerA, world.openstack().projectId("images")));

        assertThat(team.awaitReady("ubuntu").getStatus().summary().desired()).isEqualTo(1);
        assertThat(inGlance()).containsOnlyKeys(consumerA);
    }

    @Test
    void aSecretThatComesLaterIsNoticedAtOnce() {
        var share = team.share("ubuntu", image, consumerA);
        team.create(changed(share, spec -> Namespace.withResync(Namespace.withCloud(spec, "late", "producer"), "1h")));
        var waiting = team.awaitReason("ubuntu", Reason.CredentialsNotFound);
        assertThat(condition(waiting, "Reconciling").status()).isEqualTo(Condition.Status.True);

        team.secret("late", Map.of("clouds.yaml", "clouds: {}"));
        var invalid = team.awaitReason("ubuntu", Reason.CredentialsInvalid);
        assertThat(condition(invalid, "Ready").message())
                .startsWith("Secret late: ")
                .contains("clouds");

        team.secret("late", Map.of("clouds.yaml", world.openstack().cloudsYaml()));
        team.awaitReady("ubuntu");
    }

    @Test
    void aWrongPasswordIsReportedWithoutTheSecret() {
        var yaml = world.openstack().cloudsYaml().replaceAll("password: [^\\s\"]+", "password: wrong-and-marked");
        team.secret("wrong", Map.of("clouds.yaml", yaml));
        team.create(changed(
                team.share("ubuntu", image, consumerA), spec -> Namespace.withCloud(spec, "wrong", "producer")));

        var failed = team.awaitReason("ubuntu", Reason.AuthenticationFailed);
        assertThat(io.fabric8.kubernetes.client.utils.Serialization.asYaml(failed))
                .doesNotContain("wrong-and-marked");
    }

    @Test
    void aCatalogWithoutAnImageServiceIsReported() {
        team.create(changed(
                team.share("ubuntu", image, consumerA), spec -> Namespace.withCloud(spec, "clouds", "no-image")));

        assertThat(condition(team.awaitReason("ubuntu", Reason.CredentialsInvalid), "Ready")
                        .message())
                .contains("image");
    }

    @Test
    void theAccessRulesOfTheSecurityPageAreEnough() throws IOException {
        var page = Files.readString(Path.of("deploy/docs/security.md"));
        var rules = Pattern.compile("`((?:GET|POST|PUT|DELETE) /\\S+)`")
                .matcher(page.substring(page.indexOf("- an ImageShare:"), page.indexOf("- an ImageAcceptance:")))
                .results()
                .map(m -> m.group(1))
                .toList();
        assertThat(rules).hasSize(5);
        team.secret("rules", Map.of("clouds.yaml", world.openstack().applicationCredential(rules)));
        var declared = projects(4);
        team.create(changed(
                team.share("rules", image, declared),
                spec -> Namespace.withCloud(
                        Namespace.withFilter(spec, "golden-" + team.name, List.of(team.name)), "rules", "credential")));
        team.awaitReady("rules");
        team.declare("rules", declared.subList(1, 4));
        eventually(() -> assertThat(inGlance()).hasSize(3));
        team.awaitReady("rules");
        team.at("rules").delete();
        team.awaitGone("rules");
        assertThat(inGlance()).isEmpty();
    }

    @Test
    void anApplicationCredentialWorksToo() {
        team.create(changed(
                team.share("ubuntu", image, consumerA), spec -> Namespace.withCloud(spec, "clouds", "producer-app")));

        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(consumerA);
    }

    @Test
    void whileTheSecretIsGoneADeletedObjectWaitsAndSaysHowToGoOn() {
        team.create(team.share("ubuntu", image, consumerA));
        team.awaitReady("ubuntu");
        team.edit("ubuntu", spec -> Namespace.withCloud(spec, "gone", "producer"));
        team.awaitReason("ubuntu", Reason.CredentialsNotFound);

        team.at("ubuntu").delete();
        eventually(() -> assertThat(condition(team.at("ubuntu").get(), "Ready").message())
                .contains("detach"));
        assertThat(inGlance()).containsOnlyKeys(consumerA);

        team.edit("ubuntu", spec -> Namespace.with(spec, OnDelete.detach));
        team.awaitGone("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(consumerA);
    }
}
