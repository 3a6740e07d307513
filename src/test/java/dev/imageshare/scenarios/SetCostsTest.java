package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.embedded.EmbeddedKeystoneAdmin;
import dev.imageshare.embedded.EmbeddedKubernetes.Request;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a set costs that many shares name; the benchmark has it larger. */
class SetCostsTest {

    private static final int SHARES = 8;
    private static final int PROJECTS = 60;

    private final EmbeddedWorld world = new EmbeddedWorld(
            Settings.defaults(), EmbeddedOpenStack.Options.defaults(), EnumSet.of(OptionalKind.ProjectSet));
    private final EmbeddedKeystoneAdmin keystone = world.cloud.keystone();
    private final String domain = keystone.createDomain("costs");
    private final SetTeam team = new SetTeam(world, keystone.domainReader(domain));

    /** Nothing of it is looked at by itself in the time of a test. */
    @BeforeEach
    void inOrder() {
        var projects = keystone.createProjects(domain, "p", PROJECTS);
        team.declare(new ProjectSetSpec(
                new CloudCredentialsRef("directory", "directory"),
                null,
                List.of(new ProjectSelector("all", new DomainSelector(domain), null, null, null, null)),
                null,
                null,
                "1h",
                false));
        team.awaitReason(Reason.Synced);
        for (var i = 0; i < SHARES; i++) {
            var image = world.cloud.createImage("producer", "costs-" + i, "shared", List.of());
            projects.forEach(project -> world.cloud.addMember("producer", image, project));
            team.namespace.create(Namespace.changed(
                    team.namespace.share("costs-" + i, image),
                    spec -> Namespace.withResync(Namespace.withProjectSets(spec, SetTeam.SET), "1h")));
        }
        for (var i = 0; i < SHARES; i++) {
            team.namespace.awaitReady("costs-" + i);
        }
        world.cloud.clearRequests();
        world.api.clearRequests();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void lookNow() {
        Namespace.update(team.namespace.client, team.at(), set -> {
            var annotations = new HashMap<String, String>();
            annotations.put(Annotations.LOOK_NOW, Long.toString(System.nanoTime()));
            set.getMetadata().setAnnotations(annotations);
        });
    }

    private List<Call> calls(String method, String end) {
        return world.cloud.requests().stream()
                .filter(call -> call.method().equals(method) && call.path().endsWith(end))
                .toList();
    }

    private Stream<Request> writes() {
        return world.api.requests().stream()
                .filter(request -> !EmbeddedWorld.PEOPLE.equals(request.userAgent()))
                .filter(request -> !request.method().equals("GET"));
    }

    /** Pages only, and nothing of Glance; nothing is written. */
    @Test
    void aQuietResyncIsTheListsPagesAndNoWrite() {
        lookNow();
        eventually(() -> assertThat(calls("GET", "/v3/projects")).isNotEmpty());
        world.stopOperator(); // which ends what is under way
        try {
            assertThat(world.cloud.requests())
                    .isEqualTo(calls("GET", "/v3/projects"))
                    .hasSize(1);
            assertThat(writes()).isEmpty();
        } finally {
            world.startOperator(); // since the world stops it
        }
    }

    /** One project more in the domain; waits until all shares' statuses have it. */
    private void add(String name) {
        var added = keystone.createProject(domain, null, name, List.of());
        world.cloud.clearRequests();
        world.api.clearRequests();
        lookNow();
        for (var i = 0; i < SHARES; i++) {
            var share = "costs-" + i;
            eventually(() -> assertThat(team.namespace.answers(share)).containsEntry(added, "pending"));
        }
    }

    /** For each share one POST and two statuses, the plan before it and what came of it; one status for the set. */
    @Test
    void oneProjectMoreIsOnePostAndTwoStatusesAShare() {
        add("one-more");

        world.stopOperator();
        try {
            assertThat(calls("POST", "/members")).hasSize(SHARES);
            assertThat(calls("GET", "/v3/projects")).hasSize(1);
            assertThat(writes().filter(request -> request.path().contains("/imageshares/")))
                    .hasSize(2 * SHARES);
            assertThat(writes().filter(request -> request.path().contains("/projectsets/")))
                    .hasSize(1);
        } finally {
            world.startOperator();
        }
    }
}
