package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two packaged operators that elect a leader at a real API server. The cloud is the embedded one, since its record says by
 * which login each request came, and each process logs in for itself. All objects are looked at every second, so who
 * may work does.
 */
class ReplicasRealIT {

    private final RealCluster cluster = new RealCluster();
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final List<String> declared = projects(4);
    private Path folder;
    private Cable cable;
    private OperatorProcess first;
    private OperatorProcess second;
    private Namespace team;
    private Consumer consumer;
    private String image;
    private Set<String> ofFirst;

    /** The first leads, reaches the API server by a cable of its own, and works. */
    @BeforeEach
    void startBoth(@TempDir Path temporary) throws IOException {
        folder = temporary;
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        cluster.admin().leases().inNamespace(RealCluster.NAMESPACE).delete();
        cable = new Cable(cluster.url().getHost(), cluster.url().getPort());
        var server = "https://" + cluster.url().getAuthority();
        first = start("first", config.get().replace(server, "https://127.0.0.1:" + cable.port()));
        eventually(() -> assertThat(holder()).isNotBlank());
        second = start("second", config.get());
        first.awaitStarted();
        second.awaitStarted();

        team = new Namespace(cluster.admin(), cloud.cloudsYaml());
        image = cloud.createImage("producer", "replicas", "shared", List.of());
        team.create(changed(
                team.share("share", image, declared), spec -> Namespace.withMaxRemovals(spec, new IntOrString(100))));
        team.awaitReady("share");
        var offered = cloud.createImage("producer", "offered", "shared", List.of());
        cloud.addMember("producer", offered, cloud.projectId("consumer-a"));
        consumer = new Consumer(cluster.admin(), cloud, "consumer-a");
        consumer.create(consumer.named("answer", offered, MemberAnswer.accepted));
        consumer.awaitReason("answer", Reason.Synced);
        ofFirst = tokens();
        assertThat(ofFirst).as("a login a project").hasSize(2);
        assertThat(writes()).as("additions, and an answer").hasSize(5);
    }

    private OperatorProcess start(String name, String kubeconfig) throws IOException {
        return new OperatorProcess(
                Files.writeString(folder.resolve(name), kubeconfig),
                Map.of(),
                "--http-port=-1",
                "--leader-election=true",
                "--leader-election-namespace=" + RealCluster.NAMESPACE,
                "--shutdown-grace=5s");
    }

    @AfterEach
    void stop() {
        for (var operator : new OperatorProcess[] {first, second}) {
            if (operator != null) {
                operator.close();
            }
        }
        if (cable != null) {
            cable.close();
        }
        cloud.close();
        cluster.close();
    }

    private String holder() {
        var lease = cluster.admin()
                .leases()
                .inNamespace(RealCluster.NAMESPACE)
                .withName("imageshare-operator")
                .get();
        return lease == null ? null : lease.getSpec().getHolderIdentity();
    }

    private Set<String> tokens() {
        return cloud.requests().stream()
                .map(Call::token)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    private List<Call> writes() {
        return cloud.requests().stream()
                .filter(call -> !call.method().equals("GET") && call.token() != null)
                .toList();
    }

    private boolean isOfSecond(Call call) {
        return call.token() != null && !ofFirst.contains(call.token());
    }

    /** The other works, for both kinds; and since it began, the first has asked for nothing. */
    private void secondTakesOver(String after, long since) {
        eventually(() -> assertThat(cloud.requests()).anyMatch(this::isOfSecond));
        var seconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) / 1000.0;
        var fewer = declared.subList(0, 3);
        team.declare("share", fewer);
        consumer.edit("answer", spec -> Consumer.answering(spec, MemberAnswer.rejected));
        team.awaitReady("share");
        consumer.awaitReason("answer", Reason.Synced);
        assertThat(cloud.members("producer", image)).containsOnlyKeys(fewer.toArray(String[]::new));
        System.out.printf("taken over %.1fs after %s%n", seconds, after);
        neverTwoAtWork();
        assertThat(seconds)
                .as("in the Lease's time, and that of a look and a start")
                .isLessThan(40);
    }

    private void neverTwoAtWork() {
        var calls = cloud.requests();
        var begun = false;
        var late = new HashSet<Call>();
        for (var call : calls) {
            begun |= isOfSecond(call);
            if (begun && ofFirst.contains(String.valueOf(call.token()))) {
                late.add(call);
            }
        }
        assertThat(late).as("of the first, after the second began").isEmpty();
    }

    @Test
    void whenTheLeaderIsKilledTheOtherTakesOver() {
        var since = System.nanoTime();
        first.kill();
        secondTakesOver("a kill", since);
    }

    @Test
    void whenTheLeaderStopsTheOtherTakesOver() {
        var since = System.nanoTime();
        first.terminate();
        assertThat(first.awaitExit()).isZero();
        secondTakesOver("a clean stop", since);
    }

    @Test
    void aLeaderThatIsCutOffStopsBeforeTheOtherBegins() {
        cloud.clearRequests();
        var since = System.nanoTime();
        cable.cut();
        secondTakesOver("the leader was cut off", since);
        assertThat(first.awaitExit()).isEqualTo(1);
        neverTwoAtWork();
    }

    /**
     * The hardest moment: it has read the list, and a removal is what comes next. When it goes on, another leads and the wish
     * is another.
     */
    @Test
    void aLeaderThatWasStoppedInTheMiddleOfAPassWritesNothingWhenItGoesOn() {
        var reached = List.of(new CountDownLatch(1), new CountDownLatch(1));
        var release = List.of(new CountDownLatch(1), new CountDownLatch(1));
        var lists = new AtomicInteger();
        cloud.intercept((method, path) -> {
            if (method.equals("GET") && path.endsWith(image + "/members")) {
                var i = lists.getAndIncrement();
                if (i < 2) {
                    reached.get(i).countDown();
                    return new Fault.Hang(release.get(i));
                }
            }
            return null;
        });
        // A pass over the old wish is held until there is a new one, and so the next pass is over that.
        eventually(() -> assertThat(reached.get(0).getCount()).isZero());
        team.declare("share", declared.subList(0, 3));
        release.get(0).countDown();
        eventually(() -> assertThat(reached.get(1).getCount()).isZero());
        cloud.clearRequests();
        first.pause();
        var since = System.nanoTime();
        release.get(1).countDown(); // the answer waits in the socket
        team.declare("share", declared);
        eventually(() -> assertThat(cloud.requests()).anyMatch(this::isOfSecond));
        team.awaitReady("share");
        System.out.printf(
                "taken over %.1fs after the leader was stopped%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) / 1000.0);
        var before = List.copyOf(cloud.requests());

        first.resume();
        assertThat(first.awaitExit()).isEqualTo(1);
        var afterwards =
                cloud.requests().subList(before.size(), cloud.requests().size());
        assertThat(afterwards)
                .filteredOn(call -> ofFirst.contains(String.valueOf(call.token())))
                .as("requests of the first after it went on")
                .noneMatch(call -> !call.method().equals("GET"));
        assertThat(cloud.members("producer", image)).containsOnlyKeys(declared.toArray(String[]::new));
    }
}
