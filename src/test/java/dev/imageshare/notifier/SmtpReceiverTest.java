package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudHosts;
import dev.imageshare.reconcile.MovableClock;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mails on the wire, and what a mail server's answers mean. */
class SmtpReceiverTest {

    private static final HeldCertificate CA = new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("ca")
            .build();
    private static final HeldCertificate LOCALHOST = new HeldCertificate.Builder()
            .addSubjectAlternativeName("localhost")
            .signedBy(CA)
            .build();
    private static final HeldCertificate OTHER = new HeldCertificate.Builder()
            .addSubjectAlternativeName("other.example.org")
            .signedBy(CA)
            .build();

    private static final ImageNotifierSpec SPEC = new ImageNotifierSpec(
            ImageNotifierSpec.ReceiverType.smtp,
            null,
            "images@example.org",
            null,
            null,
            null,
            null,
            "[ü]",
            null,
            false);

    private ScriptedMailServer server;
    private final Map<String, String> secret = new HashMap<>(Map.of("cacert", CA.certificatePem()));
    private CloudHosts hosts = CloudHosts.any();

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private void start(HeldCertificate certificate, String scheme) throws IOException {
        server = new ScriptedMailServer(certificate == null ? null : context(certificate), scheme.equals("smtps"));
        secret.put("address", scheme + "://localhost:" + server.port());
    }

    private static SSLContext context(HeldCertificate certificate) {
        return new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslContext();
    }

    private Receipt send() {
        var smtp = SmtpServer.of(secret, Set.of(server.port()));
        return new SmtpReceiver(
                        smtp,
                        "images@example.org",
                        hosts,
                        Certificates.tls(smtp.authorities(), List.of()),
                        new MailText(SPEC)::letter,
                        new MovableClock())
                .send(parcel());
    }

