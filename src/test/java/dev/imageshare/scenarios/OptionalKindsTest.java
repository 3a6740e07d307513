package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.SetTeam.byHand;
import static dev.imageshare.scenarios.SetTeam.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.deploy.Right;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An optional kind takes nothing where it isn't installed, and no more than its component grants where it is. */
class OptionalKindsTest {

    private static final String ID = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";
    private static final String OTHER = "0b9e8d7c6f5a4b3c2d1e0f9a8b7c6d5e";

    private static TreeSet<Right> used(EmbeddedWorld world) {
        return used(world, "/projectsets");
    }

    private static TreeSet<Right> used(EmbeddedWorld world, String path) {
        return world.api.requests().stream()
                .filter(request -> request.path().contains(path) && !EmbeddedWorld.PEOPLE.equals(request.userAgent()))
                .map(Right::neededFor)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whereTheKindIsNotInstalledNothingOfItIsAskedFor() {
        try (var world = new EmbeddedWorld(Settings.defaults())) {
            var team = new Namespace(world);
            var image = world.cloud.createImage("producer", "alone", "shared", List.of());
            team.create(team.share("alone", image, ID));
            team.awaitReady("alone");

            assertThat(used(world)).isEmpty();
        }
    }

    @Test
    void whereItIsInstalledEachRightIsUsedAndNoOther() {
        try (var world = new EmbeddedWorld(
                Settings.defaults(), EmbeddedOpenStack.Options.defaults(), EnumSet.allOf(OptionalKind.class))) {
            var reader = world.cloud.keystone().domainReader("default");
            var before = new TreeSet<>(used(world));
            assertThat(before).extracting(Right::verb).containsExactlyInAnyOrder("list", "watch");

            var team = new SetTeam(world, reader);
            var image = world.cloud.createImage("producer", "follows", "shared", List.of());
            team.declare(spec(byHand(ID, OTHER), null, List.of(), "100%"));
            team.namespace.create(Namespace.changed(
                    team.namespace.share("follows", image), spec -> Namespace.withProjectSets(spec, SetTeam.SET)));
            eventually(() -> assertThat(world.cloud.members("producer", image)).containsOnlyKeys(ID, OTHER));
            team.namespace.awaitReady("follows");
            // The API server is asked for the set right before a member is removed that it let go.
            team.declare(spec(byHand(ID), null, List.of(), "100%"));
            eventually(() -> assertThat(world.cloud.members("producer", image)).containsOnlyKeys(ID));
            team.awaitReason(Reason.Synced);

            assertThat(used(world)).isEqualTo(Right.grantedBy("project-sets"));
        }
    }

    @Test
    void requestsForAccessTakeEachRightAndNoOther() {
        try (var world = new EmbeddedWorld(
                Settings.defaults(),
                EmbeddedOpenStack.Options.defaults(),
                EnumSet.of(OptionalKind.ProjectSet, OptionalKind.ImageAccessRequest))) {
            var teams = new AccessTeams(world);
            var a = new Consumer(world, "consumer-a");
            teams.declare(AccessTeams.automatic(a.namespace, "1h"), "100%");
            teams.request(a, "ci", "consumer-a", null);
            AccessTeams.awaitReason(a, "ci", Reason.Synced);
            AccessTeams.at(a, "ci").delete();
            teams.awaitMembers();

            var used = used(world, "/imageaccess");
            used.addAll(world.api.requests().stream()
                    .filter(request ->
                            request.path().endsWith("/namespaces") && !EmbeddedWorld.PEOPLE.equals(request.userAgent()))
                    .map(Right::neededFor)
                    .flatMap(Optional::stream)
                    .toList());
            assertThat(used).isEqualTo(Right.grantedBy("access-requests"));
        }
    }

    /** Its rights are in those namespaces only, and a namespace's labels aren't in one. */
    @Test
    void inSomeNamespacesNoLabelsAreRead() {
        try (var world = new EmbeddedWorld(
                Settings.defaults().withNamespaces(Set.of("team-a", "golden-images")),
                EmbeddedOpenStack.Options.defaults(),
                EnumSet.of(OptionalKind.ProjectSet, OptionalKind.ImageAccessRequest))) {
            assertThat(used(world, "/imageaccessdecisions")).isNotEmpty();
            assertThat(world.api.requests())
                    .filteredOn(request -> !EmbeddedWorld.PEOPLE.equals(request.userAgent()))
                    .noneMatch(request -> request.path().endsWith("/namespaces"))
                    .noneMatch(request -> request.path().endsWith("v1alpha1/imageaccessdecisions"));
        }
    }
}
