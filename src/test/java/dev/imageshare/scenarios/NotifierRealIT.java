package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ReceiverType;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.operator.OptionalKind;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged operator tells what happens on real services, by a real Postfix ({@code src/test/mail/mail-lab.sh start}) and to an
 * HTTP receiver. {@code -Dkills=50} for how often it is killed between a message and its note (5 if not said; {@code -Dseed=…} for
 * the same moments again). With {@code -Dnotifier.images=500 -Dnotifier.projects=200 -Dnotifier.interval=10m} many images are shared
 * at once.
 */
class NotifierRealIT {

    private static final Path LAB = Path.of(System.getenv().getOrDefault("MAIL_LAB", "/var/lib/imageshare-mail-lab"));
    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
    private static final Pattern SUBJECT = Pattern.compile("(?m)^Subject: (.*)$");
    private static final Pattern TO = Pattern.compile("(?m)^To: (.*)$");
    private static final Pattern IMAGES = Pattern.compile("(\\d+) images");
    private static final Pattern EVENT = Pattern.compile("(?m)^X-Imageshare-Event-ID: (.*)$");

    private final RealCluster cluster = new RealCluster();
    private final String run = Long.toString(System.nanoTime(), Character.MAX_RADIX);
    private Path folder;
    private Path kubeconfig;
    private volatile OperatorProcess operator;
    private Namespace team;

    @BeforeEach
    void start(@TempDir Path temporary) throws IOException {
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        cluster.install(OptionalKind.ImageNotifier);
        folder = temporary;
        kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
    }

    @AfterEach
    void stop() {
        if (operator != null) {
            operator.close();
        }
        cluster.uninstall(OptionalKind.ImageNotifier);
        cluster.close();
    }

    private void startOperator(Map<String, String> more, String... arguments) {
        var environment = new HashMap<>(Map.of("IMAGESHARE_SMTP_PORTS", "2587", "IMAGESHARE_HTTP_PORT", "-1"));
        environment.putAll(more);
        operator = new OperatorProcess(kubeconfig, environment, arguments);
        operator.awaitStarted(
                Duration.ofMinutes(4)); // with a clock that can be moved the JVM starts several times slower
    }

    private void secret(String name, String type, Map<String, String> texts) {
        var secret = Namespace.secretOf(team.name, name, texts);
        team.client
                .resource(new SecretBuilder(secret)
                        .withType("imageshare.dev/" + type)
                        .build())
                .create();
    }

    private void mailNotifier(Map<String, String> contacts) throws IOException {
        assumeTrue(Files.exists(LAB.resolve("ca.pem")), "needs src/test/mail/mail-lab.sh start");
        secret(
                "mail",
                "notification",
                Map.of(
                        "address", "smtp://localhost:2587",
                        "username", "images@example.org",
                        "password", "s3cr3t-of-the-lab",
                        "cacert", Files.readString(LAB.resolve("ca.pem"))));
        var text = new StringBuilder();
        contacts.forEach((project, address) ->
                text.append("\"").append(project).append("\": ").append(address).append('\n'));
        secret("contacts", "contacts", Map.of("contacts.yaml", text.toString()));
        create(new ImageNotifierSpec(
                ReceiverType.smtp,
                new ImageNotifierSpec.SecretReference("mail"),
                "images@example.org",
                null,
                null,
                new ImageNotifierSpec.ContactsRef(new ImageNotifierSpec.SecretReference("contacts")),
                new ImageNotifierSpec.Reminders("24h", "24h", 3),
                "[golden images]",
                "Questions? The image team: https://wiki.example.org/images, or answer this mail.",
                false));
    }

    private void create(ImageNotifierSpec spec) {
        var notifier = new ImageNotifier();
        notifier.setMetadata(new ObjectMetaBuilder()
                .withNamespace(team.name)
                .withName("told")
                .build());
        notifier.setSpec(spec);
        team.client.resource(notifier).create();
        eventually(() -> assertThat(notifier().getStatus())
                .isNotNull()
                .satisfies(status ->
                        assertThat(status.conditions().get(0).reason()).isEqualTo("Synced")));
    }

    private ImageNotifier notifier() {
        return team.client
                .resources(ImageNotifier.class)
                .inNamespace(team.name)
                .withName("told")
                .get();
    }

    /** A mailbox of this run. */
    private String address(String name) {
        return name + "-" + run + "@example.org";
    }

