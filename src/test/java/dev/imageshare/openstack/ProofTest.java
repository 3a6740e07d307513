package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Options;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.util.List;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which project an entry is of, as Keystone says it over TLS that two sides trust. */
class ProofTest {

    private final HeldCertificate server =
            new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
    private final HeldCertificate other = new HeldCertificate.Builder().build();
    private final EmbeddedOpenStack lab = EmbeddedOpenStack.start(Options.defaults()
            .withTls(new HandshakeCertificates.Builder()
                    .heldCertificate(server)
                    .build()
                    .sslContext()));
    private final Clouds clouds = new Clouds(CloudSettings.defaults());

    @AfterEach
    void close() {
        clouds.close();
        lab.close();
    }

    private CloudConfig entry(String name, HeldCertificate ca, Purpose purpose) {
        return CloudConfig.parse(lab.cloudsYaml(), name, ca == null ? null : ca.certificatePem(), purpose);
    }

    private Cloud cloud(HeldCertificate own, HeldCertificate sets) {
        var config = entry("consumer-a", own, Purpose.PROOF).witnessedBy(entry("producer", sets, Purpose.PROJECTS));
        return clouds.cloud("team-a", "uid", "consumer-a", config);
    }

    @Test
    void a_login_proves_the_project_and_asks_for_nothing_else() {
        lab.clearRequests();
        var project = cloud(server, server).prove();

        assertThat(project.id()).isEqualTo(lab.projectId("consumer-a"));
        assertThat(project.name()).isEqualTo("consumer-a");
        assertThat(project.cloud()).startsWith("https://127.0.0.1:");
        assertThat(lab.requests()).singleElement().asString().contains("POST", "/v3/auth/tokens");
        cloud(server, server).prove();
        assertThat(lab.requests()).as("the token is kept").hasSize(1);
    }

    /** Each side's CA alone isn't enough, whichever it is, and no password is sent. */
    @Test
    void a_certificate_is_valid_for_both_sides_or_nothing_is_sent() {
        lab.clearRequests();
        for (var sides : List.of(List.of(server, other), List.of(other, server))) {
            var forged = cloud(sides.get(0), sides.get(1));
            var failure = catchThrowableOfType(OpenStackException.class, forged::prove);
            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
        }
        var ofJavas = catchThrowableOfType(OpenStackException.class, cloud(server, null)::prove);
        assertThat(ofJavas.kind()).as("a set without a CA trusts Java's").isEqualTo(Kind.TLS_UNTRUSTED);
        assertThat(lab.requests()).isEmpty();
    }

    @Test
    void a_witness_changes_no_other_session() {
        cloud(server, server).prove();
        var plain = clouds.cloud("team-a", "uid", "consumer-a", entry("consumer-a", server, Purpose.IMAGES));
        assertThat(plain.newPass().scope().projectId()).isEqualTo(lab.projectId("consumer-a"));
        lab.clearRequests();
        cloud(server, server).prove();
        assertThat(lab.requests()).isEmpty();
    }

    @Test
    void a_token_without_a_project_proves_nothing() {
        var yaml = lab.cloudsYaml("consumer-a").replaceAll("project_name: .*", "system_scope: all");
        var failure = catchThrowableOfType(
                OpenStackException.class,
                () -> CloudConfig.parse(yaml, "consumer-a", server.certificatePem(), Purpose.PROOF));
        assertThat(failure.kind()).isEqualTo(Kind.INVALID_CONFIG);
    }
}
