package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a person's clouds.yaml is looked for, and what it is made of. */
class CloudFilesTest {

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private CloudFiles.Places places;

    @BeforeEach
    void places() {
        places = new CloudFiles.Places(
                environment::get, folder.resolve("work"), folder.resolve("home"), folder.resolve("etc"));
    }

    private void write(String file, String text) throws IOException {
        var path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static String entry(String name, String host, String more) {
        return "clouds: {%s: {auth: {auth_url: https://%s/v3, user_id: u, project_id: p%s}}}\n"
                .formatted(name, host, more);
    }

    private String host(String given) {
        return CloudFiles.find(given, places).config("c").keystone().getHost();
    }

    @Test
    void theFirstPlaceWins() throws IOException {
        write("etc/openstack/clouds.yaml", entry("c", "etc", ", password: x"));
        assertThat(host(null)).isEqualTo("etc");
        write("home/.config/openstack/clouds.yml", entry("c", "home", ", password: x"));
        assertThat(host(null)).isEqualTo("home");
        write(
                "work/clouds.json",
                "{\"clouds\": {\"c\": {\"auth\": {\"auth_url\": \"https://keystone.example/v3\", \"user_id\": \"u\","
                        + " \"project_id\": \"p\", \"password\": \"x\"}}}}");
        assertThat(host(null)).isEqualTo("keystone.example");
        write("own/clouds.yaml", entry("c", "variable", ", password: x"));
        environment.put(
                "OS_CLIENT_CONFIG_FILE", folder.resolve("own/clouds.yaml").toString());
        assertThat(host(null)).isEqualTo("variable");
        write("home/given.yaml", entry("c", "given", ", password: x"));
        assertThat(host("~/given.yaml")).isEqualTo("given");
    }

    @Test
    void secretsCanBeInAFileOfTheirOwn() throws IOException {
        write("home/.config/openstack/clouds.yaml", entry("c", "home", ""));
        assertThatThrownBy(() -> CloudFiles.find(null, places).config("c")).hasMessageContaining("password is missing");

        write("home/.config/openstack/secure.yaml", "clouds: {c: {auth: {password: '0123'}}}");
        assertThat(CloudFiles.find(null, places).config("c").secrets()).containsExactly("0123");
        write("etc/openstack/clouds.yaml", entry("c", "etc", ""));
        write("work/clouds.yaml", entry("c", "work", ""));
        assertThat(CloudFiles.find(null, places).config("c").secrets()).containsExactly("0123");
        environment.put("OS_CLIENT_SECURE_FILE", folder.resolve("own.yaml").toString());
        write("own.yaml", "clouds: {c: {auth: {password: own}}}");
        assertThat(CloudFiles.find(null, places).config("c").secrets()).containsExactly("own");
    }

    @Test
    void aProfileIsWhatTheEntryDoesNotSay() throws IOException {
        write("work/clouds.yaml", "clouds: {c: {profile: acme, auth: {user_id: u, project_id: p, password: x}}}");
        assertThatThrownBy(() -> CloudFiles.find(null, places).config("c"))
                .hasMessageContaining("the profile acme is in no clouds-public.yaml");

        write(
                "etc/openstack/clouds-public.yaml",
                "public-clouds: {acme: {region_name: North, auth: {auth_url: https://acme/v3}}}");
        var config = CloudFiles.find(null, places).config("c");
        assertThat(config.keystone().getHost()).isEqualTo("acme");
        assertThat(config.region()).isEqualTo("North");
    }

    @Test
    void aFileWithTheCaIsRead() throws IOException {
        write(
                "work/clouds.yaml",
                "clouds: {c: {cacert: ca.pem, auth: {auth_url: https://h/v3, user_id: u, project_id: p, password: x}}}");
        assertThatThrownBy(() -> CloudFiles.find(null, places).config("c"))
                .hasMessageContaining("can't read")
                .hasMessageContaining("ca.pem");
        write("work/ca.pem", "nonsense");
        assertThatThrownBy(() -> CloudFiles.find(null, places).config("c")).hasMessageContaining("cacert has no");
    }

    @Test
    void whatIsMissingIsToldWithWhereItWasLookedFor() throws IOException {
        assertThatThrownBy(() -> CloudFiles.find(null, places))
                .hasMessageContaining("--clouds")
                .hasMessageContaining("OS_CLIENT_CONFIG_FILE")
                .hasMessageContaining("~/.config/openstack");
        assertThatThrownBy(() -> CloudFiles.find("none.yaml", places))
                .hasMessage("--clouds names none.yaml, which is not a file");
        environment.put("OS_CLIENT_CONFIG_FILE", "gone.yaml");
        assertThatThrownBy(() -> CloudFiles.find(null, places))
                .hasMessage("OS_CLIENT_CONFIG_FILE names gone.yaml, which is not a file");
        environment.clear();
        write("work/clouds.yaml", "clouds: {c: {auth: {password: topsecret, x: [}}}");
        assertThatThrownBy(() -> CloudFiles.find(null, places))
                .hasMessageContaining(folder.resolve("work/clouds.yaml").toString())
                .hasMessageContaining("line 1")
                .hasMessageNotContaining("topsecret");
    }

    // What the openstack command does with each was tried with 6.0.0 of Debian 12 (openstacksdk 0.101.0).

    private CloudConfig config(String name) {
        return CloudFiles.find(null, places).config(name);
    }

    @Test
    void theVariablesAloneAreAnEntry() {
        environment.putAll(Map.of(
                "OS_AUTH_URL", "https://env/v3",
                "OS_USERNAME", "u",
                "OS_PASSWORD", "env-secret",
                "OS_PROJECT_NAME", "images",
                "OS_USER_DOMAIN_NAME", "Default",
                "OS_PROJECT_DOMAIN_ID", "default",
                "OS_REGION_NAME", "north",
                "OS_IDENTITY_API_VERSION", "3",
                "OS_AUTH_STRATEGY", "keystone",
                "OS_IMAGE_ENDPOINT_OVERRIDE", "https://glance/v2"));
        assertThat(CloudFiles.find(null, places).defaultName()).contains("envvars");
        CloudConfig config = config("envvars");
        assertThat(config.keystone()).hasToString("https://env/v3");
        assertThat(config.region()).isEqualTo("north");
        assertThat(config.imageEndpoint()).hasToString("https://glance/");
        assertThat(config.secrets()).containsExactly("env-secret");
        environment.put("OS_CLOUD_NAME", "mine");
        assertThat(CloudFiles.find(null, places).names()).containsExactly("mine");
    }

    @Test
    void theVariablesComeBeforeTheEntryThatOsCloudNames() throws IOException {
        write("work/clouds.yaml", """
                clouds:
                  c: {region_name: one, auth: {auth_url: 'https://h', username: u, password: p, project_name: pr, \
                user_domain_name: D, project_domain_name: D}}
                  other: {auth: {auth_url: 'https://h', user_id: u, password: theirs, project_id: p}}
                """);
        environment.putAll(Map.of(
                "OS_CLOUD", "c",
                "OS_AUTH_URL", "https://env",
                "OS_PASSWORD", "env-secret",
                "OS_INTERFACE", "internal",
                "OS_PROJECT_NAME", "env-project"));
        CloudConfig config = config("c");
        assertThat(config.keystone()).hasToString("https://env/v3");
        assertThat(config.secrets()).containsExactly("env-secret");
        assertThat(config.catalog()).hasToString("service of type image, interface internal, in region one");
        assertThat(config.login().scope().projectName()).as("the entry's own").isEqualTo("pr");
        assertThat(config("other").secrets()).containsExactly("theirs");
        environment.put("OS_REGION_NAME", "two");
        assertThatThrownBy(() -> config("c"))
                .hasMessageContaining("OS_REGION_NAME is not one of the entry's regions: one");
    }

    @Test
    void aRegionIsChosenAmongTheEntrys() throws IOException {
        write(
                "work/clouds.yaml",
                "clouds: {c: {regions: [one, {name: two, values: {interface: admin}}], auth: {auth_url: 'https://h',"
                        + " user_id: u, password: p, project_id: p}}}");
        assertThat(config("c").catalog()).hasToString("service of type image, interface public, in region one");
        environment.putAll(Map.of("OS_CLOUD", "c", "OS_REGION_NAME", "two"));
        assertThat(config("c").catalog()).hasToString("service of type image, interface admin, in region two");
    }

    @Test
    void withVersion3NamesAreOfTheDomainDefault() throws IOException {
        write(
                "work/clouds.yaml",
                "clouds: {c: {auth: {auth_url: 'https://h', username: u, password: p, project_name: pr}}}");
        assertThatThrownBy(() -> config("c")).hasMessageContaining("user_domain_name is missing");
        environment.putAll(Map.of("OS_CLOUD", "c", "OS_IDENTITY_API_VERSION", "3"));
        assertThat(config("c").login().scope().domainId()).isEqualTo("default");
    }

    @Test
    void jsonIsReadAsJson() throws IOException {
        write(
                "work/clouds.json",
                "{\n\t\"clouds\": {\"c\":\t{\"auth\": {\"auth-url\": \"https://h\", \"user_id\": \"u\", \"password\": 0123}}}}");
        assertThatThrownBy(() -> config("c")).hasMessageContaining("is not valid JSON at line 2");
        write(
                "work/clouds.json",
                "{\n\t\"clouds\": {\"c\":\t{\"auth\": {\"auth-url\": \"https://h\", \"user_id\": \"u\", \"password\": 123,"
                        + " \"project-id\": \"p\"}, \"interface\": [\"internal\", \"public\"], \"verify\": false}}}");
        assertThat(config("c").secrets()).containsExactly("123");
        assertThat(config("c").catalog().interfaces()).containsExactly("internal", "public");
        assertThat(config("c").verifyTls()).isFalse();
    }
}
