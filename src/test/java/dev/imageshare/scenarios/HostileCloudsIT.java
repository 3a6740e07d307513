package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.reconcile.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged operator with the deployment's memory, a namespace whose twenty clouds answer without end or measure, and a
 * hundred shares of another that must be looked at on time. For the minute that is claimed: {@code -Dhostile.seconds=60}.
 *
 * <p>With {@code -Dhostile.namespaces=20} each of the clouds has a namespace of its own, and they may hold every thread until
 * the call's time-out: what is shown then is that the operator lives and that the others come to their turn.
 */
class HostileCloudsIT {

    private static final int CLOUDS = 20;
    private static final int QUIET = 100;
    private static final Duration PERIOD = Duration.ofSeconds(4);
    /** Beyond the period and its random fifth; a machine that builds has other things to do. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    private static final int NAMESPACES = Integer.getInteger("hostile.namespaces", 1);
    private static final Duration CALL = Duration.ofSeconds(30);

    private static final Pattern MEMBERS = Pattern.compile("/v2/images/([^/]+)/members");

    private static ImageShare share(
            Namespace team, String name, String secret, String image, Collection<String> projects, String period) {
        var share = team.share(name, image, projects);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef(secret, "producer"),
                new ImageReference(image, null, null),
                Namespace.members(projects),
                null,
                null,
                null,
                null,
                period));
        return share;
    }

    @Test
    void hugeAndEndlessAnswersEndNobodyAndDelayNobodyElse(@TempDir Path directory) throws Exception {
        var seconds = Integer.getInteger("hostile.seconds", 8);
        var looks = new ConcurrentHashMap<String, Long>();
        var gaps = new ConcurrentHashMap<String, Long>();
        try (var api = EmbeddedKubernetes.start(0);
                var cloud = EmbeddedOpenStack.start();
                var client = api.client()) {
            var quiet = new Namespace(client, cloud.cloudsYaml());
            var images = new ArrayList<String>();
            for (var i = 0; i < QUIET; i++) {
                var image = cloud.createImage("producer", "quiet-" + i, "shared", List.of());
                images.add(image);
                quiet.create(share(quiet, "quiet-" + i, "clouds", image, projects(3), PERIOD.toSeconds() + "s"));
            }
            var kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
            try (var operator = start(kubeconfig)) {
                operator.awaitStarted();
                for (var i = 0; i < QUIET; i++) {
                    quiet.awaitReady("quiet-" + i);
                }
                cloud.witness((call, question, answer, fault) -> {
                    var path = MEMBERS.matcher(call.path());
                    if (call.method().equals("GET") && path.matches()) {
                        var now = System.nanoTime();
                        var before = looks.put(path.group(1), now);
                        if (before != null) {
                            gaps.merge(path.group(1), now - before, Math::max);
                        }
                    }
                });
                var hostile = new ArrayList<HostileCloud>();
                try {
                    var teams = new ArrayList<Namespace>();
                    for (var i = 0; i < NAMESPACES; i++) {
                        teams.add(new Namespace(client, cloud.cloudsYaml()));
                    }
                    for (var i = 0; i < CLOUDS; i++) {
                        var evil = HostileCloud.start(i);
                        hostile.add(evil);
                        var team = teams.get(i % NAMESPACES);
                        team.secret("evil-" + i, Map.of("clouds.yaml", evil.cloudsYaml()));
                        for (var j = 0; j < 10; j++) {
                            var name = "evil-" + i + "-" + j;
                            team.create(share(team, name, "evil-" + i, HostileCloud.IMAGE, projects(1), "1s"));
                        }
                    }
                    var end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
                    await().atMost(Duration.ofSeconds(seconds + 30))
                            .until(() -> !operator.isAlive() || System.nanoTime() > end);
                    assertThat(operator.isAlive()).as("%s", operator.lines()).isTrue();
                    // they hold each other up, too
                    assertThat(hostile.stream().filter(each -> each.answers() > 0))
                            .hasSizeGreaterThan(CLOUDS / 4);
                } finally {
                    hostile.forEach(HostileCloud::close);
                }
                var now = System.nanoTime();
                assertThat(looks).containsOnlyKeys(images);
                looks.forEach((image, last) -> gaps.merge(image, now - last, Math::max));
                var longest =
                        gaps.values().stream().mapToLong(Long::longValue).max().orElseThrow();
                var memory = operator.peakMemory();
                System.out.printf(
                        "Hostile clouds for %d s: %d answers, longest gap between two looks %d ms, peak of memory %s%n",
                        seconds,
                        hostile.stream().mapToInt(HostileCloud::answers).sum(),
                        longest / 1_000_000,
                        memory);
                var onTime = PERIOD.multipliedBy(6).dividedBy(5).plus(SLACK);
                assertThat(Duration.ofNanos(longest)).isLessThan(NAMESPACES == 1 ? onTime : onTime.plus(CALL));
                quiet.awaitReason("quiet-0", Reason.Synced);
                assertThat(operator.lines()).noneMatch(line -> line.contains("OutOfMemoryError"));
            }
        }
    }

    /** In a container of the deployment's limit, of which the JVM knows by this alone. */
    private static OperatorProcess start(Path kubeconfig) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new OperatorProcess(
                List.of(java, "@deploy/jvm.options", "-XX:MaxRAM=256m", "-jar", "target/imageshare-operator.jar"),
                kubeconfig,
                Map.of(),
                "--http-port=-1");
    }
}
