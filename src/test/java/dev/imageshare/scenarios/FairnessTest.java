package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.share.ImageShareReconciler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody's objects wait for somebody else's cloud or mistakes. Told by what comes before what, not by time. */
class FairnessTest {

    /** Enough for many turns; a thousand took a minute of a core. */
    private static final int BROKEN = 200;

    private static final int THREADS = Settings.defaults().threads();

    private final CountDownLatch release = new CountDownLatch(1);

    /** What hangs does so for longer than this test waits: no time-out helps anybody. */
    private final EmbeddedWorld world = new EmbeddedWorld(
            Settings.defaults().withClouds(CloudSettings.defaults().withCallTimeout(Duration.ofMinutes(10))));

    private final EmbeddedOpenStack well = world.cloud;

    @AfterEach
    void close() {
        release.countDown();
        world.close();
    }

    private Namespace team(EmbeddedOpenStack cloud) {
        return new Namespace(world.kubernetes(), cloud.cloudsYaml());
    }

    /** A cloud that takes calls and never answers. */
    private EmbeddedOpenStack hanging(AtomicInteger held) {
        var cloud = EmbeddedOpenStack.start();
        cloud.intercept((method, path) -> {
            held.incrementAndGet();
            return new Fault.Hang(release);
        });
        return cloud;
    }

    private static ImageShare hourly(ImageShare share) {
        return changed(share, spec -> Namespace.withResync(spec, "1h"));
    }

