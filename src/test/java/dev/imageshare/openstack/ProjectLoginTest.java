package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins to list projects by; what a login for images may be is in {@link CloudConfigTest}. */
class ProjectLoginTest {
    private static final String USER = "username: u, user_domain_id: d, password: s3cr3t, ";

    private static CloudConfig entry(String auth, String more, Purpose purpose) {
        return CloudConfig.parse(
                "clouds: {c: {auth: {auth_url: 'https://k/v3', " + auth + "}" + more + "}}", "c", null, purpose);
    }

    /** As keystoneauth1 5.0.0 asks for them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "domain_id: x | {\"domain\":{\"id\":\"x\"}}",
                "domain_name: x | {\"domain\":{\"name\":\"x\"}}",
                "system_scope: all | {\"system\":{\"all\":true}}",
                "project_id: x | {\"project\":{\"id\":\"x\"}}",
                "project_id: x, domain_id: y | {\"project\":{\"id\":\"x\"}}",
                "'project_name: x, domain_id: y' | {\"project\":{\"name\":\"x\",\"domain\":{\"id\":\"y\"}}}",
                "trust_id: x | {\"OS-TRUST:trust\":{\"id\":\"x\"}}",
            })
    void a_login_says_what_it_is_for(String scope, String sent) throws IOException {
        CloudConfig config = entry(USER + scope.replace("'", ""), "", Purpose.PROJECTS);
        assertThat(new ObjectMapper()
                        .readTree(config.login().body())
                        .at("/auth/scope")
                        .toString())
                .isEqualTo(sent);
        assertThat(config.purpose()).isEqualTo(Purpose.PROJECTS);
    }

    /** The domain of the token isn't the user's: keystoneauth1 would send the user without one, and be answered 400. */
    @ParameterizedTest
    @CsvSource({"user_domain_id: d, d", "default_domain: e, e"})
    void the_users_domain_is_its_own(String domain, String sent) throws IOException {
        CloudConfig config = entry("username: u, password: s3cr3t, domain_id: x, " + domain, "", Purpose.PROJECTS);
        assertThat(new ObjectMapper()
                        .readTree(config.login().body())
                        .at("/auth/identity/password/user/domain/id")
                        .textValue())
                .isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "username: u, password: s3cr3t, domain_id: x | auth.user_domain_name is missing",
                USER + "system_scope: some | auth.system_scope must be all",
                USER + "system_scope: all, project_id: x | auth.project_id can't go with system_scope",
                USER + "system_scope: all, domain_id: x | auth.domain_id can't go with system_scope",
                USER + "system_scope: all, trust_id: x | auth.system_scope can't go with trust_id",
                USER + "trust_id: x, domain_id: x | auth.domain_id can't go with trust_id",
                USER + "project_domain_id: x | auth.project_domain_id is set, but no project",
                USER + "unscoped: true | auth.unscoped requests a token without a scope",
                USER + "default_domain_id: d | or, to list projects, domain_id or system_scope: all",
                "application_credential_id: a, application_credential_secret: s3cr3t, system_scope: all"
                        + " | auth.system_scope can't go with an application credential",
                "application_credential_id: a, application_credential_secret: s3cr3t, domain_id: x"
                        + " | auth.domain_id can't go with an application credential",
            })
    void a_login_that_does_not_say_so_is_refused(String auth, String gist) {
        assertThatThrownBy(() -> entry(auth, "", Purpose.PROJECTS))
                .isInstanceOfSatisfying(
                        OpenStackException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG))
                .hasMessageContaining(gist)
                .hasMessageNotContaining("s3cr3t");
    }

    @ParameterizedTest
    @CsvSource({"PROJECTS, which can't list projects", "IMAGES, auth.system_scope can't be used with Keystone v2.0"})
    void keystone_before_v3_has_neither(Purpose purpose, String gist) {
        String auth = "username: u, password: s3cr3t, tenant_id: t"
                + (purpose == Purpose.IMAGES ? ", system_scope: all" : "");
        assertThatThrownBy(() -> CloudConfig.parse(
                        "clouds: {c: {auth: {auth_url: 'https://k/v2.0', " + auth + "}}}", "c", null, purpose))
                .hasMessageContaining(gist);
    }
}
