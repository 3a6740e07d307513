package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.RotationTeam.cloud;
import static dev.imageshare.scenarios.RotationTeam.entry;
import static dev.imageshare.scenarios.RotationTeam.ids;
import static dev.imageshare.scenarios.RotationTeam.ready;
import static dev.imageshare.scenarios.RotationTeam.share;
import static dev.imageshare.scenarios.RotationTeam.spec;
import static dev.imageshare.scenarios.RotationTeam.suspended;
import static dev.imageshare.scenarios.RotationTeam.withClouds;
import static dev.imageshare.scenarios.RotationTeam.withFilter;
import static dev.imageshare.scenarios.RotationTeam.withImages;
import static dev.imageshare.scenarios.RotationTeam.withMembers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.FamilyBy;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageFamily;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageOrder;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.OrderType;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a platform team sees of its ImageShareSets. Runs the same on embedded and on real services. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageShareSetScenarios {

    private World world;
    private OpenStackLab lab;
    private String tag;
    private List<String> consumers;
    private RotationTeam team;

    abstract World newWorld() throws Exception;

    World world() {
        return world;
    }

    @BeforeAll
    void start() throws Exception {
        world = newWorld();
        lab = world.openstack();
    }

    @AfterAll
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    @BeforeEach
    void newTeam() {
        tag = "golden-" + UUID.randomUUID();
        consumers = List.of(lab.projectId("consumer-a"), lab.projectId("consumer-b"));
        team = new RotationTeam(world);
    }

    private String image(String family, String date) {
        return image("producer", family, date);
    }

    private String image(String owner, String family, String date) {
        return lab.createImage(
                owner,
                family,
                "shared",
                List.of(tag),
                Map.of("image_family", family, "image_build_date", date, "os_distro", "ubuntu"));
    }

    private void awaitMembers(String imageId) {
        eventually(() -> assertThat(lab.members("producer", imageId)).containsOnlyKeys(consumers));
    }

    @Test
    void theNewestOfEachFamilyAreSharedAndASuccessorComesBeforeAnythingRetires() {
        var first = image("ubuntu", "2026-01-31");
        var second = image("ubuntu", "2026-02-28");
        image("debian", "20260131");
        team.declare(spec(tag, 2, "2s", consumers));

        var set = team.awaitSynced();
        assertThat(ready(set).message()).isEqualTo("3 images in 1 cloud: 2 current, 1 kept, 0 retiring.");
        assertThat(entry(set, second).phase()).isEqualTo(ImagePhase.Current);
        assertThat(entry(set, first).phase()).isEqualTo(ImagePhase.Kept);
        awaitMembers(first);
        awaitMembers(second);
        var child = team.namespace.at(share("north", first)).get();
        assertThat(child.getMetadata().getLabels())
                .containsEntry("imageshare.dev/image-share-set", "golden")
                .containsEntry("team", "platform");
        assertThat(child.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> {
            assertThat(owner.getKind()).isEqualTo("ImageShareSet");
            assertThat(owner.getUid()).isEqualTo(set.getMetadata().getUid());
            assertThat(owner.getController()).isTrue();
            assertThat(owner.getBlockOwnerDeletion()).isTrue();
        });

        var third = image("ubuntu", "2026-03-31");
        eventually(() -> assertThat(entry(team.get(), first).supersededAt()).isNotNull());
        assertThat(entry(team.get(), first).phase()).isEqualTo(ImagePhase.Retiring);
        assertThat(lab.members("producer", third)).as("the successor is shared").containsOnlyKeys(consumers);
        assertThat(lab.members("producer", first)).containsOnlyKeys(consumers);

        team.namespace.awaitGone(share("north", first));
        assertThat(lab.members("producer", first)).isEmpty();
        team.awaitSynced();
        awaitMembers(second);
        eventually(() -> assertThat(team.namespace.events("golden"))
                .contains("ImagesJoined", "ImagesSuperseded", "ImagesRetired"));
    }

    @Test
    void aTypoInTheFilterIsHeldAndHealsByItself() {
        var images = new ArrayList<String>();
        for (var i = 1; i <= 6; i++) {
            images.add(image("family-" + i, "2026-01-0" + i));
        }
        team.declare(spec(tag, 2, "720h", consumers));
        team.awaitImages(images);

        team.edit(s -> withFilter(s, new SetFilter(null, null, List.of(tag + "x"), null)));
        var held = team.awaitReason(Reason.RemovalHeld);
        assertThat(held.getStatus().plan().remove())
                .containsExactlyInAnyOrderElementsOf(
                        images.stream().map(id -> share("north", id)).toList());
        assertThat(ready(held).message())
                .contains(
                        "6 ImageShares would be deleted",
                        "maxRemovals 25% allows 2 of 6",
                        "the set would no longer share anything");
        images.forEach(id -> assertThat(lab.members("producer", id)).containsOnlyKeys(consumers));

        team.edit(s -> withFilter(s, new SetFilter(null, null, List.of(tag), null)));
        team.awaitImages(images);

        // Narrowed on purpose, and approved.
        team.edit(s -> withFilter(s, new SetFilter("family-1", null, List.of(tag), null)));
        team.awaitReason(Reason.RemovalHeld);
        team.approve();
        team.awaitImages(images.subList(0, 1));
        images.subList(1, 6).forEach(id -> team.namespace.awaitGone(share("north", id)));
        images.subList(1, 6)
                .forEach(id -> assertThat(lab.members("producer", id)).isEmpty());
    }

    @Test
    void aChildThatIsEditedOrDeletedByHandRevokesNobodyWhomTheTemplateDeclares() {
        var id = image("ubuntu", "2026-01-31");
        team.declare(spec(tag, 2, "720h", consumers));
        team.awaitImages(List.of(id));
        lab.answer("consumer-a", id, MemberStatus.accepted);
        lab.answer("consumer-b", id, MemberStatus.accepted);
        var before = lab.members("producer", id);

        team.namespace.declare(share("north", id), List.of(consumers.get(0)));
        eventually(() -> assertThat(
                        team.namespace.at(share("north", id)).get().getSpec().members())
                .hasSize(2));
        team.awaitSynced();

        var uid = team.namespace.at(share("north", id)).get().getMetadata().getUid();
        team.namespace.at(share("north", id)).delete();
        eventually(() -> assertThat(team.namespace.at(share("north", id)).get())
                .isNotNull()
                .satisfies(share -> assertThat(share.getMetadata().getUid()).isNotEqualTo(uid)));
        team.awaitSynced();
        assertThat(lab.members("producer", id))
                .as("nobody's answer was lost")
                .isEqualTo(before)
                .containsEntry(consumers.get(0), "accepted");

        // The template's own wish is another matter.
        team.edit(s -> withMembers(s, List.of(consumers.get(0))));
        eventually(() -> assertThat(lab.members("producer", id)).containsOnlyKeys(consumers.get(0)));
    }

    @Test
    void renamedAndHiddenAsOpenstackImageManagerDoes() {
        var old = lab.createImage(
                "producer",
                "Ubuntu 22.04",
                "shared",
                List.of(tag),
                Map.of("os_version", "22.04", "internal_version", "20260101"));
        team.declare(withImages(
                spec(tag, null, null, consumers),
                new ImageSelection(
                        new SetFilter(null, "Ubuntu 22.04*", List.of(tag), null),
                        new ImageFamily(FamilyBy.Property, "os_version"),
                        new ImageOrder("internal_version", OrderType.Version),
                        1,
                        "2s")));
        team.awaitImages(List.of(old));

        lab.setProperty("producer", old, "name", "Ubuntu 22.04 (20260101)");
        lab.hide("producer", old);
        var young = lab.createImage(
                "producer",
                "Ubuntu 22.04",
                "shared",
                List.of(tag),
                Map.of("os_version", "22.04", "internal_version", "20260201"));

        team.namespace.awaitGone(share("north", old));
        team.awaitImages(List.of(young));
        assertThat(lab.members("producer", old)).isEmpty();
        awaitMembers(young);
    }

    @Test
    void deactivatingIsTheWayBack() {
        var first = image("ubuntu", "2026-01-31");
        var second = image("ubuntu", "2026-02-28");
        team.declare(spec(tag, 1, "720h", consumers));
        var set = team.awaitImages(List.of(second));
        assertThat(team.namespace.at(share("north", first)).get())
                .as("one that was never shared isn't")
                .isNull();
        assertThat(entry(set, second).phase()).isEqualTo(ImagePhase.Current);

        lab.deactivate(second);
        set = team.awaitImages(List.of(first, second));
        assertThat(entry(set, first).phase()).isEqualTo(ImagePhase.Current);
        assertThat(entry(set, second).phase()).isEqualTo(ImagePhase.Kept);
        awaitMembers(first);

        lab.reactivate(second);
        eventually(() -> assertThat(entry(team.get(), first).phase()).isEqualTo(ImagePhase.Retiring));
        assertThat(entry(team.get(), second).phase()).isEqualTo(ImagePhase.Current);
    }

    @Test
    void whatCantBePutInOrderIsNamedAndLeftOut() {
        var good = image("ubuntu", "2026-01-31");
        var bad = image("ubuntu", "2026-13-31");
        team.declare(spec(tag, 2, "720h", consumers));

        var set = team.awaitReason(Reason.ImageNotOrderable);
        assertThat(ready(set).message()).contains(bad + " (its image_build_date \"2026-13-31\" is not a Date)");
        eventually(() -> assertThat(ids(team.get())).containsExactly(good));
        awaitMembers(good);

        lab.setProperty("producer", bad, "image_build_date", "2026-12-31");
        team.awaitImages(List.of(good, bad));
    }

    @Test
    void aDeletedImageTakesItsShareWithIt() {
        var first = image("ubuntu", "2026-01-31");
        var second = image("debian", "2026-01-31");
        team.declare(spec(tag, 1, "720h", consumers));
        team.awaitImages(List.of(first, second));

        lab.deleteImage("producer", first);
        lab.deleteImage("producer", second);

        team.namespace.awaitGone(share("north", first));
        team.namespace.awaitGone(share("north", second));
        team.awaitImages(List.of());
        eventually(() -> assertThat(team.namespace.events("golden")).contains("ImagesGone"));
    }

    @Test
    void cloudsAreIndependentAndBrokenCredentialsTakeNobodyAway() {
        team.namespace.secret("south", Map.of("clouds.yaml", lab.cloudsYaml("stranger")));
        var north = image("ubuntu", "2026-01-31");
        var south = image("stranger", "ubuntu", "2026-01-31");
        team.declare(withClouds(
                spec(tag, 1, "2s", consumers),
                cloud("north", "clouds", "producer"),
                cloud("south", "south", "stranger")));
        team.awaitImages(List.of(north, south));

        team.namespace.secret("south", Map.of("clouds.yaml", "clouds: {}"));
        var set = team.awaitReason(Reason.CredentialsInvalid);
        assertThat(ready(set).message()).contains("Cloud south: ");
        assertThat(ids(set)).containsExactlyInAnyOrder(north, south);
        var next = image("ubuntu", "2026-02-28");
        team.namespace.awaitGone(share("north", north));
        awaitMembers(next);
        assertThat(lab.members("stranger", south)).containsOnlyKeys(consumers);

        // Another project's credentials show other images, which tells nothing.
        team.namespace.secret(
                "south", Map.of("clouds.yaml", lab.cloudsYaml("consumer-a").replace("consumer-a:", "stranger:")));
        team.awaitReason(Reason.NotImageOwner);
        assertThat(lab.members("stranger", south)).containsOnlyKeys(consumers);

        team.namespace.secret("south", Map.of("clouds.yaml", lab.cloudsYaml("stranger")));
        team.awaitImages(List.of(next, south));
    }

    @Test
    void twoCloudsOfOneProjectAndRegionAreRefused() {
        image("ubuntu", "2026-01-31");
        team.declare(withClouds(
                spec(tag, 1, "2s", consumers),
                cloud("north", "clouds", "producer"),
                cloud("south", "clouds", "producer-app")));

        var set = team.awaitReason(Reason.InvalidSpec);
        assertThat(ready(set).message()).contains("spec.clouds north and south are both project");
        assertThat(team.shares()).isEmpty();
    }

    @Test
    void fromSingleObjectsToASetAndBackWithoutARemoval() {
        var id = image("ubuntu", "2026-01-31");
        team.namespace.create(team.namespace.share("by-hand", id, consumers));
        team.namespace.awaitReady("by-hand");
        lab.answer("consumer-a", id, MemberStatus.accepted);
        lab.answer("consumer-b", id, MemberStatus.accepted);
        var before = lab.members("producer", id);

        team.declare(spec(tag, 1, "720h", consumers));
        eventually(() -> assertThat(team.namespace.at(share("north", id)).get()).isNotNull());
        team.namespace.awaitReason(share("north", id), Reason.Conflict);
        assertThat(ready(team.awaitReason(Reason.ShareStalled)).message()).contains("(Conflict)");
        team.namespace.at("by-hand").delete();
        team.namespace.awaitGone("by-hand");
        team.awaitImages(List.of(id));
        assertThat(lab.members("producer", id)).isEqualTo(before);

        // And back: the set goes, its ImageShares stay, and are anybody's.
        team.at().withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        eventually(() -> assertThat(team.get()).isNull());
        team.namespace.create(team.namespace.share("by-hand", id, consumers));
        eventually(
                () -> assertThat(team.namespace.at("by-hand").get().getStatus()).isNotNull());
        eventually(() -> assertThat(
                        team.namespace.at("by-hand").get().getStatus().conditions())
                .as("one of the two of an image goes first")
                .anyMatch(c -> c.reason().equals("Conflict") || c.reason().equals("Synced")));
        team.namespace.at(share("north", id)).delete();
        team.namespace.awaitGone(share("north", id));
        team.namespace.awaitReady("by-hand");
        assertThat(lab.members("producer", id)).isEqualTo(before);
    }

    @Test
    void aNameThatIsTakenIsNamed() {
        var id = image("ubuntu", "2026-01-31");
        team.namespace.create(team.namespace.share(share("north", id), id, consumers));
        team.namespace.awaitReady(share("north", id));
        team.declare(spec(tag, 1, "720h", consumers));

        var set = team.awaitReason(Reason.NameTaken);
        assertThat(ready(set).message()).contains(share("north", id), "imageshare.dev/image-share-set=golden");

        // Given the label it is the set's.
        Namespace.update(
                team.namespace.client,
                team.namespace.at(share("north", id)),
                share -> share.getMetadata().setLabels(Map.of(ImageShareSet.LABEL, "golden")));
        team.awaitImages(List.of(id));
        assertThat(team.namespace.at(share("north", id)).get().getMetadata().getOwnerReferences())
                .hasSize(1);
    }

    @Test
    void aSuspendedSetWritesNothingAndARestartForgetsNothing() {
        var first = image("ubuntu", "2026-01-31");
        team.declare(spec(tag, 1, "2s", consumers));
        team.awaitImages(List.of(first));

        team.edit(s -> suspended(s, true));
        var second = image("ubuntu", "2026-02-28");
        team.awaitReason(Reason.Suspended);
        eventually(() -> assertThat(ready(team.get()).message()).contains("1 would be made"));
        world.restartOperator();
        assertThat(team.namespace.at(share("north", second)).get()).isNull();

        team.edit(s -> suspended(s, false));
        team.namespace.awaitGone(share("north", first));
        team.awaitImages(List.of(second));
        assertThat(team.get().getStatus().images())
                .extracting(RotatedImage::phase)
                .containsExactly(ImagePhase.Current);
    }
}
