package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.project;
import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.Namespace.with;
import static dev.imageshare.scenarios.Namespace.withImageRef;
import static dev.imageshare.scenarios.Namespace.withMaxRemovals;
import static dev.imageshare.scenarios.Namespace.withProjectRefs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Beside openstack-resource-controller: images and projects by reference. Whatever becomes of ORC's objects, of its CRDs or
 * of the right to read them, it takes nobody's access away.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OrcScenarios {

    private World world;
    private Orc orc;
    private Namespace team;
    private String image;

    abstract World newWorld() throws Exception;

    World world() {
        return world;
    }

    Orc orc() {
        return orc;
    }

    Namespace team() {
        return team;
    }

    String image() {
        return image;
    }

    @BeforeAll
    void start() throws Exception {
        world = newWorld();
        orc = new Orc(world.kubernetes());
        orc.uninstall();
        orc.install();
    }

    @AfterAll
    void stop() {
        if (world != null) {
            orc.uninstall();
            world.close();
        }
    }

    @BeforeEach
    void newTeam() {
        team = new Namespace(world);
        image = world.openstack().createImage("producer", "orc-" + team.name, "shared", List.of());
    }

    /** One test's objects are no work for the next. */
    @AfterEach
    void endTeam() {
        var shares = team.client
                .resources(ImageShare.class)
                .inNamespace(team.name)
                .list()
                .getItems();
        for (var share : shares) {
            var name = share.getMetadata().getName();
            team.edit(name, s -> with(s, OnDelete.detach));
            team.at(name).delete();
            team.awaitGone(name);
        }
    }

    Map<String, String> inGlance() {
        return world.openstack().members("producer", image);
    }

    /** A share of the image, with these members and references. */
    ImageShare share(List<String> members, String... refs) {
        return changed(team.share("ubuntu", image, members), s -> withProjectRefs(s, refs));
    }

    String orcProject(String name) {
        var id = project();
        orc.create("Project", team.name, name);
        orc.setId("Project", team.name, name, id);
        return id;
    }

    /** Waits until the object waits for references, and its message has these words. */
    void awaitWaiting(String... words) {
        eventually(() -> {
            var share = team.at("ubuntu").get();
            var ready = condition(share, "Ready");
            assertThat(ready.reason()).as(ready.message()).isEqualTo(Reason.WaitingForReference.name());
            assertThat(ready.message()).contains(words);
            assertThat(share.getStatus().observedGeneration())
                    .isEqualTo(share.getMetadata().getGeneration());
        });
    }

    private Map<String, MemberInfo> listed() {
        return team.at("ubuntu").get().getStatus().members().stream()
                .collect(Collectors.toMap(MemberInfo::projectID, Function.identity()));
    }

    @Test
    void theImageAndTheMembersComeAsOrcMakesThem() {
        var declared = project();
        team.create(changed(share(List.of(declared), "team-a", "team-b"), s -> withImageRef(s, "ubuntu-24.04")));

        awaitWaiting("ORC Image ubuntu-24.04: not in namespace " + team.name, "ORC Project team-a, team-b: not in");
        assertThat(condition(team.at("ubuntu").get(), "Reconciling").reason()).isEqualTo("WaitingForReference");

        orc.create("Image", team.name, "ubuntu-24.04");
        awaitWaiting("ORC Image ubuntu-24.04: without a usable status.id yet", "kubectl describe -n " + team.name);

        orc.setId("Image", team.name, "ubuntu-24.04", image);
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(declared));

        var a = orcProject("team-a");
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(declared, a));
        awaitWaiting("ORC Project team-b: not in");
        assertThat(team.at("ubuntu").get().getStatus().summary().desired()).isEqualTo(3);
        assertThat(team.at("ubuntu").get().getStatus().adopted()).isFalse();

        var b = orcProject("team-b");
        var share = team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(declared, a, b);
        assertThat(share.getStatus().image().id()).isEqualTo(image);
        assertThat(share.getStatus().adopted()).isTrue();
        assertThat(listed().get(a).sources()).containsExactly("Project/team-a");
        assertThat(listed().get(b).sources()).containsExactly("Project/team-b");
        assertThat(listed().get(declared).sources()).isNull();
    }

    @Test
    void aProjectNamedBothWaysIsOneMember() {
        var a = orcProject("team-a");
        team.create(share(List.of(a), "team-a"));

        var share = team.awaitReady("ubuntu");

        assertThat(inGlance()).containsOnlyKeys(a);
        assertThat(share.getStatus().summary().desired()).isEqualTo(1);
    }

    @Test
    void nobodyIsRemovedWhileAReferenceIsUnresolved() {
        var a = orcProject("team-a");
        var members = projects(3);
        team.create(share(members, "team-a"));
        team.awaitReady("ubuntu");

        orc.delete("Project", team.name, "team-a");
        awaitWaiting("ORC Project team-a: not in");
        var added = project();
        team.edit(
                "ubuntu",
                s -> withMaxRemovals(
                        with(s, Namespace.members(List.of(members.get(0), members.get(1), added))),
                        new IntOrString("100%")));

        eventually(() -> assertThat(inGlance()).containsKey(added));
        awaitWaiting("No member is removed until then");
        assertThat(inGlance()).containsKeys(a, members.get(2));
        assertThat(listed().get(a).declared()).isTrue();
        assertThat(team.at("ubuntu").get().getStatus().plan().remove()).isNull();

        // A restart knows no more than the status; a member that goes by other hands is not given back on doubt.
        world.restartOperator();
        world.openstack().removeMember("producer", image, a);
        world.openstack().removeMember("producer", image, added);
        eventually(() -> assertThat(inGlance()).containsKey(added));
        awaitWaiting("ORC Project team-a: not in");
        assertThat(inGlance()).containsKey(members.get(2)).doesNotContainKey(a);

        team.edit("ubuntu", s -> withProjectRefs(s));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(members.get(0), members.get(1), added);
    }

    @Test
    void aProjectThatIsBeingDeletedIsNeitherAddedNorRemoved() {
        var gone = project();
        orc.create("Project", team.name, "team-a", "openstack.k-orc.cloud/project");
        orc.setId("Project", team.name, "team-a", gone);
        team.create(share(projects(2), "team-a"));
        team.awaitReady("ubuntu");

        orc.delete("Project", team.name, "team-a");

        awaitWaiting("ORC Project team-a: being deleted");
        assertThat(inGlance()).containsKey(gone);
        orc.removeFinalizers("Project", team.name, "team-a");
        awaitWaiting("ORC Project team-a: not in");
        team.edit("ubuntu", s -> withProjectRefs(s));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).doesNotContainKey(gone);
    }

    /** Nobody edited the object: the old project's access may be the right one. */
    @Test
    void whatAReferenceStoodForBeforeGoesOnlyOnceApproved() {
        var old = orcProject("team-a");
        var others = projects(6);
        team.create(share(others, "team-a"));
        team.awaitReady("ubuntu");

        var now = project();
        orc.setId("Project", team.name, "team-a", null);
        awaitWaiting("ORC Project team-a: without a usable status.id");
        orc.setId("Project", team.name, "team-a", now);

        var held = team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(condition(held, "Ready").message())
                .contains("ORC Project team-a stood for " + old + " and now stands for another project");
        assertThat(inGlance()).containsKeys(old, now);
        assertThat(held.getStatus().plan().remove()).containsExactly(old);
        world.restartOperator();
        team.awaitReason("ubuntu", Reason.RemovalHeld);

        team.approve("ubuntu");

        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsKey(now).doesNotContainKey(old).hasSize(7);
    }

    @Test
    void crdsThatComeAndGoAreNoticedAndCostNobodyAccess() {
        orc.uninstall();
        var members = projects(3);
        team.create(changed(share(members, "team-a"), s -> withImageRef(s, "golden")));
        awaitWaiting(
                "images.openstack.k-orc.cloud is not installed", "projects.openstack.k-orc.cloud is not installed");

        orc.install();
        orc.create("Image", team.name, "golden");
        orc.setId("Image", team.name, "golden", image);
        var a = orcProject("team-a");
        team.awaitReady("ubuntu");
        assertThat(inGlance()).hasSize(4).containsKey(a);

        orc.uninstall();
        awaitWaiting(
                "images.openstack.k-orc.cloud is not installed", "projects.openstack.k-orc.cloud is not installed");
        var added = project();
        team.declare("ubuntu", List.of(members.get(0), added));
        eventually(() -> assertThat(inGlance()).containsKey(added));
        awaitWaiting("No member is removed until then");
        world.restartOperator();
        awaitWaiting("is not installed");
        assertThat(inGlance()).hasSize(5).containsKeys(a, members.get(1), members.get(2));

        orc.install();
        orc.create("Image", team.name, "golden");
        orc.setId("Image", team.name, "golden", image);
        orc.create("Project", team.name, "team-a");
        orc.setId("Project", team.name, "team-a", a);
        team.edit("ubuntu", s -> withMaxRemovals(s, new IntOrString("100%")));
        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(members.get(0), added, a);
    }

    @Test
    void anImageThatOrcMadeAnewIsSharedOnceTheOldOneIsGone() {
        orc.create("Image", team.name, "golden");
        orc.setId("Image", team.name, "golden", image);
        var members = projects(2);
        team.create(changed(share(members), s -> withImageRef(s, "golden")));
        team.awaitReady("ubuntu");
        var old = image;
        var next = world.openstack().createImage("producer", "orc-next-" + team.name, "shared", List.of());
        var byHand = project();
        world.openstack().addMember("producer", next, byHand);

        orc.setId("Image", team.name, "golden", next);
        var share = team.awaitReason("ubuntu", Reason.ImageAmbiguous);
        assertThat(condition(share, "Ready").message()).contains(old, next, "golden");
        assertThat(world.openstack().members("producer", old)).hasSize(2);
        assertThat(world.openstack().members("producer", next)).containsOnlyKeys(byHand);

        world.openstack().deleteImage("producer", old);
        image = next;
        share = team.awaitReason("ubuntu", Reason.RemovalHeld);
        assertThat(share.getStatus().image().id()).isEqualTo(next);
        assertThat(inGlance()).containsOnlyKeys(members.get(0), members.get(1), byHand);
    }

    @Test
    void anImageThatWasDeletedIsWaitedForUntilOrcMadeAnother() {
        orc.create("Image", team.name, "golden");
        orc.setId("Image", team.name, "golden", image);
        var member = project();
        team.create(changed(share(List.of(member)), s -> withImageRef(s, "golden")));
        team.awaitReady("ubuntu");

        world.openstack().deleteImage("producer", image);
        team.awaitReason("ubuntu", Reason.ImageNotFound);
        orc.setId("Image", team.name, "golden", null);
        awaitWaiting("ORC Image golden: without a usable status.id");
        image = world.openstack().createImage("producer", "orc-again-" + team.name, "shared", List.of());
        orc.setId("Image", team.name, "golden", image);

        team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(member);
    }

    @Test
    void anImageWhoseObjectWentKeepsItsMembers() {
        orc.create("Image", team.name, "golden", "openstack.k-orc.cloud/image");
        orc.setId("Image", team.name, "golden", image);
        var members = projects(2);
        team.create(changed(share(members), s -> withImageRef(s, "golden")));
        team.awaitReady("ubuntu");

        orc.delete("Image", team.name, "golden");
        awaitWaiting("ORC Image golden: being deleted");
        orc.removeFinalizers("Image", team.name, "golden");
        awaitWaiting("ORC Image golden: not in namespace");
        var added = project();
        team.declare("ubuntu", List.of(members.get(0), added));

        eventually(() -> assertThat(inGlance()).containsOnlyKeys(members.get(0), members.get(1), added));
        awaitWaiting("No member is removed until then");
    }

    @Test
    void deletionRevokesWhatTheStatusKnowsAndNothingElse() {
        var a = orcProject("team-a");
        var declared = project();
        team.create(share(List.of(declared), "team-a", "team-b"));
        awaitWaiting("team-b");
        eventually(() -> assertThat(inGlance()).containsOnlyKeys(declared, a));
        var byHand = project();
        world.openstack().addMember("producer", image, byHand);
        orc.delete("Project", team.name, "team-a");
        awaitWaiting("ORC Project team-a, team-b: not in");

        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");

        assertThat(inGlance()).containsOnlyKeys(byHand);
    }

    /** In Git: the new object is there first. It may need the members that the old one is about to revoke. */
    @Test
    void aSuccessorByReferenceKeepsTheMembersOfTheOneItReplaces() {
        var members = new ArrayList<>(projects(2));
        var a = project();
        members.add(a);
        team.create(team.share("old", image, members));
        team.awaitReady("old");

        team.create(changed(share(members.subList(0, 2), "team-a"), s -> withImageRef(s, "golden")));
        awaitWaiting("golden");
        team.at("old").delete();
        eventually(() -> assertThat(condition(team.at("old").get(), "Ready").message())
                .contains("Waiting for the first look at ImageShare " + team.name + "/ubuntu"));
        assertThat(inGlance()).hasSize(3);

        orc.create("Image", team.name, "golden");
        orc.setId("Image", team.name, "golden", image);
        eventually(() -> assertThat(condition(team.at("old").get(), "Ready").reason())
                .isEqualTo(Reason.WaitingForReference.name()));
        assertThat(inGlance()).hasSize(3);

        orc.create("Project", team.name, "team-a");
        orc.setId("Project", team.name, "team-a", a);
        team.awaitGone("old");
        team.awaitReady("ubuntu");
        assertThat(inGlance()).hasSize(3);
        assertThat(world.openstack().memberWrites(image)).noneMatch(write -> write.endsWith("DELETE"));
    }

    @Test
    void anAdditiveDoesNotRemoveWhatAnothersReferenceMayStandFor() {
        var a = project();
        team.create(changed(team.share("one", image, a), s -> with(s, MembershipPolicy.Additive)));
        team.awaitReady("one");
        team.create(changed(share(List.of(), "team-a"), s -> with(s, MembershipPolicy.Additive)));
        awaitWaiting("team-a");

        team.edit("one", s -> withMaxRemovals(with(s, List.of()), new IntOrString("100%")));
        team.awaitReason("one", Reason.WaitingForReference);
        assertThat(condition(team.at("one").get(), "Ready").message()).contains(team.name + "/ubuntu");
        assertThat(inGlance()).containsOnlyKeys(a);

        orc.create("Project", team.name, "team-a");
        orc.setId("Project", team.name, "team-a", a);
        team.awaitReady("ubuntu");
        team.awaitReady("one");
        assertThat(inGlance()).containsOnlyKeys(a);
    }

    /** Each operator takes off its own finalizer, and leaves the other's. */
    @Test
    void bothOperatorsKeepTheirFinalizerOnOneSecret() {
        var secrets = world.kubernetes().secrets().inNamespace(team.name).withName("clouds");
        var orcs = "openstack.k-orc.cloud/image";
        secrets.edit(s -> new SecretBuilder(s)
                .editMetadata()
                .addToFinalizers(orcs)
                .endMetadata()
                .build());
        team.create(share(projects(1)));
        team.awaitReady("ubuntu");
        assertThat(secrets.get().getMetadata().getFinalizers()).containsExactly(orcs, CredentialSecrets.FINALIZER);

        // ORC is done with it first, and comes back.
        secrets.edit(s -> new SecretBuilder(s)
                .editMetadata()
                .removeFromFinalizers(orcs)
                .endMetadata()
                .build());
        assertThat(secrets.get().getMetadata().getFinalizers()).containsExactly(CredentialSecrets.FINALIZER);
        secrets.edit(s -> new SecretBuilder(s)
                .editMetadata()
                .addToFinalizers(orcs)
                .endMetadata()
                .build());

        team.at("ubuntu").delete();
        team.awaitGone("ubuntu");
        eventually(() -> assertThat(secrets.get().getMetadata().getFinalizers()).containsExactly(orcs));
    }
}
