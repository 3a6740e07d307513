package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Argo CD and Flux do to objects when people make mistakes in Git, and that nobody loses access by it. */
class GitOpsTest {

    private static final int OBJECTS = 12;

    private final EmbeddedWorld world = new EmbeddedWorld(Settings.defaults());
    private final Namespace team = new Namespace(world);
    private final Map<String, String> images = new LinkedHashMap<>();
    private final String consumer = world.cloud.projectId("consumer-a");
    private final List<String> declared =
            List.of(projects(1).get(0), projects(1).get(0), consumer);

    @AfterEach
    void close() {
        world.close();
    }

    private void apply(OnDelete onDelete) {
        IntStream.range(0, OBJECTS).mapToObj(i -> "share-" + i).forEach(name -> {
            var image = images.computeIfAbsent(name, n -> world.cloud.createImage("producer", n, "shared", List.of()));
            team.create(changed(team.share(name, image, declared), spec -> Namespace.with(spec, onDelete)));
        });
        images.keySet().forEach(team::awaitReady);
    }

    private Map<String, Map<String, String>> inGlance() {
        var all = new TreeMap<String, Map<String, String>>();
        images.forEach((name, image) -> all.put(name, world.cloud.members("producer", image)));
        return all;
    }

    private void nothingWasRemoved() {
        assertThat(world.cloud.requests()).noneMatch(c -> c.method().equals("DELETE"));
    }

    @Test
    void aDeletedApplicationOfDetachedObjectsRevokesNobody() {
        apply(OnDelete.detach);
        var before = inGlance();

        images.keySet().forEach(name -> team.at(name).delete());
        images.keySet().forEach(team::awaitGone);

        assertThat(inGlance()).isEqualTo(before);
        nothingWasRemoved();
    }

    /** Nobody can take a deletion back; but what is held can be let go without taking access away, and made anew. */
    @Test
    void anApplicationThatWasDeletedByMistakeIsMadeAnewAndNobodyLosesAccessOrAnAnswer() {
        apply(OnDelete.delete);
        world.cloud.answer("consumer-a", images.get("share-0"), MemberStatus.accepted);
        world.cloud.clearRequests();
        var before = inGlance();

        images.keySet().forEach(name -> team.at(name).delete());
        images.keySet().forEach(name -> team.awaitReason(name, Reason.RemovalHeld));
        images.keySet().forEach(name -> team.edit(name, spec -> Namespace.with(spec, OnDelete.detach)));
        images.keySet().forEach(team::awaitGone);
        apply(OnDelete.delete);

        assertThat(before.get("share-0")).containsEntry(consumer, "accepted");
        assertThat(inGlance()).isEqualTo(before);
        nothingWasRemoved();
    }

    @Test
    void aCommitThatEmptiesTheListsIsHeldAndItsRevertLeavesEverybodyWithTheAnswers() {
        apply(OnDelete.delete);
        var before = inGlance();

        images.keySet().forEach(name -> team.declare(name, List.of()));
        images.keySet().forEach(name -> team.awaitReason(name, Reason.RemovalHeld));
        images.keySet().forEach(name -> team.declare(name, declared)); // git revert
        images.keySet().forEach(team::awaitReady);

        assertThat(inGlance()).isEqualTo(before);
        nothingWasRemoved();
    }

    /** Prune first, then create, in two syncs: the members go, since nobody declares them at that time. */
    @Test
    void aPrunedObjectTakesItsMembersAlongAndMadeAnewTheyStartPending() {
        var image = world.cloud.createImage("producer", "pruned", "shared", List.of());
        team.create(team.share("pruned", image, consumer));
        team.awaitReady("pruned");
        world.cloud.answer("consumer-a", image, MemberStatus.accepted);

        team.at("pruned").delete();
        team.awaitGone("pruned");
        assertThat(world.cloud.members("producer", image)).isEmpty();
        team.create(team.share("pruned", image, consumer));
        team.awaitReady("pruned");

        assertThat(world.cloud.members("producer", image)).containsEntry(consumer, "pending");
    }
}
