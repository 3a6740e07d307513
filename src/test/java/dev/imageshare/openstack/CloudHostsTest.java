package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.CloudHosts.RefusedHostException;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloudHostsTest {
    private static final CloudHosts GUARDED = new CloudHosts(Set.of(), false, Set.of("10.96.0.1", "api.example.org"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "127.8.9.10",
                "169.254.169.254",
                "224.0.0.1",
                "255.255.255.255",
                "100.100.100.200",
                "::",
                "::1",
                "fe80::1",
                "ff02::1",
                "fd00:ec2::254",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::169.254.169.254",
                "2002:7f00:1::",
                "2002:a9fe:a9fe::1",
                "2001:0:a9fe:a9fe::",
                "2001::5601:5601",
                "fe80::5efe:7f00:1",
                "2001:db8::5efe:127.0.0.1",
            })
    void an_internal_address_is_one_in_each_of_its_forms(String address) throws Exception {
        assertThat(CloudHosts.isInternal(InetAddress.getByName(address))).isTrue();
        assertThatThrownBy(() -> GUARDED.check(List.of(InetAddress.getByName(address))))
                .isInstanceOf(RefusedHostException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.5",
                "172.16.0.1",
                "192.168.1.1",
                "203.0.113.7",
                "100.64.0.1",
                "fd00::5",
                "2001:db8::1",
                "64:ff9b::cb00:7107",
                "2002:cb00:7107::1",
                "::ffff:10.0.0.5",
            })
    void another_address_is_where_clouds_are(String address) throws Exception {
        assertThat(CloudHosts.isInternal(InetAddress.getByName(address))).isFalse();
        assertThatCode(() -> GUARDED.check(List.of(InetAddress.getByName(address))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:5000/v3",
                "http://127.1/",
                "http://2130706433/",
                "http://0177.0.0.1/",
                "http://[::1]:5000/",
                "http://[::ffff:7f00:1]/",
                "http://[::ffff:169.254.169.254]/",
                "http://%31%32%37.0.0.1/",
                "http://1.2.3.4.5/",
                "http://10.96.0.1:443/",
                "https://api.example.org:6443/",
                "https://API.example.org./",
            })
    void an_address_in_a_URL_is_judged_as_it_is_written(String url) {
        assertThatThrownBy(() -> GUARDED.check(HttpUrl.get(url)))
                .isInstanceOf(RefusedHostException.class)
                .hasMessageContaining("--allow-local-clouds");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x7f000001", "0x7f.1", "localhost"})
    void what_only_a_resolver_takes_for_an_address_is_judged_when_it_is_resolved(String host) throws Exception {
        GUARDED.check(HttpUrl.get("http://" + host + "/"));
        assertThatThrownBy(() -> GUARDED.dns().lookup(host)).isInstanceOf(java.net.UnknownHostException.class);
    }

    @Test
    void one_bad_address_of_several_is_enough_and_the_api_servers_own_count() {
        for (String bad : List.of("127.0.0.1", "10.96.0.1")) {
            assertThatThrownBy(() ->
                            GUARDED.check(List.of(InetAddress.getByName("203.0.113.7"), InetAddress.getByName(bad))))
                    .isInstanceOf(RefusedHostException.class);
        }
    }

    @Test
    void a_list_of_hosts_allows_these_only_and_no_internal_addresses() throws Exception {
        CloudHosts hosts =
                new CloudHosts(Set.of("keystone.example.com", "*.example.org", "127.0.0.1"), false, Set.of());
        hosts.check(HttpUrl.get("https://Keystone.example.com.:5000/v3"));
        hosts.check(HttpUrl.get("https://a.b.example.org/"));
        for (String other : List.of(
                "https://example.org/",
                "https://badexample.org/",
                "https://keystone.example.com.evil/",
                "http://10.0.0.5/")) {
            assertThatThrownBy(() -> hosts.check(HttpUrl.get(other))).hasMessageContaining("--cloud-hosts");
        }
        assertThatThrownBy(() -> hosts.check(HttpUrl.get("http://127.0.0.1/")))
                .hasMessageContaining("--allow-local-clouds");
    }

    private static OpenStackException failure(CloudSettings settings, String yaml) {
        try (Clouds clouds = new Clouds(settings)) {
            return catchThrowableOfType(
                    OpenStackException.class,
                    () -> clouds.cloud("team", "o", "producer", CloudConfig.parse(yaml, "producer", null))
                            .newPass()
                            .image("00000000-0000-4000-8000-000000000000"));
        }
    }

    /** Whether something listens there must not be told. */
    @Test
    void a_refused_host_is_named_and_an_open_port_looks_like_a_closed_one() throws IOException {
        CloudSettings guarded = CloudSettings.defaults().withHosts(GUARDED);
        int closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            String yaml = lab.cloudsYaml("producer");
            String port = HttpUrl.get(lab.authUrl()).port() + "";
            Set<String> answers = new HashSet<>();
            for (String host : List.of("127.0.0.1", "localhost")) {
                for (String each : List.of(port, closed + "")) {
                    OpenStackException e = failure(guarded, yaml.replace("127.0.0.1:" + port, host + ":" + each));
                    assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
                    assertThat(e).hasMessageContaining(host).hasMessageContaining("--allow-local-clouds");
                    answers.add(
                            e.getMessage().replace(each, "").replace(host, "").replaceAll("\\[request .*", ""));
                }
            }
            assertThat(answers).hasSize(1);
            assertThat(lab.requests()).isEmpty();
        }
    }

    @Test
    void an_endpoint_of_the_catalog_or_the_entry_is_judged_as_auth_url_is() {
        try (EmbeddedOpenStack lab = EmbeddedOpenStack.start()) {
            // Keystone is where it may be, Glance where it may not
            String keystone = lab.cloudsYaml("producer").replace("127.0.0.1", "localhost");
            CloudSettings settings =
                    CloudSettings.defaults().withHosts(new CloudHosts(Set.of("localhost"), true, Set.of()));
            for (String yaml : List.of(
                    keystone,
                    keystone.replace(
                            "    region_name",
                            "    image_endpoint_override: " + lab.imageUrl() + "\n    region_name"))) {
                lab.clearRequests();
                OpenStackException e = failure(settings, yaml);
                assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
                assertThat(e).hasMessageContaining("127.0.0.1").hasMessageContaining("--cloud-hosts");
                assertThat(lab.requests())
                        .extracting(EmbeddedOpenStack.Call::method)
                        .containsExactly("POST");
            }
        }
    }

    @Test
    void through_a_proxy_a_name_is_the_proxys_to_resolve_and_an_address_is_judged_here() {
        CloudSettings settings = CloudSettings.defaults()
                .withHosts(GUARDED)
                .withProxies(Proxies.of(Map.of("HTTP_PROXY", "http://localhost:9", "NO_PROXY", "localhost")));
        String yaml =
                "clouds: {producer: {auth: {auth_url: 'http://HOST/v3', user_id: u, password: x, project_id: p}}}";
        assertThat(failure(settings, yaml.replace("HOST", "keystone.invalid")).kind())
                .isEqualTo(Kind.UNREACHABLE);
        for (String refused : List.of("127.0.0.1", "10.96.0.1", "api.example.org", "localhost:9")) {
            assertThat(failure(settings, yaml.replace("HOST", refused)).kind())
                    .as(refused)
                    .isEqualTo(Kind.INVALID_CONFIG);
        }
    }
}
