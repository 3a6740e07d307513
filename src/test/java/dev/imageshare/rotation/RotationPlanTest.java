package dev.imageshare.rotation;

import static dev.imageshare.rotation.RotationHistory.name;
import static dev.imageshare.rotation.RotationHistory.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ReleasedShare;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.openstack.ProjectScope;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RotationPlanTest {

    private final RotationHistory set = new RotationHistory();

    private static List<Reason> reasons(RotationPlan plan) {
        return plan.problems().stream().map(Problem::reason).toList();
    }

    @Test
    void theNewestOfEachFamilyAreShared() {
        var old = set.image("ubuntu", 1);
        var middle = set.image("ubuntu", 2);
        var young = set.image("ubuntu", 10);
        var other = set.image("debian", 1);

        var plan = set.pass();

        assertThat(plan.create()).extracting(RotatedImage::id).containsExactlyInAnyOrder(middle, young, other);
        assertThat(set.entry(young).phase()).isEqualTo(ImagePhase.Current);
        assertThat(set.entry(middle).phase()).isEqualTo(ImagePhase.Kept);
        assertThat(set.entry(other).phase()).isEqualTo(ImagePhase.Current);
        assertThat(set.entry(old))
                .as("one that never was shared and is beyond keep isn't")
                .isNull();
        assertThat(reasons(plan)).containsExactly(Reason.Progressing);
        assertThat(reasons(set.passes())).isEmpty();
        assertThat(set.last.summary().inOrder()).isEqualTo(3);
    }

    @Test
    void nothingRetiresBeforeItsSuccessorIsInOrder() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        var young = set.image("ubuntu", 2);
        set.stuck.add(young);

        set.passes();
        set.after(Duration.ofDays(30));
        var plan = set.passes();

        assertThat(set.entry(old).phase()).isEqualTo(ImagePhase.Retiring);
        assertThat(set.entry(old).supersededAt()).isNull();
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .contains("stay shared until all newer ones are in order", old);

        set.stuck.clear();
        set.settle();
        set.pass();
        var superseded = set.entry(old).supersededAt();
        assertThat(Instant.parse(superseded)).isBetween(set.now, set.now.plusSeconds(1));
        assertThat(set.last.untilRetirement())
                .contains(Instant.parse(superseded).plus(Duration.ofHours(1)));
        set.after(Duration.ofMinutes(59));
        assertThat(set.pass().delete()).isEmpty();
        assertThat(set.entry(old).supersededAt()).as("it is written once").isEqualTo(superseded);

        set.after(Duration.ofMinutes(2));
        plan = set.pass();
        assertThat(plan.retired()).containsExactly(name(old));
        assertThat(set.status.released()).extracting(ReleasedShare::name).containsExactly(name(old));
        assertThat(set.passes().release()).isEmpty();
        assertThat(set.entry(young).phase()).isEqualTo(ImagePhase.Current);
    }

    @Test
    void oneThatRetiresWaitsForANewcomerOfItsFamily() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        var second = set.image("ubuntu", 2);
        set.passes();
        set.after(Duration.ofHours(2));
        var third = set.image("ubuntu", 3);
        set.stuck.add(third);

        assertThat(set.pass().delete()).as("due, and the third isn't in order").isEmpty();
        assertThat(set.entry(second).phase()).isEqualTo(ImagePhase.Retiring);

        set.stuck.clear();
        set.settle();
        assertThat(set.pass().retired()).containsExactly(name(old));
        assertThat(set.entry(second).supersededAt()).isNotNull();
    }

    @Test
    void plannedRetirementsAreNeverHeldHoweverMany() {
        set.declare(spec(1, "1h", "0%"));
        for (var i = 0; i < 40; i++) {
            set.image("family-" + i, 1);
        }
        set.passes();
        for (var i = 0; i < 40; i++) {
            set.image("family-" + i, 2);
        }
        set.passes();
        set.after(Duration.ofHours(2));

        var plan = set.pass();

        assertThat(plan.held()).isNull();
        assertThat(plan.retired()).hasSize(40);
    }

    @Test
    void aShorterTimeTypedWronglyIsNoPlan() {
        set.declare(spec(1, "720h", "25%"));
        for (var i = 0; i < 6; i++) {
            set.image("family-" + i, 1);
        }
        set.passes();
        for (var i = 0; i < 6; i++) {
            set.image("family-" + i, 2);
        }
        set.passes();
        set.after(Duration.ofHours(10));
        set.pass();

        set.declare(spec(1, "1h", "25%"));
        assertThat(set.pass().held().remove()).hasSize(6);
        assertThat(set.pass().held().remove()).as("later passes hold them too").hasSize(6);
        assertThat(set.pass().delete()).isEmpty();

        // Another edit doesn't make a plan of them.
        set.declare(set.spec);
        assertThat(set.pass().held().remove()).hasSize(6);

        set.declare(spec(1, "720h", "25%"));
        assertThat(set.pass().held()).isNull();
        assertThat(set.pass().delete()).isEmpty();
        assertThat(set.status.images()).hasSize(12);
    }

    @Test
    void moreThanMaxRemovalsAreHeldUntilJustTheyAreApproved() {
        var images = new ArrayList<String>();
        for (var i = 0; i < 8; i++) {
            images.add(set.image("family-" + i, 1));
        }
        set.passes();
        for (var id : images.subList(0, 3)) {
            set.put("north", id, "family", "1", "shared", "active", "other");
        }

        var held = set.pass().held();
        assertThat(held.remove())
                .containsExactlyInAnyOrder(name(images.get(0)), name(images.get(1)), name(images.get(2)));
        assertThat(held.because()).startsWith("maxRemovals 25% allows 2 of 8 ImageShares to leave at once");
        assertThat(set.status.images()).hasSize(8);

        set.put("north", images.get(3), "family-3", "1", "shared", "active", "other");
        assertThat(set.pass().held()).as("a later one waits for the next").isEqualTo(held);

        set.approval = "0000000000000000";
        assertThat(set.pass().delete()).isEmpty();
        set.approval = held.hash();
        assertThat(set.pass().left()).isEqualTo(held.remove());
        assertThat(set.status.images()).hasSize(5);
        set.approval = null;
        assertThat(set.pass().left()).containsExactly(name(images.get(3)));
    }

    @Test
    void anApprovalIsOfOneStateOfTheSet() {
        for (var i = 0; i < 4; i++) {
            set.image("family-" + i, 1);
        }
        set.passes();
        set.declare(set.with(set.filter("nothing")));
        var held = set.pass().held();
        assertThat(held.remove()).hasSize(4);
        assertThat(held.because()).contains("the set would no longer share anything");

        set.declare(set.spec);
        set.approval = held.hash();

        assertThat(set.pass().delete()).isEmpty();
        set.approval = set.pass().held().hash();
        assertThat(set.pass().left()).hasSize(4);
    }

    @Test
    void theLastOneIsHeldWhateverTheLimit() {
        set.declare(spec(1, "1h", "100%"));
        var id = set.image("ubuntu", 1);
        set.passes();
        set.put("north", id, "ubuntu", "1", "shared", "active", "other");

        assertThat(set.pass().held().because()).startsWith("the set would no longer share anything");
    }

    @Test
    void whoLeavesWaitsForWhatIsNew() {
        set.declare(spec(1, "1h", "100%"));
        var id = set.image("ubuntu", 1);
        set.passes();
        set.put("north", id, "ubuntu", "1", "shared", "active", "other");
        var next = set.image("ubuntu", 2);
        set.stuck.add(next);

        set.passes();
        assertThat(set.entry(id)).isNotNull();
        assertThat(set.shares).containsKey(name(id));

        set.stuck.clear();
        set.settle();
        assertThat(set.pass().left()).containsExactly(name(id));
    }

    @Test
    void whatIsGoneGoesWithoutApproval() {
        set.declare(spec(1, "1h", "0%"));
        var one = set.image("ubuntu", 1);
        var two = set.image("debian", 1);
        set.passes();
        set.clouds.get("north").clear();

        var plan = set.pass();

        assertThat(plan.held()).isNull();
        assertThat(plan.gone()).containsExactlyInAnyOrder(name(one), name(two));
        assertThat(set.status.images()).isEmpty();
    }

    @Test
    void whatAListLacksStays() {
        set.declare(spec(1, "1h", "100%"));
        var one = set.image("ubuntu", 1);
        set.image("debian", 1);
        set.passes();
        set.unlisted.add(one);

        var plan = set.pass();

        assertThat(reasons(plan)).contains(Reason.ListIncomplete);
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.clouds())
                .singleElement()
                .satisfies(cloud -> assertThat(cloud.complete()).isFalse());
        assertThat(set.entry(one)).isNotNull();
    }

    @Test
    void nothingOfACloudThatFailsChangesAndTheOthersGoOn() {
        set.declare(spec(1, "1h", "25%"));
        set.declare(set.withClouds("north", "south"));
        var south = set.image("south", "ubuntu", 1);
        var north = set.image("north", "ubuntu", 1);
        set.passes();
        set.image("north", "ubuntu", 2);
        set.image("south", "ubuntu", 2);
        set.passes();
        set.failing.add("south");
        set.after(Duration.ofHours(2));

        var plan = set.pass();

        assertThat(plan.retired()).containsExactly(name("north", north));
        assertThat(set.entry(south).phase()).isEqualTo(ImagePhase.Retiring);
        assertThat(reasons(plan)).contains(Reason.CloudUnreachable);
        assertThat(plan.isComplete()).isFalse();

        set.failing.clear();
        assertThat(set.pass().retired()).containsExactly(name("south", south));
    }

    @Test
    void otherCredentialsTellNothing() {
        var id = set.image("ubuntu", 1);
        set.passes();
        set.clouds.get("north").clear();
        set.scopes.put("north", new ProjectScope("other", "north", URI.create("http://glance"), "http://keystone"));

        var plan = set.pass();

        assertThat(reasons(plan)).contains(Reason.NotImageOwner);
        assertThat(plan.delete()).isEmpty();
        assertThat(set.entry(id)).isNotNull();
        assertThat(plan.clouds().get(0).projectID()).as("whose they were").isEqualTo(RotationHistory.OWNER);
    }

    @Test
    void twoCloudsOfOneProjectAndRegionAreRefused() {
        set.image("ubuntu", 1);
        set.declare(set.withClouds("north", "south"));
        set.scopes.put("south", set.scope("north"));

        var plan = set.pass();

        assertThat(reasons(plan)).containsExactly(Reason.InvalidSpec);
        assertThat(plan.create()).isEmpty();
    }

    @Test
    void aRemovedCloudIsALeaveAndARenamedOneIsNone() {
        set.declare(spec(1, "1h", "0%"));
        set.declare(set.withClouds("north", "south"));
        var north = set.image("north", "ubuntu", 1);
        var south = set.image("south", "ubuntu", 1);
        set.passes();

        set.declare(set.withClouds("north"));
        assertThat(set.pass().held().remove()).containsExactly(name("south", south));
        set.declare(set.withClouds("north", "south"));
        assertThat(set.passes().held()).isNull();

        set.clouds.put("mitte", set.clouds.get("north"));
        set.scopes.put("mitte", set.scope("north"));
        set.declare(set.withClouds("mitte", "south"));
        var plan = set.pass();
        assertThat(plan.held()).isNull();
        assertThat(plan.delete()).as("the other one isn't there yet").isEmpty();
        set.settle();
        assertThat(set.pass().release()).extracting(ReleasedShare::name).containsExactly(name("north", north));
        assertThat(set.passes().images())
                .extracting(RotatedImage::share)
                .containsExactlyInAnyOrder(name("mitte", north), name("south", south));
    }

    @Test
    void deactivatedAndQueuedOnesNeverAreCurrentAndKeepTheirMembers() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        var young = set.image("ubuntu", 2);
        set.put("north", "00000000-0000-4000-8000-000000000003", "ubuntu", "3", "shared", "queued", "golden");
        set.passes();
        assertThat(set.entry(young).phase()).isEqualTo(ImagePhase.Current);
        assertThat(set.status.images()).hasSize(1);

        set.put("north", young, "ubuntu", "2", "shared", "deactivated", "golden");
        set.passes();
        assertThat(set.entry(old).phase()).isEqualTo(ImagePhase.Current);
        assertThat(set.entry(young).phase()).isEqualTo(ImagePhase.Kept);

        set.put("north", young, "ubuntu", "2", "shared", "active", "golden");
        set.passes();
        assertThat(set.entry(old).phase()).isEqualTo(ImagePhase.Retiring);
        assertThat(set.entry(old).supersededAt()).isNotNull();
        set.put("north", young, "ubuntu", "2", "shared", "deactivated", "golden");
        set.pass();
        assertThat(set.entry(old).supersededAt()).as("it is wanted again").isNull();
    }

    @Test
    void onesThatArentSharedAreNamedAndNeitherMadeNorDeleted() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        set.image("ubuntu", 2);
        set.passes();
        set.put("north", old, "ubuntu", "1", "public", "active", "golden");
        var hidden = "00000000-0000-4000-8000-000000000009";
        set.put("north", hidden, "ubuntu", "9", "private", "active", "golden");
        set.after(Duration.ofHours(2));

        var plan = set.passes();

        assertThat(plan.delete()).isEmpty();
        assertThat(set.entry(hidden)).isNull();
        assertThat(plan.notes()).singleElement().asString().contains(hidden + " (private)", old + " (public)");
        assertThat(reasons(plan)).isEmpty();
    }

    @Test
    void whatCantBePutInOrderIsLeftOutAndStaysIfItWasShared() {
        var good = set.image("ubuntu", 1);
        set.passes();
        set.put("north", good, "ubuntu", "x", "shared", "active", "golden");
        var lost = "00000000-0000-4000-8000-000000000009";
        set.put("north", lost, null, "1", "shared", "active", "golden");

        var plan = set.pass();

        assertThat(reasons(plan)).containsExactly(Reason.ImageNotOrderable);
        assertThat(plan.problems().get(0).message())
                .contains(good + " (its built \"x\" is not a Number)", lost + " (it has no property family)");
        assertThat(plan.create()).isEmpty();
        assertThat(set.entry(good)).isNotNull();
    }

    @Test
    void equalValuesGoByCreationAndThenById() {
        set.declare(spec(1, "1h", "25%"));
        set.put("north", "00000000-0000-4000-8000-000000000002", "ubuntu", "1", "shared", "active", "golden");
        set.after(Duration.ofSeconds(1));
        set.put("north", "00000000-0000-4000-8000-000000000001", "ubuntu", "1.0", "shared", "active", "golden");
        assertThat(set.passes().images())
                .extracting(RotatedImage::id)
                .containsExactly("00000000-0000-4000-8000-000000000001");

        set.put("north", "00000000-0000-4000-8000-000000000003", "ubuntu", "1", "shared", "active", "golden");
        set.pass();
        assertThat(set.entry("00000000-0000-4000-8000-000000000003").phase()).isEqualTo(ImagePhase.Current);
    }

    @Test
    void withoutFamilyAllAreSharedAndNothingRetires() {
        set.declare(set.with(
                new ImageSelection(new SetFilter(null, null, List.of("golden"), null), null, null, null, null)));
        set.image("ubuntu", 1);
        set.image("ubuntu", 2);
        set.put("north", "00000000-0000-4000-8000-000000000003", null, null, "shared", "active", "golden");

        assertThat(set.passes().images())
                .hasSize(3)
                .allSatisfy(image -> assertThat(image.phase()).isEqualTo(ImagePhase.Current));
    }

    @Test
    void aClockThatIsWrongRetiresNothing() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        set.image("ubuntu", 2);
        set.passes();
        set.after(Duration.ofHours(2));
        set.clockTrusted = false;

        assertThat(reasons(set.pass())).containsExactly(Reason.ClockSkew);
        assertThat(set.shares).containsKey(name(old));
        set.clockTrusted = true;
        assertThat(set.pass().retired()).containsExactly(name(old));
    }

    @Test
    void aStatusThatIsLostReleasesNothingAndBeginsAnew() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        set.image("ubuntu", 2);
        set.passes();
        set.after(Duration.ofHours(2));
        set.status = null;

        assertThat(set.pass().delete()).isEmpty();
        assertThat(Instant.parse(set.entry(old).supersededAt())).isAfterOrEqualTo(set.now);
    }

    @Test
    void aForeignObjectOfTheNameIsNamedAndNotTouched() {
        var id = set.image("ubuntu", 1);
        set.passes();
        var share = set.shares.get(name(id));
        share.getMetadata().setLabels(null);
        share.getMetadata().getOwnerReferences().get(0).setName("another");
        share.getMetadata().getOwnerReferences().get(0).setUid("another-uid");

        var plan = set.pass();

        assertThat(reasons(plan)).contains(Reason.NameTaken);
        assertThat(plan.create()).isEmpty();
        assertThat(plan.rewrite()).isEmpty();
        assertThat(plan.delete()).isEmpty();
    }

    @Test
    void aChildOfAFormerSetOfTheNameIsAdopted() {
        var id = set.image("ubuntu", 1);
        set.passes();
        set.shares.get(name(id)).getMetadata().getOwnerReferences().get(0).setUid("before-the-restore");
        set.status = null;

        assertThat(set.pass().rewrite()).extracting(RotatedImage::share).containsExactly(name(id));
        assertThat(reasons(set.passes())).isEmpty();
    }

    @Test
    void whatWasLetGoIsDeletedAgainButNotWhatIsWantedAgain() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        var young = set.image("ubuntu", 2);
        set.passes();
        set.after(Duration.ofHours(2));
        var kept = set.shares.get(name(old));
        set.pass();
        set.shares.put(name(old), kept); // the process ended before it was deleted

        assertThat(set.pass().delete()).containsExactly(kept);
        set.shares.put(name(old), kept);
        set.put("north", young, "ubuntu", "2", "shared", "deactivated", "golden");
        var plan = set.pass();
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.release()).isEmpty();
        assertThat(set.entry(old).phase()).isEqualTo(ImagePhase.Current);
    }

    @Test
    void aRetiringOneThatSomebodyDeletedIsMadeAnewSinceItsMembersAreThere() {
        set.declare(spec(1, "1h", "25%"));
        var old = set.image("ubuntu", 1);
        set.passes();
        set.image("ubuntu", 2);
        set.passes();
        set.shares.remove(name(old));
        set.after(Duration.ofHours(2));

        assertThat(set.pass().create()).extracting(RotatedImage::id).containsExactly(old);
        assertThat(set.pass().delete())
                .as("one that has not looked at its members yet would leave them behind")
                .isEmpty();
        assertThat(set.entry(old).phase()).isEqualTo(ImagePhase.Retiring);
        set.settle();
        assertThat(set.pass().retired()).containsExactly(name(old));
    }

    @Test
    void oneWhoseImageIsGoneLeavesAlsoIfItNeverLooked() {
        set.declare(spec(1, "1h", "100%"));
        set.image("debian", 1);
        set.passes();
        var gone = set.image("ubuntu", 1);
        set.pass();
        set.clouds.get("north").remove(gone);

        assertThat(set.pass().gone()).containsExactly(name(gone));
        assertThat(set.entry(gone)).isNull();
    }

    @Test
    void oneThatTheFilterNoLongerMatchesStaysUntilItsImageShareHasLookedAtItsMembers() {
        set.declare(spec(1, "1h", "100%"));
        var old = set.image("ubuntu", 1);
        set.image("debian", 1);
        set.passes();
        set.shares.remove(name(old));
        set.pass();
        set.put("north", old, "ubuntu", "1", "shared", "active", "other");

        assertThat(set.pass().delete()).isEmpty();
        set.settle();
        assertThat(set.pass().left()).containsExactly(name(old));
    }

    @Test
    void moreThanAThousandImagesAreRefused() {
        for (var i = 0; i < 1_000; i++) {
            set.image("family-" + i, 1);
        }
        assertThat(set.pass().create()).hasSize(1_000);
        assertThat(bytes(set.status)).isLessThan(500_000);
        set.image("family-x", 1);

        var plan = set.pass();

        assertThat(reasons(plan)).containsExactly(Reason.TooManyImages);
        assertThat(plan.images()).hasSize(1_000);
        assertThat(plan.isSettled()).isTrue();
    }

    private static int bytes(ImageShareSetStatus status) {
        return status.images().stream()
                .mapToInt(image -> image.toString().length())
                .sum();
    }
}
