package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.Namespace.withImageRef;
import static dev.imageshare.scenarios.Namespace.withMaxRemovals;
import static dev.imageshare.scenarios.Namespace.withProjectRefs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.MemberStatus;
import dev.imageshare.deploy.Right;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The rights of {@code deploy/} are those that the operator uses: one more or one less fails here. {@link RightsRealIT} takes
 * each away from it on a real API server.
 */
class RightsTest {

    private static final String OPERATOR = "the-operator";

    @Test
    void everyRightIsUsedAndNoOtherIsNeeded() {
        try (var api = EmbeddedKubernetes.start(0);
                var cloud = EmbeddedOpenStack.start();
                var admin = api.client();
                var own = api.client(config -> config.withUserAgent(OPERATOR))) {
            admin.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("operators")
                            .endMetadata()
                            .build())
                    .create();
            var orc = new Orc(admin);
            orc.install();
            var settings = Settings.defaults()
                    .withLeaderElection(new Settings.LeaderElection("operators", "imageshare-operator", "one"));
            try (var operator = new ImageShareOperator(own, settings)) {
                operator.start();
                var team = new Namespace(admin, cloud.cloudsYaml());
                var image = cloud.createImage("producer", "ubuntu", "shared", List.of());
                orc.create("Image", team.name, "ubuntu");
                orc.setId("Image", team.name, "ubuntu", image);
                orc.create("Project", team.name, "team-a");
                orc.setId("Project", team.name, "team-a", ImageShareScenarios.project());
                var declared = projects(3);
                team.create(changed(
                        team.share("ubuntu", image, declared),
                        s -> withMaxRemovals(
                                withProjectRefs(withImageRef(s, "ubuntu"), "team-a"), new IntOrString(9))));
                team.awaitReady("ubuntu");

                // The same event twice counts up.
                for (var healed = 1; healed <= 2; healed++) {
                    var times = healed;
                    cloud.removeMember("producer", image, declared.get(0));
                    eventually(
                            () -> assertThat(cloud.members("producer", image)).containsKey(declared.get(0)));
                    team.awaitReady("ubuntu");
                    eventually(() -> assertThat(team.eventCount("ubuntu", "MembersAdded"))
                            .isEqualTo(1 + times));
                }

                var consumer = new Consumer(admin, cloud, "consumer-a");
                cloud.addMember("producer", image, cloud.projectId("consumer-a"));
                consumer.create(consumer.named("answer", image, MemberStatus.accepted));
                consumer.awaitReason("answer", Reason.Synced);

                team.declare("ubuntu", declared.subList(0, 2));
                eventually(() -> assertThat(cloud.members("producer", image)).doesNotContainKey(declared.get(2)));
                team.at("ubuntu").delete();
                team.awaitGone("ubuntu");
                eventually(() -> assertThat(used(api)).contains(new Right("coordination.k8s.io", "leases", "patch")));
            }
            assertThat(used(api)).isEqualTo(Right.granted());
        }
    }

    private static TreeSet<Right> used(EmbeddedKubernetes api) {
        return api.requests().stream()
                .filter(request -> OPERATOR.equals(request.userAgent()))
                .map(Right::neededFor)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
