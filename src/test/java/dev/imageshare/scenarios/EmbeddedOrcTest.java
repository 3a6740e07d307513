package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.Namespace.withProjectRefs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedKubernetes.Request;
import dev.imageshare.operator.Settings;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The scenarios on embedded services, and what only their record of every request shows. */
class EmbeddedOrcTest extends OrcScenarios {

    private static final String ALL_PROJECTS = "/apis/openstack.k-orc.cloud/v1alpha1/projects";

    private EmbeddedWorld world;

    @Override
    World newWorld() {
        world = new EmbeddedWorld(Settings.defaults());
        return world;
    }

    private static List<Request> ofOrc(EmbeddedWorld world) {
        return world.api.requests().stream()
                .filter(r -> r.path().startsWith("/apis/openstack.k-orc.cloud"))
                .toList();
    }

    private static boolean isWatch(Request request) {
        return String.valueOf(request.query()).contains("watch=true");
    }

    @Test
    void nothingOfOrcIsAskedForUntilAnObjectRefersToIt() {
        try (var quiet = new EmbeddedWorld(Settings.defaults())) {
            var itsTeam = new Namespace(quiet);
            var itsImage = quiet.cloud.createImage("producer", "ubuntu", "shared", List.of());
            itsTeam.create(itsTeam.share("ubuntu", itsImage, projects(1)));
            itsTeam.awaitReady("ubuntu");
            assertThat(ofOrc(quiet)).isEmpty();

            var itsOrc = new Orc(quiet.kubernetes());
            itsOrc.install();
            itsOrc.create("Project", itsTeam.name, "team-a");
            itsOrc.setId("Project", itsTeam.name, "team-a", ImageShareScenarios.project());
            quiet.api.clearRequests();
            itsTeam.edit("ubuntu", s -> withProjectRefs(s, "team-a"));
            itsTeam.awaitReady("ubuntu");

            assertThat(ofOrc(quiet)).extracting(Request::path).containsOnly(ALL_PROJECTS);
            assertThat(ofOrc(quiet)).filteredOn(EmbeddedOrcTest::isWatch).isNotEmpty();
            assertThat(ofOrc(quiet)).filteredOn(r -> !isWatch(r)).hasSize(2);
        }
    }

    @Test
    void manyPassesAndChangesAskOrcForNothingMore() {
        orcProject("team-a");
        team().create(share(projects(1), "team-a"));
        team().awaitReady("ubuntu");
        world.api.clearRequests();
        world.cloud.clearRequests();

        eventually(() -> assertThat(world.cloud.requests()).hasSizeGreaterThan(5));
        orcProject("of-nobody");
        eventually(() -> assertThat(world.cloud.requests()).hasSizeGreaterThan(7));

        assertThat(ofOrc(world)).extracting(Request::path).doesNotContain(ALL_PROJECTS);
    }

    /** A restart reads ORC's objects before it says anything of them. */
    @Test
    void aRestartWritesNoStatus() {
        orc().create("Image", team().name, "golden");
        orc().setId("Image", team().name, "golden", image());
        orcProject("team-a");
        team().create(Namespace.changed(share(projects(1), "team-a"), s -> Namespace.withImageRef(s, "golden")));
        team().awaitReady("ubuntu");
        world.stopOperator();
        world.api.clearRequests();
        world.cloud.clearRequests();

        world.startOperator();
        eventually(() -> assertThat(world.cloud.requests())
                .filteredOn(c -> c.path().endsWith(image() + "/members"))
                .hasSizeGreaterThan(2));

        assertThat(world.api.requests())
                .filteredOn(r -> r.method().equals("PATCH"))
                .extracting(Request::path)
                .noneMatch(path -> path.endsWith("/ubuntu/status"));
    }

    @Test
    void theRightToReadIsMissingAndThenGiven() {
        world.stopOperator();
        world.api.refuse("GET", ALL_PROJECTS, 403, 2);
        world.startOperator();
        var members = projects(1);
        var a = orcProject("team-a");

        team().create(share(members, "team-a"));

        awaitWaiting("may not list and watch projects.openstack.k-orc.cloud", "imageshare-operator-orc");
        team().awaitReady("ubuntu");
        assertThat(inGlance()).containsKey(a);
    }

    @Test
    void anApiServerThatFailsIsAskedAgain() {
        world.stopOperator();
        // Not a status that Fabric8's client tries again by itself.
        world.api.refuse("GET", ALL_PROJECTS, 400, 2);
        world.startOperator();
        var a = orcProject("team-a");

        team().create(share(projects(1), "team-a"));

        awaitWaiting("projects.openstack.k-orc.cloud can't be read from the API server (status 400)");
        team().awaitReady("ubuntu");
        assertThat(inGlance()).containsKey(a);
    }

    @Test
    void anOperatorOfSomeNamespacesReadsOrcInThoseAlone() {
        world.stopOperator();
        world.api.clearRequests();
        var a = orcProject("team-a");
        try (var own = world.api.client();
                var operator = new dev.imageshare.operator.ImageShareOperator(
                        own, Settings.defaults().withNamespaces(Set.of(team().name)))) {
            operator.start();
            team().create(share(projects(1), "team-a"));
            team().awaitReady("ubuntu");
            assertThat(inGlance()).containsKey(a);
            assertThat(ofOrc(world))
                    .filteredOn(
                            r -> r.path().endsWith("/projects") && r.method().equals("GET"))
                    .extracting(Request::path)
                    .containsOnly("/apis/openstack.k-orc.cloud/v1alpha1/namespaces/" + team().name + "/projects");
        } finally {
            world.startOperator();
        }
    }
}
