package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import okhttp3.OkHttpClient;
import okhttp3.tls.HeldCertificate;

/** Whatever a team's Secret holds, it is a cloud's entry or a typed failure that quotes none of it. */
class BadCredentialsProperties {

    private static final String MARK = "m4rk3dS3cr3t";

    private static final List<String> CLOUDS = List.of(
            """
            clouds:
              c:
                region_name: R
                verify: true
                identity_api_version: "3"
                auth_type: password
                auth:
                  auth_url: https://keystone.example:5000/v3
                  username: u
                  password: m4rk3dS3cr3t
                  project_name: images
                  user_domain_name: Default
                  project_domain_name: Default
              other: {auth: {auth_url: "http://k", token: m4rk3dS3cr3t}}
            """,
            """
            defaults: &auth
              auth_url: https://keystone.example/identity
              application_credential_id: 0123456789abcdef0123456789abcdef
              application_credential_secret: "m4rk3dS3cr3t"
            clouds:
              c:
                <<: {interface: internal, image_endpoint_override: "https://glance.example/v2"}
                auth_type: v3applicationcredential
                auth: *auth
            """,
            "clouds: {c: {auth_type: v3token, auth: {auth_url: 'http://127.0.0.1/v3', token: m4rk3dS3cr3t,"
                    + " project_id: 0123456789abcdef0123456789abcdef}}}",
            // merges and aliases that double at each level
            "a: &a {x: 1}\nb: &b {<<: [*a, *a]}\nd: &d {<<: [*b, *b]}\ne: &e {<<: [*d, *d]}\nclouds: {c: {<<: [*e, *e],"
                    + " auth: {password: m4rk3dS3cr3t}}}",
            "a: &a [l, l]\nb: &b [*a, *a, *a]\nd: &d [*b, *b, *b]\nclouds:\n  c: &c\n    auth: *d\n    again: *c\n"
                    + "    password: m4rk3dS3cr3t\n",
            "clouds:\n  ? {password: m4rk3dS3cr3t}\n  : {auth: {}}\n");

    private static final HeldCertificate CERTIFICATE =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    private static final List<String> PEMS = List.of(
            CERTIFICATE.certificatePem(),
            CERTIFICATE.certificatePem().repeat(3),
            "# the CA\r\n" + CERTIFICATE.certificatePem().replace("\n", "\r\n"),
            CERTIFICATE.privateKeyPkcs8Pem(),
            CERTIFICATE.certificatePem() + CERTIFICATE.privateKeyPkcs8Pem());

    private static void isRefused(OpenStackException e) {
        assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
        assertThat(e).hasNoCause();
        assertThat(e.getMessage()).hasSizeLessThan(4_000).doesNotContain("\n", "\u0000", "\u001b");
        // a change can make the mark the name of an entry, and names are told
        assertThat(e.getMessage().replaceFirst("; it has: [\\p{L}\\p{N}_.@, -]+$", ""))
                .doesNotContain(MARK);
    }

    @Property
    void aCloudsYamlIsAnEntryOrRefused(@ForAll Random random) {
        String good = CLOUDS.get(random.nextInt(CLOUDS.size()));
        String bad = new Spoiled(random).text(good);
        try {
            CloudConfig config = CloudConfig.parse(bad, random.nextInt(10) == 0 ? "other" : "c", null);
            assertThat(config.toString()).doesNotContain(MARK);
            assertThat(config.keystone().getScheme()).isIn("http", "https");
            assertThat(config.keystone().getUserInfo()).isNull();
            assertThat(config.secrets()).singleElement().asString().isNotBlank();
        } catch (OpenStackException e) {
            isRefused(e);
        }
    }

    @Property
    void aCloudsYamlOfAnyBytesIsAnEntryOrRefused(@ForAll Random random) {
        byte[] good = CLOUDS.get(random.nextInt(CLOUDS.size())).getBytes(StandardCharsets.UTF_8);
        String bad = new String(new Spoiled(random).bytes(good), StandardCharsets.ISO_8859_1);
        try {
            assertThat(CloudConfig.parse(bad, "c", null).toString()).doesNotContain(MARK);
        } catch (OpenStackException e) {
            isRefused(e);
        }
    }

    @Property
    void aCaIsTrustedOrRefused(@ForAll Random random) {
        Spoiled spoiled = new Spoiled(random);
        String good = PEMS.get(random.nextInt(PEMS.size()));
        String bad = random.nextInt(3) > 0 ? spoiled.text(good) : otherDer(spoiled);
        try {
            CloudConfig config = CloudConfig.parse(CLOUDS.get(0), "c", bad);
            Certificates.trust(new OkHttpClient.Builder(), config, List.of());
        } catch (OpenStackException e) {
            isRefused(e);
            for (String line : CERTIFICATE.privateKeyPkcs8Pem().split("\n")) {
                assertThat(e.getMessage()).doesNotContain(line.length() > 20 ? line : "-----BEGIN PRIVATE");
            }
        }
    }

    /** Well-formed base64 of a certificate that isn't well-formed any more. */
    private static String otherDer(Spoiled spoiled) {
        byte[] der;
        try {
            der = CERTIFICATE.certificate().getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new AssertionError(e);
        }
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(spoiled.bytes(der))
                + "\n-----END CERTIFICATE-----\n";
    }
}
