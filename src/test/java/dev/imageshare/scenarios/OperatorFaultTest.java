package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.acceptance.ImageAcceptanceReconciler;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.MemberCalls;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a user sees of a fault of the operator itself. Here it gets no thread for its calls, once it is told so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorFaultTest {

    private static final String SECRET_TEXT = "s3cret-in-an-exception";

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final KubernetesClient admin = api.client();
    private final KubernetesClient own = api.client();
    private final Clouds clouds = new Clouds(CloudSettings.defaults());
    private final FaultyThreads threads = new FaultyThreads();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final CredentialSecrets secrets = new CredentialSecrets(own, Set.of(), true);
    private final Operator operator =
            new Operator(o -> o.withKubernetesClient(own).withCloseClientOnStop(false));
    private Namespace team;
    private String image;

    /** Throws what nobody expects, where a call is to be run beside others. */
    private static final class FaultyThreads extends ThreadPoolExecutor {
        private volatile Supplier<? extends Throwable> fault;

        FaultyThreads() {
            super(0, 100, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
        }

        @Override
        public void execute(Runnable task) {
            if (fault == null) {
                super.execute(task);
            } else {
                sneak(fault.get());
            }
        }

        @SuppressWarnings("unchecked")
        private static <T extends Throwable> void sneak(Throwable fault) throws T {
            throw (T) fault;
        }
    }

    @BeforeAll
    void start() {
        var access = new CloudAccess(clouds, secrets);
        var events = new EventRecorder(own, Clock.systemUTC());
        var parallel = new ParallelCalls(threads, 8);
        var backoff = new Backoff(new Random(1));
        var turns = new FairScheduler(10, 10, 10);
        var lead = new Leadership(() -> true, () -> true);
        operator.register(
                new ImageShareReconciler(
                        own,
                        access,
                        new OrcObjects(own, Set.of(), timer, backoff),
                        events,
                        new MemberCalls(parallel, pause -> {}),
                        ShareSettings.defaults(),
                        turns,
                        lead,
                        Clock.systemUTC(),
                        new ClockCheck(Clock.systemUTC(), new ServerClock(System::nanoTime)),
                        backoff),
                ImageShareReconciler::configure);
        operator.register(
                new ImageAcceptanceReconciler(own, access, events, parallel, turns, lead, Clock.systemUTC(), backoff),
                ImageAcceptanceReconciler::configure);
        secrets.start();
        operator.start();
    }

    @BeforeEach
    void newTeam() {
        team = new Namespace(admin, cloud.cloudsYaml());
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
    }

    @AfterEach
    void noFault() {
        threads.fault = null;
    }

    @AfterAll
    void stop() {
        operator.stop();
        secrets.close();
        clouds.close();
        own.close();
        admin.close();
        api.close();
        cloud.close();
        threads.shutdownNow();
        timer.shutdownNow();
    }

    private static RuntimeException fault() {
        return new UnsupportedOperationException(SECRET_TEXT, new ArithmeticException(SECRET_TEXT));
    }

    private static void isToldAsAFault(Condition ready, Condition reconciling) {
        assertThat(ready.status()).isEqualTo(Condition.Status.False);
        assertThat(ready.message())
                .contains("ArithmeticException", "log", "report")
                .doesNotContain(SECRET_TEXT);
        assertThat(reconciling.status()).isEqualTo(Condition.Status.True);
    }

    @Test
    void aFaultIsToldInTheStatusAndRemovesNobodyAndHeals() throws Exception {
        var declared = projects(6);
        team.create(team.share("ubuntu", image, declared));
        var before = team.awaitReady("ubuntu").getStatus();
        cloud.clearRequests();

        threads.fault = OperatorFaultTest::fault;
        var wanted = new ArrayList<>(declared.subList(1, 6));
        wanted.addAll(projects(2));
        team.declare("ubuntu", wanted);
        var share = team.awaitReason("ubuntu", Reason.InternalError);

        isToldAsAFault(condition(share, "Ready"), condition(share, "Reconciling"));
        assertThat(share.getStatus().image()).isEqualTo(before.image());
        assertThat(share.getStatus().adopted()).isTrue();
        assertThat(share.getStatus().lastSyncTime()).isEqualTo(before.lastSyncTime());
        assertThat(team.answers("ubuntu")).containsKeys(declared.toArray(String[]::new));
        assertThat(cloud.requests()).noneMatch(call -> call.method().equals("DELETE"));
        eventually(() -> assertThat(team.events("ubuntu")).contains("InternalError"));
        assertThat(Files.readString(Path.of("target/test.log"))).doesNotContain(SECRET_TEXT);

        threads.fault = null;
        assertThat(team.awaitReady("ubuntu").getStatus().members())
                .allSatisfy(member -> assertThat(member.added()).isTrue());
        assertThat(cloud.members("producer", image)).containsOnlyKeys(wanted.toArray(String[]::new));
    }

    /** The SDK's thread would end with it, and never ask again. */
    @Test
    void anErrorOfTheVirtualMachineIsAFaultToo() {
        threads.fault = StackOverflowError::new;
        team.create(team.share("ubuntu", image, projects(4)));
        var share = team.awaitReason("ubuntu", Reason.InternalError);
        assertThat(condition(share, "Ready").message()).contains("StackOverflowError");

        threads.fault = null;
        team.awaitReady("ubuntu");
    }

    @Test
    void aFaultInACleanUpRemovesNobodyAndSaysHowToGoOn() {
        var declared = projects(3);
        team.create(team.share("ubuntu", image, declared));
        team.awaitReady("ubuntu");
        threads.fault = OperatorFaultTest::fault;
        cloud.clearRequests();

        team.at("ubuntu").delete();
        var share = team.awaitReason("ubuntu", Reason.InternalError);

        isToldAsAFault(condition(share, "Ready"), condition(share, "Reconciling"));
        assertThat(condition(share, "Ready").message()).contains("detach");
        assertThat(share.getFinalizers()).contains(ImageShareReconciler.FINALIZER);
        assertThat(share.getStatus().members()).hasSize(3);
        assertThat(cloud.members("producer", image)).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(cloud.requests()).noneMatch(call -> call.method().equals("DELETE"));

        team.edit("ubuntu", spec -> Namespace.with(spec, OnDelete.detach));
        team.awaitGone("ubuntu");
        assertThat(cloud.members("producer", image)).hasSize(3);
    }

    @Test
    void aFaultIsToldByAnAcceptanceToo() {
        var offered = List.of(image, cloud.createImage("producer", "debian", "shared", List.of()));
        offered.forEach(each -> cloud.addMember("producer", each, cloud.projectId("consumer-a")));
        threads.fault = OperatorFaultTest::fault;
        var consumer = new Consumer(admin, cloud, "consumer-a");
        consumer.create(consumer.from("all", cloud.projectId("images"), "*", MemberAnswer.accepted));
        var acceptance = consumer.awaitReason("all", Reason.InternalError);

        isToldAsAFault(
                Consumer.ready(acceptance),
                Conditions.find(acceptance.getStatus().conditions(), Conditions.RECONCILING)
                        .orElseThrow());
        threads.fault = null;
        consumer.awaitReason("all", Reason.Synced);
    }

    /** For example a cloud's text that is too long for the CRD. */
    @Test
    void aStatusThatTheApiServerNeverTakesIsToldInAPlainerOne() {
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/" + team.name + "/imageshares/ubuntu/status";
        api.refuse("PATCH", path, 422, 1);
        team.create(team.share("ubuntu", image, projects(2)));
        eventually(() -> assertThat(team.events("ubuntu")).contains("KubernetesRefused"));
        team.awaitReady("ubuntu");
    }
}
