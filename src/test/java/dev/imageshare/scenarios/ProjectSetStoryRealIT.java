package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.SetTeam.ready;
import static dev.imageshare.scenarios.SetTeam.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ParentSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.embedded.KeystoneAdmin;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What becomes of three images as projects are created, tagged, disabled and deleted in a real Keystone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectSetStoryRealIT {

    private static final String TAG = "golden";

    private final World world = new RealWorld(RealOpenStackLab.standard(), EnumSet.of(OptionalKind.ProjectSet));
    private final KeystoneAdmin keystone = world.openstack().keystone();
    private String domain;
    private List<String> projects;
    private SetTeam team;

    @BeforeEach
    void newTeam() {
        domain = keystone.createDomain("sets");
        projects = new ArrayList<>();
        for (var i = 0; i < 10; i++) {
            projects.add(keystone.createProject(domain, null, "team-" + i, List.of(TAG)));
        }
        team = new SetTeam(world, keystone.domainReader(domain));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    private ProjectSelector tagged() {
        return new ProjectSelector(
                "tagged",
                new DomainSelector(domain),
                null,
                null,
                new SelectorFilter(true, List.of(TAG), null, null, null, "team-*"),
                null);
    }

    /** Three images that name the set; the last one's object lets nobody go without a person. */
    private List<String> threeShares() {
        var images = new ArrayList<String>();
        for (var i = 0; i < 3; i++) {
            var image = world.openstack().createImage("producer", "image-" + i, "shared", List.of());
            images.add(image);
            var share = Namespace.changed(
                    team.namespace.share("image-" + i, image), spec -> Namespace.withProjectSets(spec, SetTeam.SET));
            team.namespace.create(
                    i < 2
                            ? share
                            : Namespace.changed(share, spec -> Namespace.withMaxRemovals(spec, new IntOrString(0))));
        }
        return images;
    }

    private void awaitMembers(List<String> images, Collection<String> ids) {
        eventually(() -> assertThat(images)
                .allSatisfy(image -> assertThat(
                                world.openstack().members("producer", image).keySet())
                        .containsExactlyInAnyOrderElementsOf(ids)));
    }

    @Test
    void threeSharesFollowADomain() {
        team.declare(spec(List.of(), List.of(tagged()), List.of(), "50%"));
        var images = threeShares();
        awaitMembers(images, projects);
        var all = new ArrayList<>(projects);

        all.add(keystone.createProject(domain, null, "team-10", List.of(TAG)));
        var late = keystone.createProject(domain, null, "team-11", List.of());
        awaitMembers(images, all);
        keystone.setTags(late, List.of(TAG));
        all.add(late);
        awaitMembers(images, all);

        keystone.setTags(projects.get(0), List.of("other"));
        keystone.setEnabled(projects.get(1), false);
        keystone.deleteProject(projects.get(2));
        var gone = projects.subList(0, 3);
        eventually(() -> assertThat(ready(team.get()).message())
                .startsWith(
                        "12 projects. Of these, 3 are no longer declared or matched and may leave after absentFor 2s: ")
                .contains(gone.get(0) + " \"team-0\"", "\"team-1\"", "\"team-2\""));
        var absent = team.get().getStatus().projects().stream()
                .filter(project -> gone.contains(project.projectID()))
                .map(project -> Instant.parse(project.absentSince()))
                .max(Instant::compareTo)
                .orElseThrow();

        all.removeAll(gone);
        team.awaitProjects(all);
        assertThat(Instant.now()).isAfterOrEqualTo(absent.plusSeconds(2));
        awaitMembers(images.subList(0, 2), all);
        var held = team.namespace.awaitReason("image-2", Reason.RemovalHeld);
        assertThat(Namespace.condition(held, "Ready").message())
                .contains("the removal of 3 members", "maxRemovals 0 allows 0 of 12 members in one pass");
        assertThat(team.get().getStatus().released()).containsExactlyInAnyOrderElementsOf(gone);

        team.namespace.approve("image-2");
        awaitMembers(images, all);
        eventually(() -> assertThat(team.get().getStatus().released()).isNull());
        team.namespace.awaitReady("image-2");
        assertThat(team.namespace.events("image-0")).contains("MembersAdded", "MembersRemoved");
    }

    /** Keystone tells IDs only: tags and a disabled project change nothing, and who is gone leaves as far as maxRemovals lets it. */
    @Test
    void threeSharesFollowWhatIsBelowAProject() {
        var parent = keystone.createProject(domain, null, "parent", List.of());
        var below = new ArrayList<String>();
        for (var i = 0; i < 8; i++) {
            below.add(keystone.createProject(domain, parent, "below-" + i, List.of(TAG)));
        }
        team.directory(keystone.applicationCredential(parent));
        team.declare(spec(
                null,
                List.of(new ProjectSelector("below", null, new ParentSelector(parent), null, null, null)),
                null,
                "25%"));
        var images = threeShares();
        awaitMembers(images, below);

        keystone.setTags(below.get(0), List.of());
        keystone.setEnabled(below.get(1), false);
        below.add(keystone.createProject(domain, parent, "below-8", List.of()));
        awaitMembers(images, below);

        keystone.deleteProject(below.get(2));
        team.awaitProjects(below.stream().filter(id -> !id.equals(below.get(2))).toList());
        var left = below.remove(2);
        awaitMembers(images.subList(0, 2), below);
        assertThat(world.openstack().members("producer", images.get(2))).containsKey(left);

        team.suspend(true); // so that one list shows that all three are gone
        below.subList(2, 5).forEach(keystone::deleteProject);
        team.suspend(false);
        var held = team.awaitReason(Reason.RemovalHeld);
        assertThat(held.getStatus().plan().remove()).containsExactlyInAnyOrderElementsOf(below.subList(2, 5));
        assertThat(ready(held).message()).contains("maxRemovals 25% allows 2 of 8 projects to leave at once");
        awaitMembers(images.subList(0, 2), below);
    }
}
