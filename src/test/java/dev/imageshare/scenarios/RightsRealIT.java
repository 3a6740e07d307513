package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.deploy.Right;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.scenarios.Workday.Step;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On a real API server, which checks rights: with those of {@code deploy/} the packaged operator has a full working day; without
 * any one of them the API server refuses it, and the day gets no further than the step that needs it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsRealIT {

    private static final String LEASES = "coordination.k8s.io";

    /** By what the right is for: {@code verb resource}. */
    private static final Map<String, Step> FAILS = Map.ofEntries(
            Map.entry("get imageshares", Step.REMOVED),
            Map.entry("patch imageshares", Step.SHARED),
            Map.entry("patch imageshares/status", Step.SHARED),
            Map.entry("patch imageacceptances/status", Step.ANSWERED),
            Map.entry("get secrets", Step.SHARED),
            Map.entry("patch secrets", Step.SECRET_KEPT),
            Map.entry("create events", Step.TOLD),
            Map.entry("patch events", Step.TOLD_AGAIN));

    private static final Set<String> NEEDED_TO_START = Set.of("imageshares", "imageacceptances", "secrets");

    private final RealCluster cluster = RealCluster.fresh();
    private final KubernetesClient admin = cluster.admin();
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final Orc orc = new Orc(admin);
    private Path kubeconfig;
    private OperatorProcess operator;
    private Workday day;

    @BeforeAll
    void install() {
        orc.uninstall();
        orc.install();
    }

    @AfterAll
    void uninstall() {
        grant(Right.granted());
        orc.uninstall();
        cloud.close();
        cluster.close();
    }

    @BeforeEach
    void prepare(@TempDir Path folder) throws IOException {
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
        admin.leases().inNamespace(RealCluster.NAMESPACE).delete();
    }

    @AfterEach
    void stop() {
        if (operator != null) {
            operator.close();
        }
        cluster.removeLeftovers();
    }

    // ------------------------------------------------------------ rights

    /** Exactly these: the roles of the base and of the component for replicas are written anew. */
    private void grant(Set<Right> rights) {
        admin.resources(ClusterRole.class)
                .withName("imageshare-operator")
                .edit(role -> new ClusterRoleBuilder(role)
                        .withRules(rules(rights.stream()
                                .filter(r -> r.group().isEmpty() || r.group().equals("imageshare.dev"))))
                        .build());
        admin.resources(ClusterRole.class)
                .withName("imageshare-operator-orc")
                .edit(role -> new ClusterRoleBuilder(role)
                        .withRules(rules(rights.stream().filter(r -> r.group().endsWith("k-orc.cloud"))))
                        .build());
        admin.resources(Role.class)
                .inNamespace(RealCluster.NAMESPACE)
                .withName("imageshare-operator-leases")
                .edit(role -> new RoleBuilder(role)
                        .withRules(rules(rights.stream().filter(r -> r.group().equals(LEASES))))
                        .build());
    }

    private static List<PolicyRule> rules(Stream<Right> rights) {
        return rights.map(right -> new PolicyRuleBuilder()
                        .withApiGroups(right.group())
                        .withResources(right.resource())
                        .withVerbs(right.verb())
                        .build())
                .toList();
    }

    private boolean isGranted(Right right) {
        var resource = right.resource().split("/");
        var review = new SubjectAccessReviewBuilder()
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
                .build();
        return admin.authorization()
                .v1()
                .subjectAccessReview()
                .create(review)
                .getStatus()
                .getAllowed();
    }

    private void grantAllBut(Right missing) {
        var rights = new TreeSet<>(Right.granted());
        rights.remove(missing);
        grant(rights);
        eventually(() -> assertThat(Right.granted().stream().filter(right -> !isGranted(right)))
                .containsExactly(missing));
    }

    // --------------------------------------------------------------- day

    private void startOperator(boolean electing) {
        operator = new OperatorProcess(
                kubeconfig,
                Map.of(
                        "IMAGESHARE_LOG_LEVEL",
                        "DEBUG",
                        "IMAGESHARE_LEADER_ELECTION",
                        Boolean.toString(electing),
                        "KUBERNETES_REQUEST_RETRY_BACKOFFLIMIT",
                        "1"),
                "--http-port=-1");
    }

    private void startDay() {
        day = new Workday(admin, cloud, orc);
        // Who waits in vain gives up by itself; another day has objects of its own.
        var people = new Thread(
                () -> {
                    try {
                        day.run();
                    } catch (RuntimeException | AssertionError e) {
                        // cut short: the step that it is at tells
                    }
                },
                "people");
        people.setDaemon(true);
        people.start();
    }

    private boolean isRefused(Right right) {
        var words = "cannot %s resource \"%s\" in API group \"%s\""
                .formatted(right.verb(), right.resource(), right.group());
        var own =
                "The operator may not " + right.verb() + " " + (right.resource().equals("secrets") ? "Secrets" : "?");
        return operator.lines().stream().anyMatch(line -> line.contains(words) || line.contains(own));
    }

    private void awaitRefusal(Right right) {
        try {
            eventually(() -> assertThat(isRefused(right)).isTrue());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("not refused: " + right + "\n" + String.join("\n", operator.lines()), e);
        }
    }

    @Test
    void withAllOfThemTheDayIsOverAndNothingIsRefused() {
        grant(Right.granted());
        eventually(() -> assertThat(Right.granted()).allMatch(this::isGranted));
        startOperator(true);
        startDay();
        eventually(() -> assertThat(day.step()).isEqualTo(Step.OVER));
        operator.terminate();
        assertThat(operator.awaitExit()).isZero();
        assertThat(operator.lines()).noneMatch(line -> line.contains("cannot ") && line.contains(" in API group "));
    }

    /** An issue demands the time: longer than the SDK goes on trying. */
    @Test
    void aRightThatIsMissingForFortySecondsLosesNoObjectOfThatTime() {
        grant(Right.granted());
        eventually(() -> assertThat(Right.granted()).allMatch(this::isGranted));
        startOperator(false);
        operator.awaitStarted();
        var team = new Namespace(admin, cloud.cloudsYaml());
        var image = cloud.createImage("producer", "rights", "shared", List.of());
        var declared = ImageShareScenarios.projects(3);
        team.create(team.share("old", image, declared));
        team.awaitReady("old");

        grantAllBut(new Right("imageshare.dev", "imageshares", "patch"));
        team.create(team.share("new", image, declared));
        eventually(() -> assertThat(team.events("new")).contains("KubernetesRefused"));
        team.at("old").delete();
        await().during(Duration.ofSeconds(40))
                .atMost(Duration.ofSeconds(80))
                .until(() -> team.at("new").get().getFinalizers().isEmpty());
        assertThat(Namespace.condition(team.awaitReason("new", Reason.KubernetesRefused), "Ready")
                        .message())
                .contains("cannot patch resource \"imageshares\"");
        assertThat(Namespace.condition(team.awaitReason("old", Reason.Progressing), "Ready")
                        .message())
                .contains(team.name + "/new");

        grant(Right.granted());
        team.awaitReady("new");
        team.awaitGone("old");
        assertThat(cloud.members("producer", image)).hasSize(3);
        assertThat(operator.lines()).noneMatch(line -> line.startsWith("\tat "));
    }

    /** But for watches, and for ORC's objects, which OrcRealIT takes: of those RightsTest holds that they are used. */
    static Stream<Right> rights() {
        return Right.granted().stream()
                .filter(right -> !right.verb().equals("watch"))
                .filter(right -> !right.group().endsWith("k-orc.cloud"));
    }

    @ParameterizedTest
    @MethodSource("rights")
    void withoutAnyOneOfThemTheDayGetsNoFurther(Right missing) {
        grantAllBut(missing);
        if (missing.group().equals(LEASES)) {
            withoutARightToTheLease(missing);
            return;
        }
        startOperator(false);
        if (NEEDED_TO_START.contains(missing.resource())
                && !FAILS.containsKey(missing.verb() + " " + missing.resource())) {
            assertThat(operator.awaitExit()).isEqualTo(1);
            assertThat(operator.lines())
                    .noneMatch(line -> line.contains("Started") || line.startsWith("\tat "))
                    .last()
                    .asString()
                    .contains("Can't start: The operator's account lacks permissions: " + missing + ". Grant them");
            System.out.printf("without %s: it doesn't start%n", missing);
            return;
        }
        var fails = FAILS.get(missing.verb() + " " + missing.resource());
        assertThat(fails).as("known what it is for: %s", missing).isNotNull();
        startDay();
        eventually(() -> assertThat(day.step()).isEqualTo(fails));
        awaitRefusal(missing);
        assertThat(operator.lines())
                .anyMatch(line ->
                        line.contains(" WARN ") && line.contains("lacks permissions: " + missing + ". Grant them"));
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(30)).until(() -> day.step() == fails);
        System.out.printf("without %s: not %s%n", missing, fails);
    }

    /** The SDK asks for its rights before it elects; renewing is not among what it asks for. */
    private void withoutARightToTheLease(Right missing) {
        startOperator(true);
        assertThat(operator.awaitExit()).isEqualTo(1);
        assertThat(operator.lines())
                .noneMatch(line -> line.contains("Leading"))
                .last()
                .asString()
                .contains("lacks permissions: " + missing + " in " + RealCluster.NAMESPACE);
        System.out.printf("without %s: it ends%n", missing);
    }
}
