package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which way a request goes, and that it goes it. */
class ProxiesTest {

    // ------------------------------------------------------------ which

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    https://keystone.example.org/v3   | proxy:3128
                    http://keystone.example.org/v3    | plain:80
                    https://glance.in.example.com/    |
                    https://in.example.com:9292/      |
                    https://not-in.example.com/       | proxy:3128
                    https://ends.dotted.example.com/  |
                    https://10.1.2.3:5000/v3          |
                    https://11.1.2.3:5000/v3          | proxy:3128
                    https://192.168.7.7/              |
                    https://192.168.7.8/              | proxy:3128
                    https://[fd00::17]:9292/          |
                    https://[fe00::17]:9292/          | proxy:3128
                    https://port.example.org:9292/    |
                    https://port.example.org/         | proxy:3128
                    https://10.example.org/           | proxy:3128
                    """)
    void theVariablesChoose(URI url, String expected) {
        var proxies = Proxies.of(
                Map.of(
                        "HTTPS_PROXY", "http://proxy:3128/",
                        "http_proxy", "plain",
                        "HTTP_PROXY", "http://loses:1",
                        "NO_PROXY",
                                "in.example.com, .Dotted.example.com,10.0.0.0/8 192.168.7.7,fd00::/8,port.example.org:9292,10/8"));

        assertThat(proxies.select(url))
                .containsExactly(
                        expected == null
                                ? Proxy.NO_PROXY
                                : new Proxy(
                                        Proxy.Type.HTTP,
                                        InetSocketAddress.createUnresolved(
                                                expected.split(":")[0], Integer.parseInt(expected.split(":")[1]))));
    }

    @Test
    void aStarExceptsAll() {
        assertThat(Proxies.of(Map.of("HTTPS_PROXY", "proxy:1", "NO_PROXY", "*")).select(URI.create("https://a/")))
                .containsExactly(Proxy.NO_PROXY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://s3cret@proxy:3128",
                "socks5://s3cret:1",
                "http://proxy:99999",
                "http://a b",
                "u:s3cret%2@p:1"
            })
    void whatIsNoHttpProxyIsRefusedAndNotQuoted(String value) {
        assertThatThrownBy(() -> Proxies.of(Map.of("HTTPS_PROXY", value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("HTTPS_PROXY ")
                .hasMessageNotContaining("s3cret");
    }

    // ------------------------------------------------------------- goes

    /** A proxy that opens tunnels, or answers all with one status. */
    private static final class TunnelProxy implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<List<String>> heads = new CopyOnWriteArrayList<>();
        private final List<Socket> open = new CopyOnWriteArrayList<>();
        private final String refusal;

        TunnelProxy(String refusal) throws IOException {
            this.refusal = refusal;
            daemon(() -> {
                while (true) {
                    var client = socket.accept();
                    open.add(client);
                    daemon(() -> serve(client));
                }
            });
        }

        private interface Task {
            void run() throws IOException;
        }

        private static void daemon(Task task) {
            var thread = new Thread(
                    () -> {
                        try {
                            task.run();
                        } catch (IOException e) {
                            // closed
                        }
                    },
                    "tunnel");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve(Socket client) throws IOException {
            var reader =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1), 1);
            var head = new ArrayList<String>();
            for (var line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                head.add(line);
            }
            heads.add(head);
            var out = client.getOutputStream();
            if (refusal != null) {
                out.write(
                        ("HTTP/1.1 " + refusal + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                client.close();
                return;
            }
            var target = head.get(0).split(" ")[1].split(":");
            var server = new Socket(target[0], Integer.parseInt(target[1]));
            open.add(server);
            out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            daemon(() -> server.getInputStream().transferTo(out));
            client.getInputStream().transferTo(server.getOutputStream());
        }

        Proxies proxies(String userInfo) {
            return Proxies.of(Map.of("HTTPS_PROXY", "http://" + userInfo + "127.0.0.1:" + socket.getLocalPort()));
        }

        @Override
        public void close() {
            try {
                socket.close();
                for (var each : open) {
                    each.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    private EmbeddedOpenStack overTls() {
        var own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(authority)
                .build();
        return EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults()
                .withTls(new HandshakeCertificates.Builder()
                        .heldCertificate(own)
                        .build()
                        .sslContext()));
    }

    private Clouds clouds(Proxies proxies, boolean trusting) {
        return new Clouds(CloudSettings.defaults()
                .withAuthorities(trusting ? List.of(authority.certificate()) : List.of())
                .withProxies(proxies));
    }

    private static ProjectScope scope(Clouds clouds, EmbeddedOpenStack lab) {
        return clouds.cloud("team", "o", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                .newPass()
                .scope();
    }

    /** No proxy knows what is inside, and an authority that the operator is given is trusted beside Java's. */
    @Test
    void aCloudIsReachedThroughATunnelAndByTheAuthorityOfTheOperator() throws IOException {
        try (var lab = overTls();
                var proxy = new TunnelProxy(null);
                var clouds = clouds(proxy.proxies("user:p%40ss+word@"), true)) {
            assertThat(scope(clouds, lab).projectId()).isEqualTo(lab.projectId("images"));
            assertThat(proxy.heads).isNotEmpty().allSatisfy(head -> {
                assertThat(head.get(0)).startsWith("CONNECT 127.0.0.1:");
                assertThat(head).contains("Proxy-Authorization: " + okhttp3.Credentials.basic("user", "p@ss+word"));
            });
        }
    }

    @Test
    void withoutThatAuthorityNothingIsSent() throws IOException {
        try (var lab = overTls();
                var clouds = clouds(Proxies.none(), false)) {
            var failure = catchThrowableOfType(OpenStackException.class, () -> scope(clouds, lab));
            assertThat(failure.kind()).isEqualTo(Kind.TLS_UNTRUSTED);
            assertThat(lab.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"})
    void aProxyThatRefusesIsNamedAndItsPasswordIsNot(String status) throws IOException {
        try (var lab = overTls();
                var proxy = new TunnelProxy(status);
                var clouds = clouds(proxy.proxies("user:s3cret@"), true)) {
            var failure = catchThrowableOfType(OpenStackException.class, () -> scope(clouds, lab));
            assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(failure)
                    .hasMessageContaining("through the proxy 127.0.0.1:")
                    .hasMessageContaining("the proxy refused it")
                    .hasMessageNotContaining("s3cret");
            assertThat(lab.requests()).isEmpty();
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws IOException {
        try (var lab = overTls()) {
            var proxy = new TunnelProxy(null);
            var proxies = proxy.proxies("");
            proxy.close();
            try (var clouds = clouds(proxies, true)) {
                assertThatThrownBy(() -> scope(clouds, lab))
                        .hasMessageContaining("through the proxy 127.0.0.1:")
                        .hasMessageContaining("connection refused");
            }
        }
    }
}
