package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.SetTeam.byHand;
import static dev.imageshare.scenarios.SetTeam.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.deploy.Right;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a real API server, which checks rights: with those of the base and of the component for ProjectSets the packaged operator
 * does all that it does with a set, and it has no other right to them.
 */
class ProjectSetRightsRealIT {

    private final RealCluster cluster = RealCluster.fresh();
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final World world = new World() {
        @Override
        public KubernetesClient kubernetes() {
            return cluster.admin();
        }

        @Override
        public OpenStackLab openstack() {
            return cloud;
        }

        @Override
        public void restartOperator() {
            throw new UnsupportedOperationException("it is a process of the test's own");
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("the test closes what it opened");
        }
    };

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        cluster.uninstall(OptionalKind.ProjectSet);
        cluster.removeLeftovers();
        cluster.close();
        cloud.close();
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private boolean isGranted(Right right) {
        var resource = right.resource().split("/");
        return cluster.admin()
                .authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser("system:serviceaccount:" + RealCluster.NAMESPACE + ":" + RealCluster.SERVICE_ACCOUNT)
                        .withNewResourceAttributes()
                        .withGroup(right.group())
                        .withResource(resource[0])
                        .withSubresource(resource.length > 1 ? resource[1] : null)
                        .withVerb(right.verb())
                        .withNamespace(RealCluster.NAMESPACE)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }

    @Test
    void allThatItDoesIsAllowedAndNothingElse() throws IOException {
        cluster.install(OptionalKind.ProjectSet);
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
        var granted = Right.grantedBy("project-sets");
        eventually(() -> assertThat(granted).allMatch(this::isGranted));
        assertThat(Stream.of("projectsets", "projectsets/status")
                        .flatMap(resource -> Stream.of(
                                        "get",
                                        "list",
                                        "watch",
                                        "create",
                                        "update",
                                        "patch",
                                        "delete",
                                        "deletecollection")
                                .map(verb -> new Right("imageshare.dev", resource, verb)))
                        .filter(this::isGranted))
                .containsExactlyInAnyOrderElementsOf(granted);

        var team = new SetTeam(world, cloud.keystone().domainReader("default"));
        var stays = id();
        var leaves = id();
        var image = cloud.createImage("producer", "rights", "shared", List.of());
        try (var operator =
                new OperatorProcess(kubeconfig, Map.of("IMAGESHARE_LOG_LEVEL", "DEBUG"), "--http-port=-1")) {
            operator.awaitStarted();
            team.declare(spec(byHand(stays, leaves), null, List.of(), "100%"));
            team.namespace.create(Namespace.changed(
                    team.namespace.share("rights", image), spec -> Namespace.withProjectSets(spec, SetTeam.SET)));
            eventually(() -> assertThat(cloud.members("producer", image)).containsOnlyKeys(stays, leaves));
            team.namespace.awaitReady("rights");

            // A member is removed by the set: the API server is asked for the set right before.
            team.declare(spec(byHand(stays), null, List.of(), "100%"));
            eventually(() -> assertThat(cloud.members("producer", image)).containsOnlyKeys(stays));
            eventually(() -> assertThat(team.get().getStatus().released()).isNull());
            team.awaitReason(Reason.Synced);
            eventually(() -> assertThat(team.namespace.events(SetTeam.SET)).contains("ProjectsJoined", "ProjectsLeft"));

            team.at().delete();
            team.namespace.awaitReason("rights", Reason.WaitingForReference);
            assertThat(cloud.members("producer", image)).containsOnlyKeys(stays);
            operator.terminate();
            assertThat(operator.awaitExit()).isZero();
            assertThat(operator.lines())
                    .noneMatch(line -> line.contains("cannot ") && line.contains(" in API group "))
                    .noneMatch(line -> line.contains("lacks rights"));
        }
    }
}
