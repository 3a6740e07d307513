package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.util.stream.Stream;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudConfigTest {
    private static final String SECRET = "s3cr3t-never-shown";
    private static final String AUTH = "auth: {auth_url: 'https://k:5000/v3', username: u, password: " + SECRET
            + ", project_name: p, " + "user_domain_name: Default, project_domain_name: Default}";

    private static CloudConfig parse(String entry) {
        return CloudConfig.parse("clouds:\n  c:\n" + entry.indent(4), "c", null);
    }

    private static JsonNode login(String entry) throws Exception {
        return new ObjectMapper().readTree(parse(entry).login().body()).path("auth");
    }

    private static String auth(String fields) {
        return "auth: {auth_url: 'https://k/v3', " + fields + "}";
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("", "no entries"),
                Arguments.of("- a list", "no entries"),
                Arguments.of("clouds: text", "no entries"),
                Arguments.of("cloud: {c: {}}", "top-level key clouds"),
                Arguments.of("clouds: {other: {}, more: {}}", "other, more"),
                Arguments.of("clouds: {c: text}", "must be a mapping"),
                Arguments.of("clouds:\n  c: {password: '" + SECRET + "\n", "line "),
                Arguments.of("clouds:\n\tc: " + SECRET, "line 2"),
                Arguments.of("clouds: {c: {}, c: {}}", "given twice"),
                Arguments.of("clouds: {c: *" + SECRET + "}", "line 1, column 13"),
                Arguments.of("clouds: {c: !!java.net.URL [" + SECRET + "]}", "not valid YAML"),
                Arguments.of("a: &a [x,x]\n" + bomb() + "clouds: {c: *z}", "YAML"),
                Arguments.of("x: " + "[".repeat(500), "YAML"),
                Arguments.of("x: &a [*a]\nclouds: {c: {? [*a] : 1}}", "YAML"),
                Arguments.of(
                        "clouds: {c: {auth: {user_id: u, password: !!binary aGk=, auth_url: http://k}}}",
                        "must be a string"),
                Arguments.of("clouds: {c: {auth: {auth_url: 'http://k/v3, password: " + SECRET + "'}}}", "auth_url"),
                Arguments.of("clouds:\n  ? {password: " + SECRET + "}\n  : {}", "it has: none"),
                Arguments.of("x: '" + "y".repeat(1 << 20) + "'", "too long"),
                Arguments.of("clouds: {c: {}}\n---\nclouds: {c: {}}", "not valid YAML"),
                Arguments.of("clouds: {c: {auth: [a]}}", "auth must be a mapping"),
                Arguments.of(cloud("{}"), "auth.auth_url is missing"),
                Arguments.of(cloud("{profile: rackspace, auth: {username: u}}"), "profile is a vendor profile"),
                Arguments.of(cloud("{cloud: rackspace}"), "cloud is a vendor profile"),
                Arguments.of(cloud("{auth: {auth_url: 'ftp://k/'}}"), "auth.auth_url must be like"),
                Arguments.of(cloud("{auth: {auth_url: 'keystone:5000'}}"), "auth.auth_url must be like"),
                Arguments.of(cloud("{auth: {auth_url: 'https://u:" + SECRET + "@k/v3'}}"), "without user"),
                Arguments.of(cloud("{auth: {auth_url: 'https://k/v3?x=" + SECRET + "'}}"), "without user, query"),
                Arguments.of(cloud("{auth_type: v3password, auth: {auth_url: 'https://k/v2.0'}}"), "Keystone v2"),
                Arguments.of(cloud("{auth: {auth_url: ['https://k']}}"), "auth.auth_url must be a string"),
                Arguments.of(cloud("{" + auth("password: x") + "}"), "auth.username or user_id is missing"),
                Arguments.of(cloud("{" + auth("username: u, user_domain_id: d") + "}"), "auth.password is missing"),
                Arguments.of(cloud("{" + auth("username: u, user_domain_id: d, password: ") + "}"), "auth.password"),
                Arguments.of(
                        cloud("{" + auth("username: u, user_domain_id: d, password: null") + "}"), "auth.password"),
                Arguments.of(
                        cloud("{" + auth("username: u, user_domain_id: d, password: {a: " + SECRET + "}") + "}"),
                        "auth.password must be a string"),
                Arguments.of(
                        cloud("{" + auth("username: u, password: " + SECRET) + "}"),
                        "auth.user_domain_name is missing"),
                Arguments.of(
                        cloud("{" + auth("user_id: u, project_name: p, password: " + SECRET) + "}"),
                        "auth.project_domain_name is missing"),
                Arguments.of(
                        cloud("{auth_type: v3applicationcredential, " + auth("application_credential_id: i") + "}"),
                        "auth.application_credential_secret is missing"),
                Arguments.of(
                        cloud("{auth_type: v3applicationcredential, " + auth("application_credential_secret: " + SECRET)
                                + "}"),
                        "application_credential_id, or application_credential_name is missing"),
                Arguments.of(
                        cloud("{auth_type: v3applicationcredential, "
                                + auth("application_credential_name: n, application_credential_secret: " + SECRET)
                                + "}"),
                        "auth.username or user_id"),
                Arguments.of(cloud("{auth_type: token, " + auth("project_id: u") + "}"), "auth.token is missing"),
                Arguments.of(
                        cloud("{auth_type: password4, " + AUTH + "}"), "auth_type is not supported: use password,"),
                Arguments.of(
                        cloud("{auth_type: v2password, " + AUTH + "}"),
                        "auth.user_domain_name can't be used with Keystone v2.0"),
                Arguments.of(cloud("{identity_api_version: 2, " + AUTH + "}"), "identity_api_version must be 3"),
                Arguments.of(cloud("{identity_api_version: '2.0', " + AUTH + "}"), "identity_api_version must be 3"),
                Arguments.of(cloud("{cacert: /etc/ca.pem, " + AUTH + "}"), "Secret's key cacert"),
                Arguments.of(cloud("{verify: maybe, " + AUTH + "}"), "verify must be true or false"),
                Arguments.of(cloud("{verify: /etc/ca.pem, " + AUTH + "}"), "verify must be true or false"),
                Arguments.of(cloud("{interface: sideways, " + AUTH + "}"), "interface must be"),
                Arguments.of(cloud("{region_name: [{a: b}], " + AUTH + "}"), "region_name must be a string"),
                Arguments.of(
                        cloud("{image_endpoint_override: '/v2', " + AUTH + "}"), "image_endpoint_override must be"));
    }

    private static String cloud(String entry) {
        return "clouds: {c: " + entry + "}";
    }

    private static String bomb() {
        StringBuilder yaml = new StringBuilder();
        for (char name = 'b'; name <= 'z'; name++) {
            String before = "*" + (char) (name - 1);
            yaml.append(name)
                    .append(": &")
                    .append(name)
                    .append(" [")
                    .append(String.join(",", before, before, before, before, before))
                    .append("]\n");
        }
        return yaml.toString();
    }

    /** Without a scope Keystone takes the user's default project; with a scope that is passed over, another one. */
    static Stream<Arguments> scopes() {
        String user = "user_id: u, password: " + SECRET + ", ";
        String credential = "application_credential_id: i, application_credential_secret: " + SECRET + ", ";
        return Stream.of(
                Arguments.of(user, "has no project"),
                Arguments.of(user + "default_domain_id: d", "has no project"),
                Arguments.of(user + "unscoped: 'false'", "has no project"),
                Arguments.of(user + "domain_name: d", "auth.domain_name without a project"),
                Arguments.of(user + "domain_id: d", "user_domain_id"),
                Arguments.of(user + "project_domain_id: d", "auth.project_domain_id is set, but no project"),
                Arguments.of(user + "project_domain_name: d", "add project_name"),
                Arguments.of(user + "system_scope: all", "auth.system_scope"),
                Arguments.of(user + "system_scope: all, project_id: p", "auth.system_scope"),
                Arguments.of(user + "unscoped: true, project_id: p", "auth.unscoped"),
                Arguments.of(user + "trust_id: t, project_id: p", "auth.project_id can't go with trust_id"),
                Arguments.of(user + "trust_id: t, tenant_name: p", "auth.tenant_name can't go with trust_id"),
                Arguments.of(user + "trust_id: t, domain_id: d", "user_domain_id"),
                Arguments.of(user + "trust_id: t, system_scope: all", "auth.system_scope"),
                Arguments.of(user + "trust-id: t, project_id: p", "auth.project_id can't go with trust_id"),
                Arguments.of(user + "project_id: p, passcode: '123456'", "auth.passcode is valid for one login only"),
                Arguments.of(user + "project_id: p, auth_methods: [v3password, v3totp]", "auth.auth_methods"),
                Arguments.of(credential + "project_name: p", "auth.project_name can't go with an application"),
                Arguments.of(credential + "trust_id: t", "auth.trust_id can't go with an application"),
                Arguments.of(credential + "domain_name: d", "user_domain_name"),
                Arguments.of("token: t, domain_id: d", "auth.domain_id without a project"),
                Arguments.of("token: t, system_scope: all", "auth.system_scope"));
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void a_scope_that_is_not_honoured_is_refused_by_name(String fields, String gist) {
        a_broken_one_is_named_and_not_quoted(cloud("{" + auth(fields) + "}"), gist);
    }

    @ParameterizedTest
    @ValueSource(strings = {"user_id: u, password: x, trust_id: t", "token: x, trust_id: t"})
    void a_trust_is_a_scope(String fields) throws Exception {
        assertThat(login(auth(fields)).path("scope").toString()).isEqualTo("{\"OS-TRUST:trust\":{\"id\":\"t\"}}");
        assertThat(login(auth(fields + ", default_domain: d"))
                        .at("/scope/OS-TRUST:trust/id")
                        .asText())
                .isEqualTo("t");
    }

    @Test
    void a_token_without_a_scope_keeps_its_own_project() throws Exception {
        assertThat(login(auth("token: t")).toString())
                .isEqualTo("{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"t\"}}}");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void a_broken_one_is_named_and_not_quoted(String yaml, String gist) {
        OpenStackException e = catchThrowableOfType(OpenStackException.class, () -> CloudConfig.parse(yaml, "c", null));
        assertThat(e).isNotNull().hasNoCause();
        assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
        assertThat(e.getMessage()).contains(gist).doesNotContain(SECRET, "\n").hasSizeLessThan(600);
        assertThat(e.retryable()).isFalse();
        assertThat(e.requestId()).isNull();
    }

    @Test
    void a_password_login_is_scoped_by_names_and_domains() throws Exception {
        JsonNode auth = login(AUTH);
        assertThat(auth.path("identity").toString())
                .isEqualTo(
                        "{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"u\",\"domain\":{\"name\":\"Default\"},"
                                + "\"password\":\"" + SECRET + "\"}}}");
        assertThat(auth.path("scope").toString())
                .isEqualTo("{\"project\":{\"name\":\"p\",\"domain\":{\"name\":\"Default\"}}}");
    }

    @Test
    void IDs_come_before_names_and_need_no_domain() throws Exception {
        JsonNode auth = login(auth("user_id: uid, username: u, password: x, project_id: pid, project_name: p"));
        assertThat(auth.path("identity").path("password").path("user").toString())
                .isEqualTo("{\"id\":\"uid\",\"password\":\"x\"}");
        assertThat(auth.path("scope").toString()).isEqualTo("{\"project\":{\"id\":\"pid\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user_domain_id: a, project_domain_id: b | a | b",
                "domain_id: a | a | a",
                "default_domain: a | a | a",
                "default_domain_id: a | a | a",
                "user_domain_id: a, domain_id: b | a | b",
            })
    void a_domain_has_fallbacks(String fields, String user, String project) throws Exception {
        JsonNode auth = login(auth("username: u, password: x, tenant_name: p, " + fields));
        assertThat(auth.at("/identity/password/user/domain/id").asText()).isEqualTo(user);
        assertThat(auth.at("/scope/project/domain/id").asText()).isEqualTo(project);
        assertThat(auth.at("/scope/project/name").asText()).isEqualTo("p");
    }

    @Test
    void auth_fields_beside_auth_and_anchors_are_read() throws Exception {
        String yaml = """
                defaults: &defaults
                  region_name: R1
                  auth: &auth {auth_url: "https://k/v3", username: u, password: x}
                clouds:
                  c:
                    <<: *defaults
                    domain_name: Default
                    tenant_id: pid
                """;
        CloudConfig config = CloudConfig.parse(yaml, "c", null);
        assertThat(config.region()).isEqualTo("R1");
        assertThat(config.login().body()).contains("\"project\":{\"id\":\"pid\"}", "\"domain\":{\"name\":\"Default\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123", "1e5", "yes", "true", "12:30", "2024-01-01", "0x1F", "1_000", "NaN"})
    void a_plain_scalar_is_the_text_that_was_typed(String typed) throws Exception {
        JsonNode auth = login(auth("user_id: u, project_id: p, password: " + typed));
        assertThat(auth.at("/identity/password/user/password")).isEqualTo(new ObjectMapper().valueToTree(typed));
    }

    @Test
    void an_application_credential_has_no_scope() throws Exception {
        JsonNode byId = login("auth_type: v3applicationcredential\n"
                + auth("application_credential_id: i, application_credential_secret: s"));
        assertThat(byId.toString())
                .isEqualTo("{\"identity\":{\"methods\":[\"application_credential\"],\"application_credential\":"
                        + "{\"id\":\"i\",\"secret\":\"s\"}}}");
        JsonNode byName = login(auth(
                "application_credential_name: n, username: u, user_domain_name: D, application_credential_secret: s"));
        assertThat(byName.at("/identity/application_credential").toString())
                .isEqualTo("{\"name\":\"n\",\"user\":{\"name\":\"u\",\"domain\":{\"name\":\"D\"}},\"secret\":\"s\"}");
    }

    @Test
    void a_token_can_be_scoped() throws Exception {
        JsonNode auth = login("auth_type: v3token\n" + auth("token: t, project_id: p"));
        assertThat(auth.toString())
                .isEqualTo("{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"t\"}},"
                        + "\"scope\":{\"project\":{\"id\":\"p\"}}}");
    }

    @ParameterizedTest
    @CsvSource({
        "https://k:5000, https://k:5000/v3",
        "https://k:5000/, https://k:5000/v3",
        "https://k/identity/v3/, https://k/identity/v3",
        "http://k/identity//, http://k/identity/v3",
        "https://my_host/v3, https://my_host/v3",
        "https://[::1]:5000/v3, https://[::1]:5000/v3",
    })
    void an_auth_url_is_brought_to_v3(String given, String expected) {
        assertThat(parse("auth: {auth_url: '" + given + "', user_id: u, project_id: p, password: x}")
                        .keystone())
                .hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "interface: internal, internal",
        "endpoint_type: internalURL, internal",
        "interface: admin, admin",
        "endpoint_type: publicURL, public",
        "unknown_key: 1, public",
    })
    void an_interface_is_spelled_in_two_ways(String field, String expected) {
        assertThat(parse(field + "\n" + AUTH).catalog().interfaces()).containsExactly(expected);
    }

    @Test
    void the_rest_of_an_entry() {
        CloudConfig plain = parse("region_name: R\nidentity_api_version: 3\n" + AUTH);
        assertThat(plain.region()).isEqualTo("R");
        assertThat(plain.verifyTls()).isTrue();
        assertThat(plain.imageEndpoint()).isNull();
        CloudConfig other = parse("verify: False\nimage_endpoint_override: 'https://g:9292/v2/'\n" + AUTH);
        assertThat(other.region()).isNull();
        assertThat(other.verifyTls()).isFalse();
        assertThat(other.imageEndpoint()).hasToString("https://g:9292/");
        assertThat(other)
                .isNotEqualTo(plain)
                .isEqualTo(parse("image_endpoint_override: 'https://g:9292'\nverify: no\n" + AUTH));
    }

    @Test
    void a_CA_is_read_and_part_of_what_makes_two_equal() {
        String yaml = "clouds: {c: {" + AUTH + "}}";
        HeldCertificate first = new HeldCertificate.Builder().build();
        HeldCertificate second = new HeldCertificate.Builder().build();
        String both = "# ours\n" + first.certificatePem() + "\nand\n" + second.certificatePem();
        assertThat(CloudConfig.parse(yaml, "c", both).authorities())
                .containsExactly(first.certificate(), second.certificate());
        assertThat(CloudConfig.parse(yaml, "c", first.certificatePem()))
                .isEqualTo(CloudConfig.parse(yaml, "c", first.certificatePem() + "\n"))
                .isNotEqualTo(CloudConfig.parse(yaml, "c", second.certificatePem()))
                .isNotEqualTo(CloudConfig.parse(yaml, "c", null));
    }

    @ParameterizedTest
    @CsvSource({
        "no pem at all, has no -----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----, has a certificate without",
        "-----BEGIN CERTIFICATE-----QUJD-----END CERTIFICATE-----, number 1",
        "-----BEGIN CERTIFICATE-----*-----END CERTIFICATE-----, number 1",
        "-----BEGIN PRIVATE KEY-----QUJD-----END PRIVATE KEY-----, has no -----BEGIN CERTIFICATE-----",
    })
    void a_broken_CA_is_named(String pem, String gist) {
        assertThatThrownBy(() -> CloudConfig.parse("clouds: {c: {" + AUTH + "}}", "c", pem))
                .isInstanceOfSatisfying(
                        OpenStackException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG))
                .hasMessageContainingAll("cacert", gist)
                .hasMessageNotContaining("QUJD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://Keystone.Example/v3",
                "https://keystone.example:443",
                "https://keystone.example.:443/v3/",
                "https://keystone.example/identity/v3"
            })
    void one_Keystone_has_one_origin_however_it_is_written(String url) {
        var config = parse(AUTH.replace("https://k:5000/v3", url) + "\nregion_name: north");

        assertThat(config.keystoneOrigin()).isEqualTo("https://keystone.example:443");
        assertThat(config.destination()).startsWith("https://keystone.example:443 north");
    }

    @Test
    void toString_shows_no_secret() {
        assertThat(parse(AUTH).toString()).contains("[k,").doesNotContain(SECRET);
    }
}
