package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged operator on real services, killed with SIGKILL at random moments while people change their wishes:
 * {@code -Dkills=200} for how often (10 if not said), {@code -Dseed=…} for the same wishes and moments again.
 */
class ManyKillsRealIT {

    private static final int KILLS = Integer.getInteger("kills", 10);

    /** A pass that began with an older wish ends within this time: it looks whether the wish still holds before each removal. */
    private static final Duration EDIT = Duration.ofSeconds(5);

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final RealCluster cluster = new RealCluster();
    private final RealOpenStackLab openstack = RealOpenStackLab.standard();
    private final List<Shared> images = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Shared together = new Shared("together");
    private final Shared alone = new Shared("alone");
    private final Shared held = new Shared("held");
    private final Shared left = new Shared("left");
    private final Shared gone = new Shared("gone");
    private Path kubeconfig;
    private OperatorProcess operator;
    private Namespace team;
    private Consumer consumer;

    /** An image, who is to have it by the objects of now and of before, and who had it. */
    private final class Shared {
        final String image;
        final List<String> always = new ArrayList<>(projects(3));
        final List<String> sometimes = projects(6);
        final List<Wish> wishes = new CopyOnWriteArrayList<>();
        final Map<String, Set<String>> declared = new java.util.TreeMap<>();
        final List<String> losses = new CopyOnWriteArrayList<>();
        volatile Duration longestAbsence = Duration.ZERO;
        volatile int looks;

        Shared(String name) {
            image = openstack.createImage("producer", "kills-" + name, "shared", List.of());
            images.add(this);
        }

        /** An edit counts from when it is sent; what it replaces counts until some time after the API server took it. */
        void wish(String object, Set<String> members, Runnable edit) {
            declared.put(object, members);
            var all = new HashSet<String>();
            declared.values().forEach(all::addAll);
            var begun = Instant.now();
            wishes.add(new Wish(begun, begun.plus(Duration.ofDays(1)), Set.copyOf(all)));
            edit.run();
            wishes.set(wishes.size() - 1, new Wish(begun, Instant.now(), Set.copyOf(all)));
        }

        Set<String> wanted() {
            return wishes.get(wishes.size() - 1).members;
        }

        /** Whether each wish that was in force in this span of time has it. */
        boolean wantedThroughout(String project, Instant from, Instant to) {
            for (var i = 0; i < wishes.size(); i++) {
                var supersededAt =
                        i + 1 < wishes.size() ? wishes.get(i + 1).made.plus(EDIT) : Instant.MAX;
                if (wishes.get(i).begun.isBefore(to)
                        && supersededAt.isAfter(from)
                        && !wishes.get(i).members.contains(project)) {
                    return false;
                }
            }
            return true;
        }

        /** Since when the last wish, and those before it without a gap, have it. */
        Instant wantedSince(String project) {
            var since = Instant.MAX;
            for (var i = wishes.size() - 1; i >= 0 && wishes.get(i).members.contains(project); i--) {
                since = wishes.get(i).made;
            }
            return since;
        }

        /** Looks again and again, with a token that is not the operator's. */
        void watch() {
            var seen = Set.<String>of();
            var lastSeen = new java.util.HashMap<String, Instant>();
            while (!over.get()) {
                var before = Instant.now();
                var present = openstack.members("producer", image).keySet();
                var after = Instant.now();
                looks++;
                for (var project : seen) {
                    if (!present.contains(project) && wantedThroughout(project, lastSeen.get(project), after)) {
                        losses.add(project + " between " + lastSeen.get(project) + " and " + after);
                    }
                }
                for (var project : wanted()) {
                    if (!present.contains(project)) {
                        var since = wantedSince(project);
                        var gone = lastSeen.getOrDefault(project, since);
                        var absence = Duration.between(gone.isAfter(since) ? gone : since, before);
                        longestAbsence = absence.compareTo(longestAbsence) > 0 ? absence : longestAbsence;
                    }
                }
                present.forEach(project -> lastSeen.put(project, before));
                seen = Set.copyOf(present);
            }
        }

