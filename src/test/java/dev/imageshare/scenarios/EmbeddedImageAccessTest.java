package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.AccessTeams.at;
import static dev.imageshare.scenarios.AccessTeams.awaitReason;
import static dev.imageshare.scenarios.AccessTeams.from;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedImageAccessTest extends ImageAccessScenarios {

    private EmbeddedWorld embedded;

    @Override
    World newWorld() {
        embedded = new EmbeddedWorld(
                Settings.defaults(),
                EmbeddedOpenStack.Options.defaults(),
                EnumSet.of(OptionalKind.ProjectSet, OptionalKind.ImageAccessRequest));
        return embedded;
    }

    /** Its token is kept, and its status is as it was. */
    @Test
    void aLookThatFindsNothingNewAsksAndWritesNothing() {
        teams.declare(from(a.namespace), "0%");
        teams.request(a, "ci", "consumer-a", null);
        teams.decide(teams.awaitWaiting(a, "ci"), DecisionType.Approved, null);
        teams.request(a, "later", "consumer-a", null);
        teams.awaitWaiting(a, "later");
        awaitReason(a, "later", Reason.AwaitingApproval);
        eventually(() -> assertThat(at(a, "ci").get().getStatus().images()).hasSize(1));
        var logins = logins();
        var written = writes();

        for (var asked : List.of(at(a, "ci"), at(a, "later"))) {
            Namespace.update(
                    a.namespace.client,
                    asked,
                    request -> request.getMetadata().setAnnotations(Map.of("imageshare.dev/look-now", "now")));
        }
        // Another request of the same credentials goes its whole way meanwhile.
        teams.request(a, "third", "consumer-a", null);
        teams.awaitWaiting(a, "third");
        assertThat(logins()).as("one token serves them all").isEqualTo(logins);
        assertThat(writes().stream().filter(path -> !path.contains("/third/"))).containsExactlyElementsOf(written);
    }

    private long logins() {
        return embedded.cloud.requests().stream()
                .filter(call -> call.path().endsWith("/auth/tokens") && "nocatalog".equals(call.query()))
                .count();
    }

    /** The statuses of requests that the operator wrote in this team's namespace. */
    private List<String> writes() {
        return embedded.api.requests().stream()
                .filter(request -> request.method().equals("PATCH")
                        && request.path().contains("/" + a.namespace.name + "/imageaccessrequests/")
                        && !EmbeddedWorld.PEOPLE.equals(request.userAgent()))
                .map(EmbeddedKubernetes.Request::path)
                .toList();
    }
}
