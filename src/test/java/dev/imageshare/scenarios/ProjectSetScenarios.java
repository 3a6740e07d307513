package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.SetTeam.byHand;
import static dev.imageshare.scenarios.SetTeam.ids;
import static dev.imageshare.scenarios.SetTeam.ready;
import static dev.imageshare.scenarios.SetTeam.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ParentSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.embedded.KeystoneAdmin;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a platform team sees of its ProjectSets. Runs the same on embedded and on real services. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProjectSetScenarios {

    private static final String TAG = "golden";

    private World world;
    private KeystoneAdmin keystone;
    private String domain;
    private List<String> projects;
    private SetTeam team;

    abstract World newWorld() throws Exception;

    World world() {
        return world;
    }

    @BeforeAll
    void start() throws Exception {
        world = newWorld();
        keystone = world.openstack().keystone();
    }

    @AfterAll
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    /** A domain of ten tagged projects and one without the tag, and its reader. */
    @BeforeEach
    void newTeam() {
        domain = keystone.createDomain("sets");
        projects = new ArrayList<>();
        for (var i = 0; i < 10; i++) {
            projects.add(keystone.createProject(domain, null, "team-" + i, List.of(TAG, "t" + i)));
        }
        keystone.createProject(domain, null, "other", List.of("other"));
        team = new SetTeam(world, keystone.domainReader(domain));
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

    private List<String> without(String... ids) {
        var rest = new ArrayList<>(projects);
        rest.removeAll(List.of(ids));
        return rest;
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    @Test
    void projectsByHandAndAsKeystoneHasThem() {
        var hand = id();
        team.declare(spec(byHand(hand, projects.get(0)), List.of(tagged()), List.of(projects.get(9)), "25%"));

        var set = team.awaitReason(Reason.Synced);

        assertThat(ids(set))
                .isSorted()
                .containsExactlyInAnyOrderElementsOf(Stream.concat(Stream.of(hand), without(projects.get(9)).stream())
                        .toList());
        assertThat(ready(set).message()).isEqualTo("10 projects.");
        assertThat(set.getStatus().complete()).isTrue();
        assertThat(set.getStatus().selectors())
                .singleElement()
                .satisfies(selector -> assertThat(selector.matched()).isEqualTo(10));
        assertThat(set.getStatus().projects())
                .filteredOn(project -> project.projectID().equals(projects.get(0)))
                .singleElement()
                .satisfies(project -> {
                    assertThat(project.name()).isEqualTo("team-0");
                    assertThat(project.sources()).containsExactly("spec.projects", "tagged");
                });
        eventually(() -> assertThat(team.namespace.events(SetTeam.SET)).contains("ProjectsJoined"));

        var another = keystone.createProject(domain, null, "team-10", List.of(TAG));
        eventually(() -> assertThat(ids(team.get())).contains(another));
    }

    @Test
    void whoNoLongerMatchesLeavesAfterAbsentFor() {
        team.declare(spec(List.of(), List.of(tagged()), List.of(), "50%"));
        team.awaitProjects(projects);

        keystone.setTags(projects.get(0), List.of());
        keystone.setEnabled(projects.get(1), false);
        keystone.deleteProject(projects.get(2));

        eventually(() -> assertThat(team.get().getStatus().summary().absent()).isEqualTo(3));
        assertThat(ids(team.get())).containsExactlyInAnyOrderElementsOf(projects);
        var set = team.awaitProjects(without(projects.get(0), projects.get(1), projects.get(2)));
        assertThat(set.getStatus().recentLeaves())
                .as("Keystone explained each of them")
                .isNull();
        eventually(() -> assertThat(team.namespace.events(SetTeam.SET)).contains("ProjectsAbsent", "ProjectsLeft"));
    }

    @Test
    void moreThanMaxRemovalsWaitForAPerson() {
        team.declare(spec(List.of(), List.of(tagged()), List.of(), "25%"));
        team.awaitProjects(projects);
        projects.subList(0, 4).forEach(keystone::deleteProject);

        var held = team.awaitReason(Reason.RemovalHeld);
        assertThat(held.getStatus().plan().remove()).containsExactlyInAnyOrderElementsOf(projects.subList(0, 4));
        assertThat(ready(held).message())
                .contains("4 projects would leave the set", "\"team-0\"", "maxRemovals 25% allows 3 of 10 projects");
        assertThat(ids(held)).hasSize(10);

        team.approve();
        team.awaitProjects(projects.subList(4, 10));
        team.awaitReason(Reason.Synced);
    }

    @Test
    void whoseTimeHasComeLeavesWithoutApproval() {
        var hand = id();
        var end = Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.SECONDS);
        team.declare(spec(
                List.of(
                        new ProjectEntry(hand, "contractor", end.toString()),
                        new ProjectEntry(projects.get(0), null, "2025-01-31T00:00:00Z")),
                List.of(tagged()),
                List.of(),
                "0%"));
        var set = team.awaitReason(Reason.Synced);
        assertThat(set.getStatus().summary().nextExpiry()).isEqualTo(end.toString());
        assertThat(ids(set)).contains(hand, projects.get(0));

        team.awaitProjects(projects);

        assertThat(Instant.now()).isAfterOrEqualTo(end);
        eventually(() -> assertThat(team.namespace.events(SetTeam.SET)).contains("ProjectsExpired"));
    }

    @Test
    void aYearTypedWronglyWaitsForAPerson() {
        var hand = id();
        team.declare(spec(byHand(hand), null, List.of(), "0%"));
        team.awaitProjects(List.of(hand));

        team.declare(spec(List.of(new ProjectEntry(hand, null, "2025-11-30T00:00:00Z")), null, List.of(), "0%"));

        team.awaitReason(Reason.RemovalHeld);
        assertThat(ids(team.get())).containsExactly(hand);
    }

    @Test
    void whoMayNoLongerReadTakesNobodyAway() {
        var yaml = keystone.domainReader(domain);
        team.directory(yaml);
        team.declare(spec(List.of(), List.of(tagged()), List.of(), "100%"));
        team.awaitProjects(projects);

        keystone.takeRoles(yaml);

        eventually(() -> assertThat(ready(team.get()).reason())
                .isIn(Reason.Forbidden.name(), Reason.AuthenticationFailed.name()));
        assertThat(team.get().getStatus().complete()).isFalse();
        assertThat(ids(team.get())).containsExactlyInAnyOrderElementsOf(projects);
        assertThat(team.get().getStatus().selectors())
                .singleElement()
                .satisfies(selector -> assertThat(selector.complete()).isFalse());

        team.directory(keystone.domainReader(domain));
        team.awaitReason(Reason.Synced);
        team.awaitProjects(projects);
    }

    @Test
    void allBelowAProjectByItsOwnCredential() {
        var parent = keystone.createProject(domain, null, "parent", List.of());
        var child = keystone.createProject(domain, parent, "child", List.of());
        var grandchild = keystone.createProject(domain, child, "grandchild", List.of());
        team.directory(keystone.applicationCredential(parent));
        team.declare(spec(
                null,
                List.of(new ProjectSelector("below", null, new ParentSelector(parent), null, null, null)),
                null,
                "100%"));

        var set = team.awaitProjects(List.of(child, grandchild));
        assertThat(set.getStatus().projects()).extracting(SetProject::name).containsOnlyNulls();
    }

    /** By hand it stays in the set, so its members take room in the quota until a person looks. */
    @Test
    void anImagesOwnerReadsWhoCameWhoIsGoneFromKeystoneAndWhoLeft() {
        var id = projects.get(0);
        var other = id();
        team.declare(spec(
                List.of(new ProjectEntry(id, null, null), new ProjectEntry(other, "lab", null)),
                List.of(new ProjectSelector("all", new DomainSelector(domain), null, null, null, null)),
                projects.subList(1, 10),
                "50%"));
        team.awaitReason(Reason.Synced);
        var excluded = team.get().getStatus().projects().stream()
                .map(SetProject::projectID)
                .filter(each -> !List.of(id, other).contains(each))
                .toList();
        var image = world.openstack().createImage("producer", "gone", "shared", List.of());
        team.namespace.create(Namespace.changed(
                team.namespace.share("gone", image),
                spec -> Namespace.withMaxRemovals(
                        Namespace.withProjectSets(spec, SetTeam.SET), new IntOrString("100%"))));
        team.namespace.awaitReady("gone");
        var added = Stream.of(id + " \"team-0\"", other + " \"lab\"", excluded.get(0) + " \"other\"")
                .sorted()
                .collect(Collectors.joining(", "));
        eventually(() ->
                assertThat(team.namespace.eventMessages("gone", "MembersAdded")).containsExactly("Added " + added));

        keystone.deleteProject(id);

        eventually(() -> assertThat(team.get().goneProjects()).containsExactly(id));
        assertThat(ready(team.get()).message())
                .isEqualTo("3 projects. No longer in Keystone, but still in the set: " + id + " \"team-0\".");
        eventually(() -> assertThat(Namespace.condition(team.namespace.awaitReady("gone"), "Ready")
                        .message())
                .endsWith(" No longer in Keystone, but still members, which count toward the image's quota: " + id
                        + " \"team-0\"."));

        var spec = team.get().getSpec();
        team.declare(
                spec(List.of(new ProjectEntry(other, "lab", null)), spec.selectors(), projects.subList(1, 10), "50%"));

        eventually(() -> assertThat(team.namespace.eventMessages("gone", "MembersRemoved"))
                .containsExactly("Removed " + id + " \"team-0\""));
        eventually(() -> assertThat(Namespace.condition(team.namespace.awaitReady("gone"), "Ready")
                        .message())
                .doesNotContain("Keystone"));
    }

    @Test
    void aSetOfAnotherDomainThanItsReadersSaysSo() {
        var other = keystone.createDomain("other");
        team.declare(spec(
                null,
                List.of(new ProjectSelector("other", new DomainSelector(other), null, null, null, null)),
                null,
                "25%"));

        var set = team.awaitReason(Reason.Forbidden);
        assertThat(ready(set).message()).startsWith("Selector other: ").contains("Nobody leaves the set until");
    }

    @Test
    void aRestartForgetsNothingAndADeletedSetGoesAtOnce() {
        team.declare(spec(byHand(id()), List.of(tagged()), List.of(), "25%"));
        var before = team.awaitReason(Reason.Synced);

        world.restartOperator();
        var another = keystone.createProject(domain, null, "team-11", List.of(TAG));
        eventually(() -> assertThat(ids(team.get())).contains(another));
        assertThat(team.get().getStatus().establishedAt())
                .isEqualTo(before.getStatus().establishedAt());

        team.at().delete();
        eventually(() -> assertThat(team.get()).isNull());
    }
}