    private static List<String> createShares(Namespace team, EmbeddedOpenStack cloud, int count) {
        var names = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            var image = cloud.createImage("producer", "image-" + i, "shared", List.of());
            names.add("share-" + i);
            team.create(hourly(team.share("share-" + i, image, projects(2))));
        }
        return names;
    }

    @Test
    void aCloudThatHangsHoldsUpNobodyElse() {
        var held = new AtomicInteger();
        try (var hangs = hanging(held)) {
            // More namespaces than it takes to use up all threads, were a namespace the only bound.
            var stuck = new ArrayList<Namespace>();
            for (var i = 0; i < 10; i++) {
                stuck.add(team(hangs));
                createShares(stuck.get(i), hangs, 5);
            }
            eventually(() -> assertThat(held).hasPositiveValue());

            var team = team(well);
            var names = createShares(team, well, 20);
            names.forEach(team::awaitReady);

            // An object that is there already, and one that is deleted.
            team.declare("share-0", List.of());
            team.awaitReason("share-0", Reason.RemovalHeld);
            team.approve("share-0");
            team.awaitReady("share-0");
            team.at("share-1").delete();
            team.awaitGone("share-1");
            // Of the cloud that hangs, and come when all its turns were taken: what needs no cloud goes all the same.
            var first = stuck.get(0);
            var late = first.share("late", UUID.randomUUID().toString(), projects(1));
            first.create(changed(hourly(late), spec -> Namespace.with(spec, OnDelete.detach)));
            eventually(() -> assertThat(first.at("late").get().getMetadata().getFinalizers())
                    .isNotEmpty());
            first.at("late").delete();
            first.awaitGone("late");
            assertThat(release.getCount()).as("still held").isEqualTo(1);

            // Nothing is lost: when it answers again, all are worked on.
            release.countDown();
            hangs.intercept((method, path) -> null);
            for (var namespace : stuck) {
                for (var i = 0; i < 5; i++) {
                    namespace.awaitReady("share-" + i);
                }
            }
        }
    }

    /** Its regions are clouds of their own, but hang together. */
    @Test
    void aKeystoneOfManyRegionsThatHangsHoldsUpNobodyElse() {
        var held = new AtomicInteger();
        try (var hangs = hanging(held)) {
            for (var region = 0; region < 4; region++) {
                var yaml = hangs.cloudsYaml().replace("RegionOne", "region-" + region);
                for (var i = 0; i < 3; i++) {
                    createShares(new Namespace(world.kubernetes(), yaml), hangs, 5);
                }
            }
            eventually(() -> assertThat(held).hasPositiveValue());

            var team = team(well);
            createShares(team, well, 20).forEach(team::awaitReady);
            assertThat(held).hasValueLessThanOrEqualTo(Settings.defaults().threadsPerKeystone());
            assertThat(release.getCount()).as("still held").isEqualTo(1);
        } finally {
            release.countDown();
        }
    }

    @Test
    void anAcceptanceWaitsForNoCloudButItsOwn() {
        var held = new AtomicInteger();
        try (var hangs = hanging(held)) {
            for (var i = 0; i < 8; i++) {
                var stuck = new Consumer(world.kubernetes(), hangs, "consumer-a");
                for (var k = 0; k < 3; k++) {
                    stuck.create(stuck.named("stuck-" + k, UUID.randomUUID().toString(), MemberAnswer.accepted));
                }
                createShares(team(hangs), hangs, 3);
            }
            eventually(() -> assertThat(held).hasPositiveValue());
            var image = well.createImage("producer", "offered", "shared", List.of());
            well.addMember("producer", image, well.projectId("consumer-a"));

            var consumer = new Consumer(world, "consumer-a");
            consumer.create(consumer.named("fine", image, MemberAnswer.accepted));
            consumer.awaitReason("fine", Reason.Synced);

            assertThat(release.getCount()).as("still held").isEqualTo(1);
        }
    }

    /** A tenant may write into its Secrets what it likes. */
    @Test
    void aNamespaceThatInventsCloudsHoldsUpNobodyElse() {
        var held = new AtomicInteger();
        var invented = new ArrayList<EmbeddedOpenStack>();
        try {
            for (var i = 0; i < THREADS + 5; i++) {
                invented.add(hanging(held));
            }
            var hostile = team(invented.get(0));
            for (var i = 0; i < invented.size(); i++) {
                hostile.secret(
                        "clouds-" + i, Map.of("clouds.yaml", invented.get(i).cloudsYaml()));
                var cloud = "clouds-" + i;
                hostile.create(changed(
                        hostile.share("hostile-" + i, UUID.randomUUID().toString(), projects(1)),
                        spec -> Namespace.withCloud(spec, cloud, "producer")));
            }
            eventually(() -> assertThat(held).hasPositiveValue());

            var team = team(well);
            createShares(team, well, 20).forEach(team::awaitReady);
            assertThat(held).hasValueLessThanOrEqualTo(Settings.defaults().threadsPerNamespace());
        } finally {
            release.countDown();
            invented.forEach(EmbeddedOpenStack::close);
        }
    }

    /** On one cloud, and of each kind of mistake; looked at for the first time together with ten objects of other namespaces. */
    @Test
    void hundredsOfBrokenObjectsHoldUpNobodyElseAndLogInOnce() {
        world.stopOperator();
        var broken = team(well);
        broken.secret("wrong", Map.of("clouds.yaml", well.cloudsYaml("producer").replace("lab-user-secret", "wrong")));
        for (var i = 0; i < BROKEN; i++) {
            var secret = List.of("wrong", "none", "clouds").get(i % 3);
            var entry = i % 2 == 0 ? "producer" : secret.equals("wrong") ? "no-such-entry" : "producer";
            broken.create(withFinalizer(changed(
                    hourly(broken.share("broken-" + i, UUID.randomUUID().toString(), projects(1))),
                    spec -> Namespace.withCloud(spec, secret, entry))));
        }
        var others = new ArrayList<Namespace>();
        for (var i = 0; i < 10; i++) {
            var image = well.createImage("producer", "fine-" + i, "shared", List.of());
            var team = team(well);
            team.create(withFinalizer(hourly(team.share("fine", image, projects(2)))));
            others.add(team);
        }
        world.api.clearRequests();

        world.startOperator();
        others.forEach(team -> team.awaitReady("fine"));
        var told = List.copyOf(statusWrites());
        // How many came meanwhile is the poll's affair: what counts is what stands before the others' last one.
        var last = IntStream.range(0, told.size())
                .filter(i -> !told.get(i).contains(broken.name))
                .max()
                .orElseThrow();
        assertThat(told.subList(0, last).stream()
                        .filter(path -> path.contains(broken.name))
                        .count())
                .as("broken ones before the others")
                .isLessThan(BROKEN / 2);

        // Hundreds of statuses and events take their time on a busy machine.
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(statusWrites().size()).isGreaterThanOrEqualTo(BROKEN + 10));
        assertThat(broken.client
                        .resources(ImageShare.class)
                        .inNamespace(broken.name)
                        .list()
                        .getItems())
                .hasSize(BROKEN)
                .allSatisfy(share ->
                        assertThat(Namespace.condition(share, "Ready").status()).isEqualTo(Condition.Status.False));
        assertThat(well.requests())
                .filteredOn(call -> call.path().endsWith("/auth/tokens") && call.status() == 401)
                .as("logins with the wrong password")
                .hasSize(1);
    }

    /** The paths of the first write of each status, in order. */
    private Collection<String> statusWrites() {
        var paths = new LinkedHashSet<String>();
        world.api.requests().stream()
                .filter(r -> r.method().equals("PATCH") && r.path().endsWith("/status"))
                .forEach(r -> paths.add(r.path()));
        return paths;
    }

    private static ImageShare withFinalizer(ImageShare share) {
        share.getMetadata().setFinalizers(List.of(ImageShareReconciler.FINALIZER));
        return share;
    }
}
