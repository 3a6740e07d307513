package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries as people have them. What openstacksdk does with each was tried with 0.101.0 of Debian 12, keystoneauth1 5.0.0. */
class CloudEntryTest {
    private static final String LOGIN =
            "auth: {auth_url: 'https://k/v3', user_id: u, password: s3cr3t, project_id: p}\n";

    private static CloudConfig entry(String yaml) {
        return CloudConfig.parse("clouds:\n  c:\n" + yaml.indent(4), "c", null);
    }

    /** Where openstacksdk looks for the Image service, in its own words, and so does this client. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "image_endpoint_type: internalURL | service of type image, interface internal",
                "image_interface: admin | service of type image, interface admin",
                "interface: [internal, publicURL] | service of type image, interface internal or public",
                "{interface: public, endpoint_type: adminURL} | service of type image, interface admin",
                "{interface: admin, image_interface: internal} | service of type image, interface internal",
                "regions: [two, one] | service of type image, interface public, in region two",
                "regions: [{name: two, values: {interface: internal}}] | service of type image, interface internal, in region two",
                "region_name: [a, b] | service of type image, interface public, in region a",
                "region_name: a,b | service of type image, interface public, in region a",
                "{region_name: a, image_region_name: b} | service of type image, interface public, in region b",
                "image_service_name: glance2 | service of type image, name glance2, interface public",
                "image_service_type: image2 | service of type image2, interface public",
                "{region-name: a, image-service-name: g} | service of type image, name g, interface public, in region a",
                "{compute_endpoint_override: 'https://c', volume_api_version: 3} | service of type image, interface public",
                "{networks: [{name: n}], floating_ip_source: None, comment: x} | service of type image, interface public",
            })
    void the_image_service_is_looked_for_as_openstacksdk_does(String keys, String expected) {
        String yaml = keys.startsWith("{") ? "<<: " + keys : keys;
        assertThat(entry(yaml + "\n" + LOGIN).catalog()).hasToString(expected);
    }

    @Test
    void a_region_has_values_that_come_before_the_entrys() throws Exception {
        CloudConfig config = entry("""
                regions:
                - {name: two, values: {auth: {password: other}, image_endpoint_override: 'https://{region_name}.example/v2'}}
                - one
                """ + LOGIN);
        assertThat(new ObjectMapper()
                        .readTree(config.login().body())
                        .at("/auth/identity/password/user/password")
                        .textValue())
                .isEqualTo("other");
        assertThat(config.imageEndpoint()).hasToString("https://two.example/");
    }

    @Test
    void urls_can_have_the_region_in_them() {
        assertThat(entry("region_name: north\n" + LOGIN.replace("//k/", "//{region_name}.example/"))
                        .keystone())
                .hasToString("https://north.example/v3");
        assertThatThrownBy(() -> entry(LOGIN.replace("//k/", "//{profile}.example/")))
                .hasMessageContaining("auth.auth_url must be like");
    }

    @ParameterizedTest
    @ValueSource(strings = {"insecure: true", "insecure: 'yes'", "verify: false", "{insecure: true, verify: true}"})
    void either_way_certificates_are_not_verified(String keys) {
        assertThat(entry((keys.startsWith("{") ? "<<: " + keys : keys) + "\n" + LOGIN)
                        .verifyTls())
                .isFalse();
        assertThat(entry("insecure: false\n" + LOGIN).verifyTls()).isTrue();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                // openstacksdk: ignored, or what the second column of the comment says
                Arguments.of("region: R", "region is not read by OpenStack's clients: use region_name"),
                Arguments.of("ca_cert: /x", "ca_cert is not read by OpenStack's clients: use cacert"),
                Arguments.of("endpoint_override: 'https://o'", "use image_endpoint_override"),
                Arguments.of("service_type: image2", "use image_service_type"),
                Arguments.of("identity_endpoint_override: 'https://o'", "points to a Keystone other than auth_url"),
                Arguments.of("regin_name: R", "regin_name is not a supported key; did you mean region_name?"),
                Arguments.of("interfcae: internal", "did you mean interface?"),
                Arguments.of("verfy: false", "did you mean verify?"),
                Arguments.of("image_endpoint_overide: 'https://o'", "did you mean image_endpoint_override?"),
                Arguments.of("tls_verify: false", "tls_verify is not a supported key: remove it"),
                Arguments.of("my_region: R", "my_region is not a supported key: remove it"),
                // both spellings: the last one
                Arguments.of("{region_name: a, region-name: b}", "region_name is given twice, once with dashes"),
                // the first of regions
                Arguments.of("{region_name: one, regions: [two, one]}", "region_name and regions differ"),
                // ConfigException
                Arguments.of("regions: [{name: two, value: {}}]", "may only have name and values"),
                Arguments.of("regions: []", "regions must be a list of names"),
                Arguments.of("regions: two", "regions must be a list of names"),
                Arguments.of("regions: [{values: {}}]", "regions must be a list of names"),
                Arguments.of("regions: [{name: a, values: x}]", "must be a mapping"),
                Arguments.of("regions: [{name: a, values: {regon_name: x}}]", "did you mean region_name?"),
                // read from the files of this machine
                Arguments.of("cert: /etc/cert.pem", "put the PEM under the Secret's key tls.crt"),
                Arguments.of("key: /etc/key.pem", "put the PEM under the Secret's key tls.key"),
                Arguments.of(
                        "cacert: /etc/ca.pem", "cacert is a path to a file: put the PEM under the Secret's key cacert"),
                Arguments.of(
                        "cacert: '-----BEGIN CERTIFICATE-----'",
                        "cacert is a PEM, but a path is expected: put the PEM under the Secret's key cacert"),
                Arguments.of("profile: acme", "profile is a vendor profile"),
                // v1
                Arguments.of("image_api_version: 1", "image_api_version must be 2"),
                Arguments.of("interface: [internal, sideways]", "interface must be public, internal or admin"),
                Arguments.of("image_interface: {a: b}", "image_interface must be a string"),
                Arguments.of("insecure: maybe", "insecure must be true or false"),
                // NoMatchingPlugin, TypeError or a login at none
                Arguments.of("auth_type: none", "auth_type none means no login"),
                Arguments.of("auth_type: v3totp", "needs a new code for each login: use an application credential"),
                Arguments.of("auth_type: v3oidcauthcode", "use v3oidcclientcredentials"),
                Arguments.of(
                        "auth_type: v3kerberos",
                        "auth_type v3kerberos is not supported: use an application credential"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void what_would_be_passed_over_or_mean_something_else_is_refused_by_name(String keys, String gist) {
        assertThatThrownBy(() -> entry((keys.startsWith("{") ? "<<: " + keys : keys) + "\n" + LOGIN))
                .hasMessageStartingWith("clouds.yaml, entry c: ")
                .hasMessageContaining(gist)
                .hasMessageNotContaining("s3cr3t");
    }

    /** keystoneauth's plugins have a TypeError for each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "foo: x | auth.foo is not a supported key: remove it",
                "pasword: x | did you mean password?",
                "token: x | auth.token belongs to another auth_type: remove it, or set auth_type",
                "application_credential_id: x | auth.application_credential_id belongs to another auth_type",
                "api_key: x | auth.api_key belongs to another auth_type",
                "client_secret: x | auth.client_secret belongs to another auth_type",
                "code: x | auth.code is valid for one login only",
                "endpoint: 'https://e' | auth.endpoint bypasses the login",
            })
    void a_key_under_auth_is_never_passed_over(String key, String gist) {
        assertThatThrownBy(() -> entry(LOGIN.replace("auth: {", "auth: {" + key + ", ")))
                .hasMessageContaining(gist);
        if (gist.contains("another")) {
            assertThatThrownBy(() -> entry(key + "\n" + LOGIN))
                    .as("beside auth")
                    .hasMessageContaining("another");
        }
    }

    // ---------------------------------------------------------------- identities

    /** Bodies as keystoneauth1's plugins send them, and python-rackspace-auth's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "auth_type: v2password | {auth_url: 'https://k/v2.0', username: u, password: x, project_name: p}"
                        + " | https://k/v2.0"
                        + " | {\"passwordCredentials\":{\"username\":\"u\",\"password\":\"x\"},\"tenantName\":\"p\"}",
                "auth_type: password | {auth_url: 'https://k/v2.0/', user_id: u, password: x, tenant_id: '007'}"
                        + " | https://k/v2.0"
                        + " | {\"passwordCredentials\":{\"userId\":\"u\",\"password\":\"x\"},\"tenantId\":\"007\"}",
                "identity_api_version: 2 | {auth_url: 'https://k', username: u, password: x, project_name: p}"
                        + " | https://k/v2.0"
                        + " | {\"passwordCredentials\":{\"username\":\"u\",\"password\":\"x\"},\"tenantName\":\"p\"}",
                "auth_type: v2token | {auth_url: 'https://k', token: x, tenant_id: 1} | https://k/v2.0"
                        + " | {\"token\":{\"id\":\"x\"},\"tenantId\":\"1\"}",
                "auth_type: rackspace_apikey | {auth_url: 'https://k/v2.0/', username: u, api_key: x, project_id: 110011}"
                        + " | https://k/v2.0"
                        + " | {\"RAX-KSKEY:apiKeyCredentials\":{\"username\":\"u\",\"apiKey\":\"x\"},\"tenantId\":\"110011\"}",
                "auth_type: rackspace_apikey | {auth_url: 'https://k/v2.0', username: u, api_key: x} | https://k/v2.0"
                        + " | {\"RAX-KSKEY:apiKeyCredentials\":{\"username\":\"u\",\"apiKey\":\"x\"}}",
                "auth_type: v3oidcaccesstoken"
                        + " | {auth_url: 'https://k', identity_provider: i, protocol: o, access_token: x, project_id: p}"
                        + " | https://k/v3"
                        + " | {\"identity\":{\"methods\":[\"token\"]},\"scope\":{\"project\":{\"id\":\"p\"}}}",
                "auth_plugin: v3token | {auth_url: 'https://k', auth-token: x, trust-id: t} | https://k/v3"
                        + " | {\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"x\"}},"
                        + "\"scope\":{\"OS-TRUST:trust\":{\"id\":\"t\"}}}",
            })
    void logins_are_as_keystoneauth_sends_them(String key, String auth, String keystone, String body) throws Exception {
        CloudConfig config = entry(key + "\nauth: " + auth);
        assertThat(config.keystone()).hasToString(keystone);
        assertThat(new ObjectMapper().readTree(config.login().body()).path("auth"))
                .isEqualTo(new ObjectMapper().readTree(body));
        assertThat(config.secrets()).containsExactly("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v2password | auth_url: 'https://k/v3', username: u, password: x, project_id: p | is Keystone v3",
                "v3password | auth_url: 'https://k/v2.0', user_id: u, password: x, project_id: p | is Keystone v2",
                "v2password | auth_url: 'https://k', username: u, password: x | has no project: add project_id, or project_name;",
                "v2password | auth_url: 'https://k', username: u, password: x, trust_id: t | end auth_url in /v3",
                "password | auth_url: 'https://k/v2.0', username: u, password: x, project_name: p, user_domain_id: d | has no domains",
                "rackspace_apikey | username: u, api_key: x | Rackspace's is https://identity.api.rackspacecloud.com/v2.0",
                "rackspace_apikey | auth_url: 'https://k/v2.0', username: u | auth.api_key is missing",
                "rackspace_apikey | auth_url: 'https://k/v2.0', username: u, password: x | auth.password belongs to another",
                "v3oidcclientcredentials | auth_url: 'https://k', identity_provider: i, protocol: o, client_id: c,"
                        + " client_secret: x, project_id: p | auth.access_token_endpoint, or auth.discovery_endpoint, is missing",
                "v3oidcclientcredentials | auth_url: 'https://k', identity_provider: i, protocol: o, client_id: c,"
                        + " client_secret: x, project_id: p, access_token_endpoint: 'http://i/token' | must be https",
                "v3oidcclientcredentials | auth_url: 'https://k', identity_provider: i, protocol: o, client_id: c,"
                        + " client_secret: x, discovery_endpoint: 'https://i' | the entry has no project",
                "v3oidcclientcredentials | auth_url: 'https://k', identity_provider: i, protocol: o, client_id: c,"
                        + " client_secret: x, project_id: p, discovery_endpoint: 'https://i', access_token_type: jwt"
                        + " | must be access_token or id_token",
                "v3oidcaccesstoken | auth_url: 'https://k', protocol: o, access_token: x, project_id: p"
                        + " | auth.identity_provider is missing",
                "v3oidcaccesstoken | auth_url: 'https://k', identity_provider: i, protocol: o, access_token: x, system_scope: all"
                        + " | auth.system_scope requests a token without a project",
            })
    void a_login_that_lacks_something_says_what(String type, String auth, String gist) {
        assertThatThrownBy(() -> entry("auth_type: " + type + "\nauth: {" + auth + "}"))
                .hasMessageContaining(gist);
    }

    // --------------------------------------------------------------- mutual TLS

    private static CloudConfig secret(String certificate, String key) {
        return CloudConfig.ofSecret(
                "s",
                name -> switch (name) {
                    case CloudConfig.CLOUDS_YAML -> "clouds:\n  c:\n" + LOGIN.indent(4);
                    case CloudConfig.TLS_CERTIFICATE -> certificate;
                    case CloudConfig.TLS_KEY -> key;
                    default -> null;
                },
                "c",
                Purpose.IMAGES);
    }

    @Test
    void a_client_certificate_is_in_the_secret_beside_the_clouds_yaml() {
        HeldCertificate ec = new HeldCertificate.Builder().ecdsa256().build();
        HeldCertificate rsa = new HeldCertificate.Builder().rsa2048().build();
        for (HeldCertificate each : List.of(ec, rsa)) {
            ClientCertificate read =
                    secret(each.certificatePem(), each.privateKeyPkcs8Pem()).certificate();
            assertThat(read.key()).isEqualTo(each.keyPair().getPrivate());
            assertThat(read.chain()).containsExactly(each.certificate());
        }
        // as cert-manager writes it by default
        assertThat(secret(rsa.certificatePem(), rsa.privateKeyPkcs1Pem())
                        .certificate()
                        .key())
                .isEqualTo(rsa.keyPair().getPrivate());
        assertThat(secret(null, null).certificate()).isNull();
        assertThat(secret(null, null).source()).isEqualTo("Secret s, entry c");
        assertThatThrownBy(() -> secret(ec.certificatePem(), null)).hasMessageContaining("its private key is missing");
        assertThatThrownBy(() -> secret(null, ec.privateKeyPkcs8Pem()))
                .hasMessageContaining("its certificate is missing");
        assertThatThrownBy(() -> secret(ec.certificatePem(), rsa.privateKeyPkcs8Pem()))
                .hasMessageContaining("its type doesn't match the certificate");
        assertThatThrownBy(() -> secret(
                        ec.certificatePem(),
                        new HeldCertificate.Builder().ecdsa256().build().privateKeyPkcs8Pem()))
                .hasMessageContaining("doesn't match the first certificate");
        assertThatThrownBy(() -> secret(ec.certificatePem(), "-----BEGIN ENCRYPTED PRIVATE KEY-----"))
                .hasMessageContaining("is encrypted");
        assertThatThrownBy(() -> secret(ec.certificatePem(), "s3cr3t"))
                .hasMessageContaining("isn't in PEM form")
                .hasMessageNotContaining("s3cr3t");
        assertThatThrownBy(() -> secret("s3cr3t", ec.privateKeyPkcs8Pem()))
                .hasMessageContaining("client certificate has no -----BEGIN");
    }

    // --------------------------------------------------------------------- page

    /** One table in the code, and the same on the page. */
    @Test
    void the_page_says_what_each_key_does() throws Exception {
        String table = "## Keys of an entry\n\n" + rows(CloudKeys.ENTRY)
                + "\n## Keys under `auth`, or beside it\n\n" + rows(CloudKeys.AUTH)
                + "\n## Values of `auth_type`\n\n" + rows(CloudKeys.AUTH_TYPES);
        assertThat(Files.readString(Path.of("deploy/docs/clouds.md"))).contains(table);
    }

    private static String rows(List<CloudKeys.CloudKey> keys) {
        return "| | | |\n|---|---|---|\n"
                + keys.stream()
                        .map(key -> "| `" + key.name() + "` | "
                                + switch (key.use()) {
                                    case READ -> "read";
                                    case LOCAL -> "read on your machine, refused in a Secret";
                                    case REFUSED -> "refused";
                                    case NO_EFFECT -> "no effect";
                                }
                                + " | " + key.says() + " |\n")
                        .collect(Collectors.joining());
    }
}