    private static Parcel parcel() {
        var share = new Shares("Bücher-24.04", Instant.EPOCH);
        share.added(Shares.project(1), Instant.parse("2026-11-27T10:00:00.123Z"));
        var view = share.view();
        var notice = Notice.toConsumer(
                ImageNotifierSpec.NoticeType.Offered, view, view.members().get(0), "2026-11-27T10:00:00.123Z", 0);
        assertThat(notice.answer()).isEqualTo(MemberAnswer.pending);
        return new Parcel(new Recipient("key", "team-a@example.org"), List.of(notice), Set.of(), 1, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp", "smtps"})
    void aMailArrivesByTls(String scheme) throws IOException {
        start(LOCALHOST, scheme);
        secret.put("username", "images");
        secret.put("password", "s3cr3t\n");

        assertThat(send().outcome()).isEqualTo(Result.TAKEN);

        var before = server.commands.subList(0, scheme.equals("smtp") ? server.commands.indexOf("<TLS>") : 0);
        assertThat(before).noneMatch(c -> c.startsWith("AUTH") || c.startsWith("MAIL"));
        assertThat(server.commands)
                .contains("AUTH PLAIN aW1hZ2VzAGltYWdlcwBzM2NyM3Q=", "RCPT TO:<team-a@example.org>")
                .anyMatch(c -> c.startsWith("MAIL FROM:<images@example.org>"));
        assertThat(server.mails)
                .singleElement()
                .asString()
                .contains(
                        "To: team-a@example.org",
                        "From: images@example.org",
                        "Auto-Submitted: auto-generated",
                        "Content-Type: text/plain; charset=UTF-8",
                        "Subject: =?UTF-8?",
                        "openstack image set --accept")
                .containsPattern("Message-ID: <[0-9a-f]{16}@example.org>")
                .containsPattern("X-Imageshare-Event-ID: [0-9a-f]{16}");
    }

    /** Whoever sits between could take STARTTLS out of the answer. */
    @Test
    void withoutStartTlsNothingIsSent() throws IOException {
        start(null, "smtp");
        secret.put("username", "images");
        secret.put("password", "s3cr3t");

        var receipt = send();
        assertThat(receipt.outcome()).isEqualTo(Result.LATER);
        assertThat(receipt.message()).contains("offer STARTTLS");
        assertThat(server.commands).noneMatch(c -> c.startsWith("AUTH") || c.startsWith("MAIL"));
    }

    @Test
    void withoutTlsOnlyIfTheSecretSaysSo() throws IOException {
        start(null, "smtp");
        secret.put("starttls", "off");

        assertThat(send().outcome()).isEqualTo(Result.TAKEN);
        secret.put("username", "images");
        secret.put("password", "s3cr3t");
        assertThatThrownBy(this::send).hasMessageContaining("a password is not sent without TLS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp", "smtps"})
    void aCertificateIsForItsHost(String scheme) throws IOException {
        start(OTHER, scheme);

        var receipt = send();
        assertThat(receipt.message()).contains("not trusted, or is for another host name");
        assertThat(server.mails).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp", "smtps"})
    void anUnknownAuthorityIsNotTrusted(String scheme) throws IOException {
        start(LOCALHOST, scheme);
        secret.remove("cacert");

        assertThat(send().message()).contains("not trusted");
        assertThat(server.mails).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 550 5.1.1 no such s3cr3t user, REFUSED",
        "RCPT, 450 4.2.0 s3cr3t greylisted, RECIPIENT_LATER",
        "RCPT, 552 s3cr3t full, REFUSED",
        "DATA, 554 s3cr3t spam, REFUSED",
        "., 554 s3cr3t spam, REFUSED",
        "., 451 s3cr3t later, RECIPIENT_LATER",
        "MAIL, 550 s3cr3t sender, LATER",
        "MAIL, 421 s3cr3t busy, LATER",
        "AUTH, 535 5.7.8 s3cr3t bad, LATER",
        "AUTH, 454 s3cr3t later, LATER",
        "EHLO, 421 s3cr3t busy, LATER",
        "STARTTLS, 454 s3cr3t no TLS now, LATER",
        "STARTTLS, 220 s3cr3t but no TLS comes, LATER",
        "'', 554 s3cr3t go away, LATER",
        "'', HTTP/1.1 400 s3cr3t, LATER"
    })
    void anAnswerIsJudgedAndNotQuoted(String command, String reply, Result expected) throws IOException {
        start(LOCALHOST, "smtp");
        secret.put("username", "images");
        secret.put("password", "s3cr3t");
        server.replies.put(command, reply);

        var receipt = send();
        assertThat(receipt.outcome()).isEqualTo(expected);
        assertThat(receipt.message()).endsWith(".").doesNotContain("s3cr3t", "team-a", "localhost");
        assertThat(receipt.toString()).doesNotContain("s3cr3t");
    }

    @Test
    void nobodyListens() throws IOException {
        start(LOCALHOST, "smtp");
        server.close();

        assertThat(send().outcome()).isEqualTo(Result.LATER);
    }

    /** Who writes a Secret decides which hosts this process calls. */
    @Test
    void thisMachineIsNotCalled() throws IOException {
        start(LOCALHOST, "smtp");
        hosts = new CloudHosts(Set.of(), false, Set.of());

        assertThat(send().message()).contains("--allow-local-clouds");
        secret.put("address", "smtp://127.0.0.1:" + server.port());
        assertThat(send().message()).contains("--allow-local-clouds");
        hosts = new CloudHosts(Set.of("*.example.org"), true, Set.of());
        assertThat(send().message()).contains("--cloud-hosts");
        assertThat(server.commands).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mail.example.org:587",
                "https://mail.example.org",
                "smtp://",
                "smtp://user:s3cr3t@mail.example.org",
                "smtp://mail.example.org:6379",
                "smtp://mail.example.org/x",
                "smtp://mail.example.org?s3cr3t",
                "smtp://mail example.org"
            })
    void anAddressIsAMailServers(String address) {
        var data = Map.of("address", address);

        assertThatThrownBy(() -> SmtpServer.of(data, NotifierSettings.defaults().smtpPorts()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the key address")
                .message()
                .doesNotContain("s3cr3t");
    }

    @Test
    void portsAreThoseOfMail() {
        assertThat(SmtpServer.of(
                                Map.of("address", "smtp://mail.example.org"),
                                NotifierSettings.defaults().smtpPorts())
                        .port())
                .isEqualTo(587);
        assertThat(SmtpServer.of(
                                Map.of("address", "smtps://mail.example.org/"),
                                NotifierSettings.defaults().smtpPorts())
                        .port())
                .isEqualTo(465);
        assertThat(SmtpServer.of(
                                Map.of("address", "smtp://[2001:db8::1]:25"),
                                NotifierSettings.defaults().smtpPorts())
                        .host())
                .isEqualTo("2001:db8::1");
    }
}