        Set<String> some() {
            var members = new TreeSet<>(always);
            sometimes.stream().filter(p -> random.nextBoolean()).forEach(members::add);
            return members;
        }
    }

    private record Wish(Instant begun, Instant made, Set<String> members) {}

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
        team = new Namespace(cluster.admin(), openstack.cloudsYaml());
        consumer = new Consumer(cluster.admin(), openstack, "consumer-a");
        System.out.printf("%d kills, seed %d%n", KILLS, seed);
        startOperator();
    }

    @AfterEach
    void stop() {
        over.set(true);
        threads.shutdown();
        operator.close();
        openstack.close();
        cluster.close();
    }

    private void startOperator() {
        operator = new OperatorProcess(kubeconfig, Map.of(), "--http-port=-1");
    }

    private void create(Shared shared, String name, MembershipPolicy policy, OnDelete onDelete, Set<String> members) {
        var share = changed(team.share(name, shared.image, members), spec -> Namespace.with(spec, policy));
        share = changed(share, spec -> Namespace.with(spec, onDelete));
        var made = name.equals("held")
                ? share
                : changed(share, spec -> Namespace.withMaxRemovals(spec, new IntOrString(100)));
        shared.wish(name, members, () -> team.create(made));
    }

    private void declare(Shared shared, String name, Set<String> members) {
        if (team.at(name).get() != null) {
            shared.wish(name, members, () -> team.declare(name, members));
        }
    }

    @Test
    void whatIsWantedStaysAndInTheEndGlanceIsAsDeclared() throws InterruptedException {
        var foreign = projects(1).get(0);
        openstack.addMember("producer", together.image, foreign);
        together.declared.put("somebody", Set.of(foreign)); // nobody here may take it away
        create(together, "one", MembershipPolicy.Additive, OnDelete.delete, together.some());
        create(together, "two", MembershipPolicy.Additive, OnDelete.delete, together.some());
        alone.always.add(openstack.projectId("consumer-a"));
        create(alone, "alone", MembershipPolicy.Authoritative, OnDelete.delete, alone.some());
        create(held, "held", MembershipPolicy.Authoritative, OnDelete.delete, held.some());
        create(left, "left", MembershipPolicy.Authoritative, OnDelete.detach, left.some());
        create(gone, "gone", MembershipPolicy.Authoritative, OnDelete.delete, gone.some());
        var names = List.of("one", "two", "alone", "held", "left", "gone");
        names.forEach(team::awaitReady);
        consumer.create(consumer.named("answer", alone.image, MemberAnswer.accepted));

        var begun = Instant.now();
        var watchers = images.stream()
                .map(image -> CompletableFuture.runAsync(image::watch, threads))
                .toList();
        var edits = 0;
        for (var kills = 0; kills < KILLS; kills++) {
            // One of five while it starts, the others within the first seconds of its work.
            if (random.nextInt(5) > 0) {
                operator.awaitStarted();
            }
            var killAt =
                    System.nanoTime() + Duration.ofMillis(random.nextInt(2_500)).toNanos();
            while (System.nanoTime() - killAt < 0) {
                edits++;
                edit(random.nextInt(9));
                Thread.sleep(random.nextInt(300));
            }
            operator.kill();
            startOperator();
            if (kills % 20 == 19) {
                System.out.printf("%d kills, %d losses%n", kills + 1, losses());
            }
        }

        operator.awaitStarted();
        for (var name : List.of("left", "gone")) {
            var shared = name.equals("left") ? left : gone;
            eventually(() -> assertThat(isThere(name) || recreate(shared, name))
                    .as(() -> Serialization.asYaml(team.at(name).get()) + String.join("\n", operator.lines()))
                    .isTrue());
        }
        eventually(() -> {
            team.approveIfAsked("held");
            names.forEach(name -> assertThat(
                            Namespace.condition(team.at(name).get(), "Ready").reason())
                    .as(name)
                    .isEqualTo(Reason.Synced.name()));
        });
        names.forEach(team::awaitReady);
        consumer.awaitReason("answer", Reason.Synced);
        over.set(true);
        watchers.forEach(CompletableFuture::join);

        var deletes = 0;
        var requests = 0;
        var wrong = new ArrayList<String>();
        for (var shared : images) {
            var accesses = openstack.memberAccesses(shared.image);
            requests += accesses.size() - shared.looks;
            for (var access : accesses) {
                if (access.method().equals("DELETE")) {
                    deletes++;
                    var project = access.path().substring(access.path().lastIndexOf('/') + 1);
                    if (shared.wantedThroughout(project, access.at().minus(EDIT), access.at())) {
                        wrong.add(access.toString());
                    }
                }
            }
        }
        System.out.printf(
                "%d kills in %ds, %d edits, %d requests about members, %d of them DELETEs, %d looks; the longest that"
                        + " somebody wanted was missing: %.1fs; losses: %d, wrong DELETEs: %d%n",
                KILLS,
                Duration.between(begun, Instant.now()).toSeconds(),
                edits,
                requests,
                deletes,
                images.stream().mapToInt(i -> i.looks).sum(),
                images.stream()
                                .mapToLong(i -> i.longestAbsence.toMillis())
                                .max()
                                .orElse(0)
                        / 1000.0,
                losses(),
                wrong.size());
        assertThat(wrong).as("DELETEs of who was wanted").isEmpty();
        for (var shared : images) {
            assertThat(shared.losses).as("lost although wanted").isEmpty();
            var present = openstack.members("producer", shared.image);
            if (shared == together) {
                // Who was added for one object and is declared by the other, too, may stay when both let go.
                assertThat(present.keySet()).containsAll(shared.wanted());
            } else {
                assertThat(present.keySet()).isEqualTo(shared.wanted());
            }
        }
        assertThat(openstack.members("producer", alone.image))
                .containsEntry(
                        openstack.projectId("consumer-a"),
                        consumer.at("answer").get().getSpec().memberStatus().name());
    }

    private int losses() {
        return images.stream().mapToInt(i -> i.losses.size()).sum();
    }

    private void edit(int which) {
        switch (which) {
            case 0 -> declare(together, "one", together.some());
            case 1 -> declare(together, "two", together.some());
            case 2, 3 -> declare(alone, "alone", alone.some());
            case 4 -> declare(held, "held", held.some());
            case 5 -> team.approveIfAsked("held");
            case 6 -> deleteOrCreate(left, "left");
            case 7 -> deleteOrCreate(gone, "gone");
            default -> {
                var answer = random.nextBoolean() ? MemberAnswer.accepted : MemberAnswer.rejected;
                consumer.edit("answer", spec -> Consumer.answering(spec, answer));
            }
        }
    }

    private boolean isThere(String name) {
        var share = team.at(name).get();
        return share != null && !share.isMarkedForDeletion();
    }

    /** Deletes it if it is there; creates it again once it is gone. */
    private void deleteOrCreate(Shared shared, String name) {
        if (isThere(name)) {
            // Detached members stay. Who is taken away may come back only when it is declared again.
            var stay = new HashSet<String>();
            if (name.equals("left")) {
                stay.addAll(shared.wanted());
                stay.retainAll(openstack.members("producer", shared.image).keySet());
            }
            shared.wish(name, stay, () -> team.at(name).delete());
        } else {
            recreate(shared, name);
        }
    }

    private boolean recreate(Shared shared, String name) {
        if (team.at(name).get() != null) {
            return false;
        }
        // Who is a member already stays declared: else the removal of a foreign member would wait for a person.
        var members = new TreeSet<>(shared.some());
        members.addAll(openstack.members("producer", shared.image).keySet());
        create(
                shared,
                name,
                MembershipPolicy.Authoritative,
                name.equals("left") ? OnDelete.detach : OnDelete.delete,
                members);
        return true;
    }
}
