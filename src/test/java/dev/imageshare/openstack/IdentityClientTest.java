package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.imageshare.embedded.EmbeddedIdentityProvider;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Options;
import dev.imageshare.embedded.EmbeddedRackspace;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How logins go over the wire, and what of their answers is taken. */
class IdentityClientTest {
    private final Clouds clouds = new Clouds(CloudSettings.defaults());

    @AfterEach
    void close() {
        clouds.close();
    }

    private Cloud cloud(String yaml, String name, String cacert) {
        return clouds.cloud("team", yaml, name, CloudConfig.parse(yaml, name, cacert));
    }

    private static OpenStackException failure(Cloud cloud) {
        return catchThrowableOfType(
                OpenStackException.class, () -> cloud.newPass().scope());
    }

    // ---------------------------------------------------------------- Rackspace

    /** Account numbers, no issued_at, endpoints at /v2/ACCOUNT in several regions, and private images that have members. */
    @Test
    void members_of_a_private_image_at_rackspace() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start();
                EmbeddedRackspace rackspace = new EmbeddedRackspace(lab)) {
            String image = lab.createImage("producer", "i", "shared", List.of("golden"));
            ImageClient producer =
                    cloud(rackspace.cloudsYaml("producer"), "rax", null).newPass();
            assertThat(producer.scope().projectId()).isEqualTo("110011");
            assertThat(producer.scope().region()).isEqualTo("DFW");
            assertThat(producer.scope().imageEndpoint())
                    .hasToString(rackspace.authUrl().replace("v2.0", ""));
            assertThat(producer.image(image).visibility()).isEqualTo("shared");
            assertThat(producer.images(ImageQuery.ownedBy("110011").visibleAs("shared")))
                    .extracting(Image::id)
                    .containsExactly(image);
            assertThat(producer.createMember(image, "220022").status()).isEqualTo(MemberStatus.pending);
            assertThat(producer.members(image)).extracting(Member::projectId).containsExactly("220022");

            ImageClient consumer =
                    cloud(rackspace.cloudsYaml("consumer-a"), "rax", null).newPass();
            assertThat(consumer.images(ImageQuery.sharedWithMe().from("110011")))
                    .extracting(Image::id)
                    .containsExactly(image);
            consumer.updateMember(image, "220022", MemberStatus.accepted);
            producer.deleteMember(image, "220022");
            assertThat(producer.members(image)).isEmpty();
            assertThat(producer.projectNames())
                    .as("Keystone v2.0 has no such list")
                    .isEmpty();
            assertThat(rackspace.calls().stream().filter("GET /"::equals))
                    .as("the version document is asked once an account")
                    .hasSize(2);
        }
    }

    @Test
    void a_wrong_api_key_is_a_refused_login_and_a_region_must_be_named() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start();
                EmbeddedRackspace rackspace = new EmbeddedRackspace(lab)) {
            String yaml = rackspace.cloudsYaml("producer");
            OpenStackException wrong =
                    failure(cloud(yaml.replace(EmbeddedRackspace.API_KEY, "wrong-key"), "rax", null));
            assertThat(wrong.kind()).isEqualTo(Kind.LOGIN_REFUSED);
            assertThat(wrong).hasMessageContaining("for ten minutes").hasMessageNotContaining("wrong-key");
            assertThat(failure(cloud(yaml.replace("    region_name: DFW\n", ""), "rax", null)))
                    .hasMessageContaining("set region_name to one of: DFW, ORD");
            assertThat(failure(cloud(yaml.replace("api_key:", "project_id: '5'\n      api_key:"), "rax", null))
                            .kind())
                    .isEqualTo(Kind.LOGIN_REFUSED);
            String password = yaml.replace("rackspace_apikey", "v2password")
                    .replace(
                            "api_key: " + EmbeddedRackspace.API_KEY,
                            "password: lab-user-secret\n      tenant_id: '110011'");
            assertThat(cloud(password, "rax", null).newPass().scope().projectId())
                    .isEqualTo("110011");
        }
    }

    /** In a Glance of today a private image has no members, whatever its owner wishes. */
    @Test
    void a_private_image_of_a_newer_glance_stays_private_and_its_versions_are_read_once() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            String image = lab.createImage("producer", "i", "private", List.of());
            ImageClient client = cloud(lab.cloudsYaml(), "producer", null).newPass();
            assertThat(client.image(image).visibility()).isEqualTo("private");
            assertThat(client.images(ImageQuery.ownedBy(lab.projectId("images")).visibleAs("shared")))
                    .isEmpty();
            assertThat(lab.requests().stream().filter(call -> call.path().equals("/")))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"<html>", "{\"versions\": []}", "{\"versions\": [{\"id\": \"v2.2\"}, {\"id\": \"v2.6\"}]}", "{}"
            })
    void without_a_version_document_nothing_is_guessed(String document) {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            String image = lab.createImage("producer", "i", "private", List.of());
            lab.intercept((method, path) -> path.equals("/") || path.equals("/versions")
                    ? Fault.canned(path.equals("/") ? 300 : 200, document)
                    : null);
            assertThat(cloud(lab.cloudsYaml(), "producer", null)
                            .newPass()
                            .image(image)
                            .visibility())
                    .isEqualTo("private");
            lab.intercept((method, path) -> path.equals("/") ? Fault.canned(503, "") : null);
            OpenStackException e = catchThrowableOfType(
                    OpenStackException.class,
                    () -> cloud(lab.cloudsYaml("producer"), "producer", null)
                            .newPass()
                            .image(image));
            assertThat(e.kind()).isEqualTo(Kind.SERVER_ERROR);
        }
    }

    // --------------------------------------------------------------------- OIDC

    private static HeldCertificate server() {
        return new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
    }

    private static SSLContext tls(HeldCertificate server) {
        return new HandshakeCertificates.Builder()
                .heldCertificate(server)
                .build()
                .sslContext();
    }

    private static String oidc(EmbeddedOpenStack lab, String fields) {
        return """
                clouds:
                  c:
                    auth_type: v3oidcclientcredentials
                    auth: {auth_url: %s, identity_provider: acme, protocol: openid, project_name: images, \
                project_domain_name: Default, %s}
                """.formatted(lab.authUrl(), fields);
    }

    @Test
    void a_login_by_way_of_an_identity_provider() {
        HeldCertificate certificate = server();
        String ca = certificate.certificatePem();
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start(Options.defaults().withTls(tls(certificate)));
                EmbeddedIdentityProvider provider =
                        new EmbeddedIdentityProvider(tls(certificate), () -> "an-access-token")) {
            lab.federate("an-access-token", "producer");
            String client = "client_id: sharing, client_secret: client s3cret, ";
            String discovered =
                    oidc(lab, client + "discovery_endpoint: " + provider.url() + "/.well-known/openid-configuration");
            Cloud cloud = cloud(discovered, "c", ca);
            assertThat(cloud.newPass().scope().projectId()).isEqualTo(lab.projectId("images"));
            assertThat(provider.calls()).containsExactly("GET /.well-known/openid-configuration", "POST /token");
            String named = oidc(lab, client + "access_token_endpoint: " + provider.url() + "/token");
            assertThat(cloud(named, "c", ca).newPass().scope().projectId()).isEqualTo(lab.projectId("images"));

            String given =
                    oidc(lab, "access_token: an-access-token").replace("v3oidcclientcredentials", "v3oidcaccesstoken");
            assertThat(cloud(given, "c", ca).newPass().scope().projectId()).isEqualTo(lab.projectId("images"));
            OpenStackException ended = failure(cloud(given.replace("an-access-token", "ended"), "c", ca));
            assertThat(ended.kind()).isEqualTo(Kind.LOGIN_REFUSED);
            assertThat(ended).hasMessageContaining("the access token has expired");

            OpenStackException wrong = failure(cloud(named.replace("client s3cret", "wrong"), "c", ca));
            assertThat(wrong.kind()).isEqualTo(Kind.LOGIN_REFUSED);
            assertThat(wrong)
                    .hasMessageContaining("the identity provider refuses the client: invalid_client;")
                    .hasMessageContaining("for ten minutes")
                    .hasMessageNotContaining("no client of ours")
                    .hasMessageNotContaining("[request");
            assertThat(failure(cloud(named.replace("/token", "/nowhere"), "c", ca)))
                    .hasMessageContaining("check access_token_endpoint");
            OpenStackException other =
                    failure(cloud(named.replace("project_name: images", "project_name: stranger"), "c", ca));
            assertThat(other.kind()).as("no role there").isEqualTo(Kind.LOGIN_REFUSED);
            assertThat(provider.calls()).noneMatch(call -> call.contains("gAAAA"));
        }
    }

    /** A provider is called by the operator as any cloud is. */
    @Test
    void the_hosts_rule_holds_for_an_identity_provider() {
        String yaml = "clouds: {c: {auth_type: v3oidcclientcredentials, auth: {auth_url: 'https://keystone.example',"
                + " identity_provider: i, protocol: o, project_id: p, client_id: c, client_secret: x,"
                + " access_token_endpoint: 'https://169.254.169.254/token'}}}";
        try (Clouds strict =
                new Clouds(CloudSettings.defaults().withHosts(new CloudHosts(Set.of(), false, Set.of())))) {
            OpenStackException e = failure(strict.cloud("team", "o", "c", CloudConfig.parse(yaml, "c", null)));
            assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
            assertThat(e).hasMessageContaining("may not call this host");
        }
    }

    // --------------------------------------------------------------- mutual TLS

    @Test
    void a_server_that_asks_for_a_certificate_is_shown_the_secrets_own() throws Exception {
        HeldCertificate server = server();
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate client =
                new HeldCertificate.Builder().signedBy(authority).build();
        SSLContext context = new HandshakeCertificates.Builder()
                .heldCertificate(server)
                .addTrustedCertificate(authority.certificate())
                .build()
                .sslContext();
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        https.createContext("/", exchange -> {
            byte[] token = TOKEN.getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("X-Subject-Token", "a-token");
            exchange.sendResponseHeaders(201, token.length);
            exchange.getResponseBody().write(token);
            exchange.close();
        });
        https.start();
        try {
            String yaml = "clouds: {c: {image_endpoint_override: 'https://g', auth: {auth_url: 'https://127.0.0.1:"
                    + https.getAddress().getPort() + "', user_id: u, password: x, project_id: p1}}}";
            Map<String, String> data = Map.of(
                    "clouds.yaml", yaml,
                    "cacert", server.certificatePem(),
                    "tls.crt", client.certificatePem(),
                    "tls.key", client.privateKeyPkcs8Pem());
            Cloud with = clouds.cloud("team", "with", "c", CloudConfig.ofSecret("s", data::get, "c", Purpose.IMAGES));
            assertThat(with.newPass().scope().projectId()).isEqualTo("p1");
            OpenStackException without = failure(cloud(yaml, "c", server.certificatePem()));
            assertThat(without).isNotNull().hasMessageStartingWith("entry c: ");
        } finally {
            https.stop(0);
        }
    }

    // ------------------------------------------------------------------ answers

    private static final String TOKEN = """
            {"token": {"issued_at": "2026-11-21T18:00:00.000000Z", "expires_at": "2026-11-21T19:00:00.000000Z",
             "project": {"id": "p1"}, "catalog": [{"type": "image", "name": "glance", "endpoints": [
              {"interface": "public", "region_id": null, "region": null, "url": "http://127.0.0.1:1"},
              {"interface": "internal", "region_id": "", "region": "R", "url": "http://127.0.0.1:2"},
              {"interface": "admin", "region_id": "S", "region": "R", "url": "http://127.0.0.1:3/image/v2.9/p1"}]},
              {"type": "image", "name": "second", "endpoints": [
              {"interface": "internal", "region_id": "R", "url": "http://127.0.0.1:4/v2/AUTH_p1"}]}]}}""";

    private Cloud answered(EmbeddedOpenStack lab, String keys, String token, int status, Map<String, String> headers) {
        lab.intercept((method, path) -> new Fault.Canned(status, headers, token));
        String yaml = "clouds: {c: {" + keys + "auth: {auth_url: '" + lab.authUrl()
                + "', user_id: u, password: pa55word, project_id: p1}}}";
        return clouds.cloud("team", keys + headers, "c", CloudConfig.parse(yaml, "c", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "interface: public | '' | http://127.0.0.1:1/",
                "interface: internal, image_service_name: glance | R | http://127.0.0.1:2/",
                "interface: [admin, public] | S | http://127.0.0.1:3/image",
                "interface: internal, image_service_name: second | R | http://127.0.0.1:4/",
            })
    void an_endpoint_is_found_by_interface_name_and_region(String keys, String region, String url) {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            ProjectScope scope = answered(lab, keys + ", ", TOKEN, 201, Map.of("X-Subject-Token", "t"))
                    .newPass()
                    .scope();
            assertThat(scope.region()).isEqualTo(region);
            assertThat(scope.imageEndpoint()).hasToString(url);
            assertThat(failure(answered(
                                    lab, keys + ", region_name: 'null', ", TOKEN, 201, Map.of("X-Subject-Token", "t")))
                            .kind())
                    .as("no region isn't one of the name null")
                    .isEqualTo(Kind.NO_IMAGE_SERVICE);
        }
    }

    @Test
    void a_long_token_is_taken_and_a_longer_one_said_to_be_too_long() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            String keys = "interface: public, ";
            assertThat(answered(lab, keys, TOKEN, 201, Map.of("X-Subject-Token", "t".repeat(20_000)))
                            .newPass()
                            .scope()
                            .projectId())
                    .isEqualTo("p1");
            assertThat(failure(answered(lab, keys, TOKEN, 201, Map.of("X-Subject-Token", "t".repeat(70_000)))))
                    .hasMessageContaining("the token is too long: 70000 characters");
        }
    }

    @Test
    void a_redirect_is_named_and_not_followed() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            OpenStackException e = failure(answered(
                    lab,
                    "",
                    "",
                    301,
                    Map.of("Location", "https://user:s3cret@keystone.example/identity/v3/auth/tokens?x=s3cret")));
            assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
            assertThat(e)
                    .hasMessageContaining("answered 301")
                    .hasMessageContaining("it redirects to https://keystone.example/identity/v3/auth/tokens")
                    .hasMessageNotContaining("s3cret");
        }
    }

    @Test
    void a_keystone_without_a_list_of_projects_is_no_failure() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            lab.intercept((method, path) -> path.endsWith("/projects") ? Fault.canned(404, "<html>") : null);
            assertThat(cloud(lab.cloudsYaml(), "admin", null).newPass().projectNames())
                    .isEmpty();
        }
    }
}