    /** What came for whoever of this run, oldest first. */
    private List<String> mails(String name) {
        var box = LAB.resolve("mail/all/new");
        if (!Files.isDirectory(box)) {
            return List.of();
        }
        try (var files = Files.list(box)) {
            return files.sorted()
                    .map(NotifierRealIT::read)
                    .filter(mail -> mail.contains("To: " + (name.isEmpty() ? "" : address(name))) && mail.contains(run))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String first(Pattern pattern, String text) {
        var matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    private List<String> subjects(String name) {
        return mails(name).stream().map(mail -> first(SUBJECT, mail)).toList();
    }

    @Test
    void theConsumerIsToldAndRemindedAndThenLeftAlone() throws IOException {
        assumeTrue(Files.exists(FAKETIME), "needs libfaketime, which src/test/mail/mail-lab.sh installs");
        try (var cloud = RealOpenStackLab.standard()) {
            team = new Namespace(cluster.admin(), cloud.cloudsYaml());
            var clock = Files.writeString(folder.resolve("clock"), "+0");
            startOperator(
                    Map.of(
                            "LD_PRELOAD",
                            FAKETIME.toString(),
                            "FAKETIME_TIMESTAMP_FILE",
                            clock.toString(),
                            "FAKETIME_CACHE_DURATION",
                            "1",
                            "DONT_FAKE_MONOTONIC",
                            "1"),
                    "--notify-interval=10s");
            mailNotifier(Map.of(
                    cloud.projectId("images"), address("owner"),
                    cloud.projectId("consumer-a"), address("accepts"),
                    cloud.projectId("consumer-b"), address("rejects"),
                    cloud.projectId("stranger"), address("silent")));
            var image = cloud.createImage("producer", "ubuntu-24.04", "shared", List.of());
            team.create(team.share(
                    "ubuntu-24-04",
                    image,
                    cloud.projectId("consumer-a"),
                    cloud.projectId("consumer-b"),
                    cloud.projectId("stranger")));
            for (var name : List.of("accepts", "rejects", "silent")) {
                soonOrLate(
                        () -> assertThat(mails(name)).singleElement().asString().contains(image));
            }
            cloud.answer("consumer-a", image, MemberStatus.accepted);
            soonOrLate(() -> assertThat(mails("owner")).hasSize(1));
            cloud.answer("consumer-b", image, MemberStatus.rejected);
            soonOrLate(() -> assertThat(mails("owner")).hasSize(2));

            for (var day = 1; day <= 3; day++) {
                Files.writeString(clock, "+" + (25 * day) + "h");
                var reminders = day;
                soonOrLate(() -> assertThat(mails("silent")).hasSize(1 + reminders));
            }
            Files.writeString(clock, "+125h");
            var looks = Instant.now().plusSeconds(15);
            await().atMost(Duration.ofSeconds(30)).until(() -> Instant.now().isAfter(looks));

            assertThat(subjects("silent")).hasSize(4);
            assertThat(mails("silent")).allMatch(mail -> mail.contains(image));
            assertThat(mails("silent").stream().map(mail -> first(EVENT, mail))).doesNotHaveDuplicates();
            assertThat(mails("accepts")).hasSize(1);
            assertThat(mails("rejects")).hasSize(1);
            assertThat(mails("owner")).hasSize(2);
            for (var name : List.of("silent", "accepts", "owner")) {
                mails(name).forEach(mail -> System.out.println(mail + "\n----------"));
            }
            assertNoAddressIn(operator.lines());
        }
    }

    /** With a clock that can be moved everything takes several times as long. */
    private static void soonOrLate(ThrowingRunnable assertion) {
        await().atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(assertion);
    }

    private void assertNoAddressIn(List<String> lines) {
        assertThat(lines).noneMatch(line -> line.contains("@example.org"));
    }

    @Test
    void manyImagesAtOnceAreOneMailEach() throws IOException {
        var given = Integer.getInteger("notifier.images");
        assumeTrue(given != null, "run with -Dnotifier.images=20");
        var images = (int) given;
        var projects = IntStream.range(0, Integer.getInteger("notifier.projects", 20))
                .mapToObj("%032x"::formatted)
                .toList();
        var interval = Duration.parse("PT" + System.getProperty("notifier.interval", "1m"));
        try (var cloud =
                EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults().withMemberQuota(projects.size()))) {
            team = new Namespace(cluster.admin(), cloud.cloudsYaml());
            startOperator(Map.of(), "--notify-interval=" + interval.toSeconds() + "s");
            var contacts = new HashMap<String, String>();
            projects.forEach(project -> contacts.put(project, address("p" + project)));
            mailNotifier(contacts);
            var begun = Instant.now();
            for (var i = 0; i < images; i++) {
                var image = cloud.createImage("producer", "image-" + i, "shared", List.of());
                team.create(
                        changed(team.share("image-" + i, image, projects), spec -> Namespace.withResync(spec, "1h")));
            }
            await().atMost(interval)
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(mails("")).hasSize(projects.size()));
            var firstMails = Duration.between(begun, Instant.now());
            // The first of them goes out half a look after the first share, and its next one an interval later.
            await().atMost(interval.plusSeconds(10)).until(() -> Instant.now().isAfter(begun.plus(interval)));
            assertThat(mails("")).hasSize(projects.size());
            System.out.printf(
                    "%d x %d: %d mails in %s, all by %ss%n",
                    images, projects.size(), mails("").size(), interval, firstMails.toSeconds());

            // Who was told of some is told of the others, and nobody of one twice.
            await().atMost(interval.plusMinutes(10))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(offers())
                            .hasSize(projects.size())
                            .allSatisfy((to, offered) -> assertThat(offered).isEqualTo(images)));
            System.out.printf("%d mails in all%n", mails("").size());
            assertThat(notifier().getStatus().failed()).isZero();
        }
    }

