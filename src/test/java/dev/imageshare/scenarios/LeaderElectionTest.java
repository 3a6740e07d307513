package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Never take away on doubt: of several replicas one works, and who can't prove its lead writes nothing. */
class LeaderElectionTest {

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final KubernetesClient admin = api.client();
    private final Namespace team = new Namespace(admin, cloud.cloudsYaml());
    private final String image = cloud.createImage("producer", "ubuntu", "shared", List.of());
    private final Replica first = new Replica("first");
    private final Replica second = new Replica("second");

    private final class Replica implements AutoCloseable {
        final KubernetesClient client = api.client();
        final CountDownLatch lost = new CountDownLatch(1);
        final ImageShareOperator operator;

        Replica(String identity) {
            this(new Settings.LeaderElection("operators", "imageshare-operator", identity));
        }

        Replica(Settings.LeaderElection election) {
            operator = new ImageShareOperator(
                    client,
                    Settings.defaults()
                            .withShutdownGrace(Duration.ofSeconds(2))
                            .withManagement("127.0.0.1", 0)
                            .withLeaderElection(election),
                    Clock.systemUTC(),
                    new ServerClock(System::nanoTime),
                    lost::countDown);
        }

        @Override
        public void close() {
            operator.close();
            client.close();
        }
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
        admin.close();
        api.close();
        cloud.close();
    }

    private String holder() {
        var lease = admin.resources(Lease.class)
                .inNamespace("operators")
                .withName("imageshare-operator")
                .get();
        return lease == null ? null : lease.getSpec().getHolderIdentity();
    }

    private void startBoth() {
        createNamespace();
        first.operator.start();
        eventually(() -> assertThat(holder()).isEqualTo("first"));
        second.operator.start();
    }

    private void createNamespace() {
        admin.resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName("operators")
                        .endMetadata()
                        .build())
                .create();
    }

    /** These two have: containers with PID 1 and the host's name, for example. */
    @Test
    void ofTwoWithOneHostNameAndPidOneLeads() {
        createNamespace();
        try (var one = new Replica(Settings.LeaderElection.ofThisProcess("operators", "imageshare-operator"));
                var other = new Replica(Settings.LeaderElection.ofThisProcess("operators", "imageshare-operator"))) {
            one.operator.start();
            other.operator.start();
            eventually(() -> assertThat(leads(one) + leads(other)).isEqualTo(1));
            // Both have seen the Lease by then, for longer than a renewal takes.
            await().during(Duration.ofSeconds(4))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> leads(one) + leads(other) == 1);
        }
    }

    private static double leads(Replica replica) throws Exception {
        return Scrape.of(replica.operator.managementPort()).value("imageshare_leader");
    }

    private long logins() {
        return cloud.requests().stream()
                .filter(c -> c.method().equals("POST") && c.path().endsWith("/auth/tokens"))
                .count();
    }

    private long additions() {
        return cloud.requests().stream()
                .filter(c -> c.method().equals("POST") && c.path().endsWith("/members"))
                .count();
    }

    @Test
    void onlyTheLeaderWorksAndWhenItStopsTheOtherTakesOver() {
        startBoth();
        var declared = projects(20);
        team.create(team.share("ubuntu", image, declared));
        team.awaitReady("ubuntu");
        assertThat(additions()).isEqualTo(20);
        var offered = cloud.createImage("producer", "offered", "shared", List.of());
        cloud.addMember("producer", offered, cloud.projectId("consumer-a"));
        var consumer = new Consumer(admin, cloud, "consumer-a");
        consumer.create(consumer.named("answer", offered, MemberAnswer.accepted));
        consumer.awaitReason("answer", Reason.Synced);

        assertThat(cloud.requests().stream().filter(c -> c.method().equals("PUT")))
                .hasSize(1);
        assertThat(logins())
                .as("each process has sessions of its own, here two")
                .isEqualTo(2);
        assertThat(holder()).isEqualTo("first");

        first.operator.close();
        cloud.clearRequests();
        team.declare("ubuntu", declared.subList(0, 19));
        eventually(() -> assertThat(cloud.members("producer", image)).hasSize(19));
        assertThat(holder()).isEqualTo("second");
        consumer.edit("answer", spec -> Consumer.answering(spec, MemberAnswer.rejected));
        consumer.awaitReason("answer", Reason.Synced);
        assertThat(logins()).isEqualTo(2);
    }

    @Test
    void aCleanStopGivesTheLeaseBackAtOnce() {
        startBoth();

        first.operator.close();

        assertThat(holder()).isIn(null, "", "second");
    }

    @Test
    void whoStandsByTellsOfNoObjectsUntilItLeads() {
        startBoth();
        team.create(team.share("ubuntu", image, projects(3)));
        team.awaitReady("ubuntu");
        eventually(() -> {
            var leader = Scrape.of(first.operator.managementPort());
            assertThat(leader.value("imageshare_leader")).isEqualTo(1);
            assertThat(leader.value("imageshare_objects")).isEqualTo(1);
        });
        var other = Scrape.of(second.operator.managementPort());
        assertThat(other.value("imageshare_leader")).isZero();
        assertThat(other.names()).doesNotContain("imageshare_objects", "imageshare_members");

        first.operator.close();
        eventually(() -> {
            var now = Scrape.of(second.operator.managementPort());
            assertThat(now.value("imageshare_leader")).isEqualTo(1);
            assertThat(now.value("imageshare_members", "pending")).isEqualTo(3);
        });
    }

    /** Another replica may lead by then. LeaseProofTest says when exactly; here that it ends the work. */
    @Test
    void aLeaderThatCanNotReachTheApiServerStops() {
        startBoth();
        team.create(team.share("ubuntu", image, projects(3)));
        team.awaitReady("ubuntu");

        api.close();
        // Three resync periods, in each of which a leader would have looked.
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(60)).until(() -> {
            var quiet = cloud.requests().stream().noneMatch(c -> c.path().contains("/members"));
            cloud.clearRequests();
            return quiet;
        });
    }
}
