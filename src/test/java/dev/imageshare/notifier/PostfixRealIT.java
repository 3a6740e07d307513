package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudHosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mails by a real Postfix, which {@code src/test/mail/mail-lab.sh start} starts. */
class PostfixRealIT {

    private static final Path LAB = Path.of(System.getenv().getOrDefault("MAIL_LAB", "/var/lib/imageshare-mail-lab"));

    private static final ImageNotifierSpec SPEC = new ImageNotifierSpec(
            ImageNotifierSpec.ReceiverType.smtp,
            null,
            "images@example.org",
            null,
            null,
            null,
            null,
            "[golden images]",
            null,
            false);

    private final Map<String, String> secret = new HashMap<>();

    @BeforeEach
    void read() throws IOException {
        assumeTrue(Files.exists(LAB.resolve("ca.pem")), "needs src/test/mail/mail-lab.sh start");
        secret.put("address", "smtp://localhost:2587");
        secret.put("username", "images@example.org");
        secret.put("password", "s3cr3t-of-the-lab");
        secret.put("cacert", Files.readString(LAB.resolve("ca.pem")));
    }

    private Receipt send(String to) {
        var smtp = SmtpServer.of(secret, Set.of(2587, 2465));
        var share = new Shares("Bücher-24.04", Instant.EPOCH);
        share.added(Shares.project(1), Instant.parse("2026-11-27T10:00:00.123Z"));
        var view = share.view();
        var notice = Notice.toConsumer(
                ImageNotifierSpec.NoticeType.Offered, view, view.members().get(0), "2026-11-27T10:00:00.123Z", 0);
        return new SmtpReceiver(
                        smtp,
                        "images@example.org",
                        CloudHosts.any(),
                        Certificates.tls(smtp.authorities(), List.of()),
                        new MailText(SPEC)::letter,
                        Clock.systemUTC())
                .send(new Parcel(new Recipient("key", to), List.of(notice), Set.of(Shares.project(1)), 1, true));
    }

    private static List<String> mailbox(String name) throws IOException {
        var folder = LAB.resolve("mail/all/new");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(PostfixRealIT::read)
                    .filter(mail -> mail.contains("To: " + name + "@example.org"))
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp://localhost:2587", "smtps://localhost:2465"})
    void aMailIsInTheMailbox(String address) throws IOException {
        secret.put("address", address);
        var name = "team-" + System.nanoTime();

        var receipt = send(name + "@example.org");
        assertThat(receipt.outcome()).as(receipt.message()).isEqualTo(Result.TAKEN);
        assertThat(receipt.reply()).startsWith("250").contains("queued as");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(mailbox(name))
                        .singleElement()
                        .asString()
                        .contains(
                                "To: " + name + "@example.org",
                                "Auto-Submitted: auto-generated",
                                "ESMTPSA",
                                "X-Imageshare-Event-ID: "));
        System.out.println(mailbox(name).get(0));
    }

    @ParameterizedTest
    @CsvSource({"refused@example.org, REFUSED", "later@example.org, RECIPIENT_LATER"})
    void aMailboxIsJudged(String to, Result expected) {
        assertThat(send(to).outcome()).isEqualTo(expected);
    }

    @Test
    void aWrongPasswordIsSaid() {
        secret.put("password", "wr0ng");

        var receipt = send("team@example.org");
        assertThat(receipt.outcome()).isEqualTo(Result.LATER);
        assertThat(receipt.message()).contains("username and password (535)").doesNotContain("wr0ng");
    }

    @Test
    void aForeignAuthorityIsNotTrusted() {
        secret.remove("cacert");

        assertThat(send("team@example.org").message()).contains("not trusted");
    }
}