    /** How many images the mails to each address of this run offer. */
    private Map<String, Integer> offers() {
        var offers = new HashMap<String, Integer>();
        for (var mail : mails("")) {
            var several = IMAGES.matcher(first(SUBJECT, mail));
            offers.merge(first(TO, mail), several.find() ? Integer.parseInt(several.group(1)) : 1, Integer::sum);
        }
        return offers;
    }

    /** What the receiver got of one event. */
    private record Got(String id, String type, String project) {}

    @Test
    void aKillBetweenMessageAndNoteLosesNothingAndRepeatsTheSameId() throws IOException {
        var kills = Integer.getInteger("kills", 5);
        var seed = Long.getLong("seed", new Random().nextLong());
        System.out.printf("seed %d%n", seed);
        var random = new Random(seed);
        var got = new CopyOnWriteArrayList<Got>();
        var awaited = new CopyOnWriteArrayList<String>();
        var receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        receiver.setExecutor(Executors.newCachedThreadPool());
        receiver.createContext("/", exchange -> {
            try (exchange) {
                var sender = operator; // the next one may be there before this has ended
                var event = new ObjectMapper().readTree(exchange.getRequestBody());
                var events = new ArrayList<JsonNode>();
                event.at("/data/events").forEach(events::add);
                if (events.isEmpty()) {
                    events.add(event);
                }
                events.forEach(each -> got.add(new Got(
                        each.path("id").asText(),
                        each.path("type").asText(),
                        each.at("/data/project").asText())));
                var isAwaited = events.stream()
                        .anyMatch(
                                each -> awaited.remove(each.at("/data/project").asText()));
                if (isAwaited && random.nextBoolean()) {
                    sender.kill(); // it has sent it, and never hears that it arrived
                }
                exchange.sendResponseHeaders(204, -1);
                if (isAwaited && sender.isAlive()) {
                    sender.kill(); // it hears it, and has no time to write it down
                }
            }
        });
        receiver.start();
        try (var cloud = RealOpenStackLab.standard()) {
            team = new Namespace(cluster.admin(), cloud.cloudsYaml());
            startOperator(Map.of(), "--notify-interval=1s");
            secret(
                    "receiver",
                    "notification",
                    Map.of(
                            "address",
                            "http://127.0.0.1:" + receiver.getAddress().getPort() + "/",
                            "token",
                            "k3y"));
            create(new ImageNotifierSpec(
                    ReceiverType.cloudevents,
                    new ImageNotifierSpec.SecretReference("receiver"),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    false));
            var image = cloud.createImage("producer", "ubuntu-24.04", "shared", List.of());
            var declared = new TreeSet<String>();
            team.create(team.share("ubuntu-24-04", image, Set.of()));
            var begun = Instant.now();
            for (var i = 0; i < kills; i++) {
                var project = ImageShareScenarios.projects(1).get(0);
                declared.add(project);
                awaited.add(project);
                team.declare("ubuntu-24-04", declared);
                eventually(() -> assertThat(operator.isAlive())
                        .as(() -> String.join("\n", operator.lines()))
                        .isFalse());
                startOperator(Map.of(), "--notify-interval=1s");
            }
            eventually(() -> assertThat(notifier().getStatus().progress().shares())
                    .singleElement()
                    .satisfies(share -> assertThat(share.steps()).hasSize(1)));

            var ids = new HashMap<String, Set<String>>();
            got.forEach(each ->
                    ids.computeIfAbsent(each.project(), p -> new TreeSet<>()).add(each.id()));
            System.out.printf(
                    "%d kills in %ss: %d events of %d projects, %d came twice or more%n",
                    kills,
                    Duration.between(begun, Instant.now()).toSeconds(),
                    got.size(),
                    ids.size(),
                    ids.keySet().stream()
                            .filter(project -> got.stream()
                                            .filter(g -> g.project().equals(project))
                                            .count()
                                    > 1)
                            .count());
            assertThat(got).allMatch(each -> each.type().equals("dev.imageshare.notice.offered.v1"));
            assertThat(ids.keySet()).as("told").isEqualTo(declared);
            assertThat(ids.values()).as("one ID each").allMatch(each -> each.size() == 1);
        } finally {
            receiver.stop(0);
        }
    }
}
