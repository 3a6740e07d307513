package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Consumer.ready;
import static dev.imageshare.scenarios.Consumer.resyncing;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferCounts;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a consumer's team sees, in a namespace and with credentials of its own. Runs the same on embedded and on real
 * services.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageAcceptanceScenarios {

    private World world;
    private final List<Consumer> teams = new ArrayList<>();
    private final List<String> images = new ArrayList<>();
    private Consumer team;
    private String prefix;
    private String image;
    private String producer;
    private String consumerA;

    abstract World newWorld() throws Exception;

    World world() {
        return world;
    }

    Consumer team() {
        return team;
    }

    String producer() {
        return producer;
    }

    String image() {
        return image;
    }

    /** What the names of this test's images begin with. */
    String prefix() {
        return prefix;
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
        team = newTeam("consumer-a");
        prefix = team.namespace.name + "-";
        producer = world.openstack().projectId("images");
        consumerA = world.openstack().projectId("consumer-a");
        image = offered("golden");
    }

    /** What one test left would be in the lists of the next: all answer for one project. */
    @AfterEach
    void end() {
        teams.forEach(Consumer::deleteAll);
        teams.clear();
        images.forEach(id -> world.openstack().deleteImage("producer", id));
        images.clear();
    }

    Consumer newTeam(String cloud) {
        var consumer = new Consumer(world, cloud);
        teams.add(consumer);
        return consumer;
    }

    /** An image of the producer's, shared with consumer-a by hand. */
    String offered(String name, String... tags) {
        var id = world.openstack().createImage("producer", prefix + name, "shared", List.of(tags));
        images.add(id);
        world.openstack().addMember("producer", id, consumerA);
        return id;
    }

    private String inGlance(String imageId) {
        return world.openstack().members("producer", imageId).get(consumerA);
    }

    private void byHand(String imageId, dev.imageshare.openstack.MemberStatus answer) {
        world.openstack().answer("consumer-a", imageId, answer);
    }

    @Test
    void whatOneOffersTheOtherAcceptsAndBothSeeIt() {
        var producers = new Namespace(world.kubernetes(), world.openstack().cloudsYaml("producer"));
        var shared = world.openstack().createImage("producer", prefix + "workflow", "shared", List.of());
        producers.create(producers.share("ubuntu", shared, consumerA));
        producers.awaitReady("ubuntu");
        assertThat(world.openstack().listedImages("consumer-a")).doesNotContain(shared);

        team.create(team.named("ubuntu", shared, MemberAnswer.accepted));

        var acceptance = team.awaitReason("ubuntu", Reason.Synced);
        assertThat(world.openstack().listedImages("consumer-a")).contains(shared);
        eventually(() -> assertThat(producers.answers("ubuntu")).isEqualTo(Map.of(consumerA, "accepted")));
        var status = acceptance.getStatus();
        assertThat(status.summary()).isEqualTo(new OfferCounts(1, 1, 0, 0));
        assertThat(status.project().id()).isEqualTo(consumerA);
        assertThat(status.lastSyncTime()).isNotNull();
        assertThat(status.images()).singleElement().satisfies(offer -> {
            assertThat(offer.id()).isEqualTo(shared);
            assertThat(offer.name()).isEqualTo(prefix + "workflow");
            assertThat(offer.owner()).isEqualTo(producer);
            assertThat(offer.memberStatus()).isEqualTo(MemberAnswer.accepted);
            assertThat(offer.updatedAt()).isNotNull();
        });
        assertThat(ready(acceptance).status()).isEqualTo(Condition.Status.True);
        eventually(() -> assertThat(team.namespace.events("ubuntu")).contains("ImagesAnswered"));

        producers.at("ubuntu").delete();
        producers.awaitGone("ubuntu");
        var gone = team.awaitReason("ubuntu", Reason.ImageNotFound);
        assertThat(ready(gone).message()).contains("was withdrawn", producer);
        eventually(() -> assertThat(world.openstack().memberWrites(shared))
                .as("each side by its own calls alone")
                .containsExactlyInAnyOrder(producer + " POST", producer + " DELETE", consumerA + " PUT"));
    }

    @Test
    void theAnswerToANamedImageIsSetWhateverItWasAndKept() {
        byHand(image, dev.imageshare.openstack.MemberStatus.rejected);
        team.create(team.named("ubuntu", image, MemberAnswer.accepted));
        team.awaitReason("ubuntu", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("accepted");

        byHand(image, dev.imageshare.openstack.MemberStatus.rejected);
        eventually(() -> assertThat(inGlance(image)).isEqualTo("accepted"));

        team.edit("ubuntu", spec -> Consumer.answering(spec, MemberAnswer.rejected));
        eventually(() -> assertThat(inGlance(image)).isEqualTo("rejected"));
        team.awaitReason("ubuntu", Reason.Synced);

        team.edit("ubuntu", spec -> Consumer.answering(spec, MemberAnswer.pending));
        eventually(() -> assertThat(inGlance(image)).isEqualTo("pending"));
    }

    @Test
    void deletingTheObjectChangesNoAnswer() {
        team.create(team.named("ubuntu", image, MemberAnswer.accepted));
        team.awaitReason("ubuntu", Reason.Synced);

        team.at("ubuntu").delete();

        eventually(() -> assertThat(team.at("ubuntu").get()).isNull());
        assertThat(inGlance(image)).isEqualTo("accepted");
    }

    @Test
    void whatTrustedOwnersOfferIsAnsweredNowAndLaterAndNothingElse() {
        var untrusted = world.openstack().createImage("consumer-b", prefix + "untrusted", "shared", List.of());
        world.openstack().addMember("consumer-b", untrusted, consumerA);
        var rejectedByHand = offered("rejected");
        byHand(rejectedByHand, dev.imageshare.openstack.MemberStatus.rejected);
        var own = world.openstack().createImage("consumer-a", prefix + "own", "shared", List.of());
        var others = world.openstack().createImage("producer", "other-" + prefix, "shared", List.of());
        world.openstack().addMember("producer", others, consumerA);

        team.create(team.from("golden", producer, prefix + "*", MemberAnswer.accepted));

        team.awaitReason("golden", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("accepted");
        assertThat(team.answers("golden")).isEqualTo(Map.of(image, "accepted", rejectedByHand, "rejected"));
        assertThat(team.at("golden").get().getStatus().summary()).isEqualTo(new OfferCounts(2, 1, 0, 1));

        var later = offered("later");
        eventually(() -> assertThat(inGlance(later)).isEqualTo("accepted"));
        byHand(later, dev.imageshare.openstack.MemberStatus.rejected);
        eventually(() -> assertThat(team.answers("golden")).containsEntry(later, "rejected"));
        eventually(() -> assertThat(team.namespace.events("golden")).contains("AnswersChanged"));

        assertThat(inGlance(later)).isEqualTo("rejected");
        assertThat(inGlance(rejectedByHand)).isEqualTo("rejected");
        assertThat(inGlance(others)).isEqualTo("pending");
        assertThat(world.openstack().members("consumer-b", untrusted)).isEqualTo(Map.of(consumerA, "pending"));
        assertThat(team.answers("golden")).doesNotContainKeys(untrusted, own, others);
    }

    @Test
    void aSuspendedObjectAnswersNothingUntilItIsResumed() {
        team.create(team.suspended(team.named("ubuntu", image, MemberAnswer.accepted)));
        var ubuntu = team.awaitReason("ubuntu", Reason.Suspended);
        assertThat(ready(ubuntu).message()).contains("1 image would be accepted", "spec.suspend to false");
        team.create(team.suspended(team.from("golden", producer, prefix + "*", MemberAnswer.accepted)));
        team.awaitReason("golden", Reason.Suspended);
        assertThat(inGlance(image)).isEqualTo("pending");

        team.edit("ubuntu", spec -> Consumer.answering(spec, MemberAnswer.rejected));
        team.awaitReason("ubuntu", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("rejected");
    }

    @Test
    void pendingOnlyObserves() {
        team.create(team.from("watch", producer, prefix + "*", MemberAnswer.pending));
        team.awaitReason("watch", Reason.Observed);
        assertThat(team.answers("watch")).isEqualTo(Map.of(image, "pending"));

        byHand(image, dev.imageshare.openstack.MemberStatus.accepted);
        eventually(() -> assertThat(team.answers("watch")).isEqualTo(Map.of(image, "accepted")));
        assertThat(inGlance(image)).isEqualTo("accepted");
    }

    @Test
    void oneThatNamesTheImageWinsOverOneThatMatchesIt() {
        team.create(team.named("keep-out", image, MemberAnswer.pending));
        team.awaitReason("keep-out", Reason.Synced);
        team.create(team.from("golden", producer, prefix + "*", MemberAnswer.accepted));

        var golden = team.awaitReason("golden", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("pending");
        assertThat(ready(golden).message()).contains(team.namespace.name + "/keep-out", image);

        team.at("keep-out").delete();
        eventually(() -> assertThat(inGlance(image)).isEqualTo("accepted"));
    }

    @Test
    void ofTwoThatNameOneImageDifferentlyTheOlderWorksInWhateverNamespace() {
        // Created within one second, the name decides.
        var other = newTeam("consumer-a");
        var isFirst = team.namespace.name.compareTo(other.namespace.name) < 0;
        var olderTeam = isFirst ? team : other;
        var youngerTeam = isFirst ? other : team;
        olderTeam.create(olderTeam.named("older", image, MemberAnswer.accepted));
        olderTeam.awaitReason("older", Reason.Synced);
        youngerTeam.create(resyncing(youngerTeam.named("younger", image, MemberAnswer.rejected), "1h"));

        var younger = youngerTeam.awaitReason("younger", Reason.Conflict);
        assertThat(ready(younger).message()).contains(olderTeam.namespace.name + "/older", "accepted");
        assertThat(inGlance(image)).isEqualTo("accepted");
        eventually(() -> assertThat(youngerTeam.namespace.events("younger")).contains("Conflict"));

        world.restartOperator();
        byHand(image, dev.imageshare.openstack.MemberStatus.pending);
        eventually(() -> assertThat(inGlance(image)).isEqualTo("accepted"));
        youngerTeam.awaitReason("younger", Reason.Conflict);

        olderTeam.at("older").delete();
        youngerTeam.awaitReason("younger", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("rejected");
    }

    @Test
    void ofTwoThatMatchOneImageTheOlderAnswers() {
        team.create(team.from("older", producer, prefix + "*", MemberAnswer.accepted));
        team.awaitReason("older", Reason.Synced);
        team.create(team.from("younger", producer, prefix + "*", MemberAnswer.rejected));
        team.awaitReason("younger", Reason.Synced);

        var later = offered("later");
        eventually(() -> assertThat(team.answers("younger")).containsEntry(later, "accepted"));
        assertThat(inGlance(later)).isEqualTo("accepted");
    }

    @Test
    void anImageThatIsNotOfferedIsWaitedFor() {
        var later = world.openstack().createImage("producer", prefix + "later", "shared", List.of());
        team.create(team.named("ubuntu", later, MemberAnswer.accepted));
        var waiting = team.awaitReason("ubuntu", Reason.ImageNotFound);
        assertThat(ready(waiting).message()).contains("not offered to project " + consumerA, "add this project");
        assertThat(waiting.getStatus().summary()).isEqualTo(new OfferCounts(0, 0, 0, 0));

        world.openstack().addMember("producer", later, consumerA);
        team.awaitReason("ubuntu", Reason.Synced);
        assertThat(inGlance(later)).isEqualTo("accepted");

        world.openstack().removeMember("producer", later, consumerA);
        var withdrawn = team.awaitReason("ubuntu", Reason.ImageNotFound);
        assertThat(ready(withdrawn).message()).contains("was withdrawn", producer);
        assertThat(withdrawn.getStatus().images())
                .singleElement()
                .satisfies(offer -> assertThat(offer.memberStatus()).isNull());
    }

    @Test
    void aPublicImageHasNothingToAnswer() {
        team.create(team.named("ubuntu", image, MemberAnswer.accepted));
        team.awaitReason("ubuntu", Reason.Synced);

        world.openstack().setVisibility("producer", image, "community");

        var unshared = team.awaitReason("ubuntu", Reason.ImageNotShared);
        assertThat(ready(unshared).message()).contains("community", "nothing to answer");
    }

    @Test
    void theOwnerOfAnImageCanNotAnswer() {
        var producers = newTeam("producer");
        producers.create(producers.named("own", image, MemberAnswer.accepted));

        var forbidden = producers.awaitReason("own", Reason.Forbidden);
        assertThat(ready(forbidden).message()).contains(producer, "only a project that it is shared with can answer");
        assertThat(inGlance(image)).isEqualTo("pending");
    }

    @Test
    void credentialsThatComeLaterAreUsedAtOnce() {
        team.namespace
                .client
                .secrets()
                .inNamespace(team.namespace.name)
                .withName("clouds")
                .delete();
        team.create(resyncing(team.named("ubuntu", image, MemberAnswer.accepted), "1h"));
        team.awaitReason("ubuntu", Reason.CredentialsNotFound);

        team.namespace.secret("clouds", Map.of("clouds.yaml", world.openstack().cloudsYaml("consumer-a")));

        team.awaitReason("ubuntu", Reason.Synced);
        assertThat(inGlance(image)).isEqualTo("accepted");
    }

    @Test
    void anUnknownImageIsNotOffered() {
        team.create(team.named("ubuntu", UUID.randomUUID().toString(), MemberAnswer.accepted));
        team.awaitReason("ubuntu", Reason.ImageNotFound);
    }
}
