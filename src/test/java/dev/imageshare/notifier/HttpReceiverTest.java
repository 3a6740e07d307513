package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudHosts;
import dev.imageshare.openstack.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP receivers on the wire, and what their answers mean. */
class HttpReceiverTest {

    private record Got(String method, String path, Map<String, List<String>> headers, String body) {}

    private final List<Got> got = new CopyOnWriteArrayList<>();
    private final Map<String, String> secret = new HashMap<>();
    private HttpServer server;
    private int status = 204;
    private String retryAfter;
    private CloudHosts hosts = CloudHosts.any();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                got.add(new Got(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
                if (retryAfter != null) {
                    exchange.getResponseHeaders().set("Retry-After", retryAfter);
                }
                exchange.getResponseHeaders().set("Location", "/elsewhere");
                var body = "s3cr3t reply".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, status == 204 ? -1 : body.length);
                if (status != 204) {
                    exchange.getResponseBody().write(body);
                }
            }
        });
        server.start();
        secret.put("address", "http://127.0.0.1:" + server.getAddress().getPort() + "/hook/s3cr3t");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Receipt send() {
        var webhook = Webhook.of(secret, true);
        return new HttpReceiver(
                        webhook,
                        EventText.CONTENT_TYPE,
                        parcel -> "{\"id\":\"ü\"}".getBytes(StandardCharsets.UTF_8),
                        hosts,
                        Certificates.tls(webhook.authorities(), List.of()),
                        Proxies.none())
                .send(new Parcel(Recipient.WEBHOOK, List.of(), Set.of(), 1, true));
    }

    @Test
    void anEventIsPostedAndSigned() {
        secret.put("token", "key\n");
        secret.put("headers", "Authorization: Bearer t0ken\nX-Team: images\n");

        assertThat(send().outcome()).isEqualTo(Result.TAKEN);
        assertThat(got).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/hook/s3cr3t");
            assertThat(request.body()).isEqualTo("{\"id\":\"ü\"}");
            assertThat(request.headers())
                    .containsEntry("Content-type", List.of("application/cloudevents+json; charset=utf-8"))
                    .containsEntry("Authorization", List.of("Bearer t0ken"))
                    .containsEntry("X-team", List.of("images"))
                    .containsEntry(
                            "X-signature",
                            List.of("sha256="
                                    + HttpReceiver.signature(
                                            "key", request.body().getBytes(StandardCharsets.UTF_8))));
        });
    }

    /** As {@code openssl dgst -sha256 -hmac} prints it. */
    @Test
    void aSignatureIsWhatOthersCompute() {
        assertThat(HttpReceiver.signature(
                        "key", "The quick brown fox jumps over the lazy dog".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    }

    @ParameterizedTest
    @CsvSource({
        "200, TAKEN", "202, TAKEN", "301, LATER", "302, LATER", "307, LATER", "308, LATER", "400, REFUSED",
        "401, LATER", "403, LATER", "404, LATER", "408, LATER", "410, GONE", "413, REFUSED", "422, REFUSED",
        "425, LATER", "429, LATER", "500, LATER", "502, LATER", "503, LATER", "504, LATER"
    })
    void anAnswerIsJudgedAndNotQuoted(int with, Result expected) {
        status = with;
        retryAfter = with == 503 ? "0" : null;

        var receipt = send();
        assertThat(receipt.outcome()).isEqualTo(expected);
        assertThat(receipt.message()).doesNotContain("s3cr3t", "127.0.0.1");
        assertThat(receipt.toString()).doesNotContain("s3cr3t");
        assertThat(got).as("sent once, and never elsewhere").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"120, 120", "0, 0", "999999999, 86400"})
    void retryAfterIsRead(String header, long seconds) {
        status = 429;
        retryAfter = header;

        assertThat(send().retryAfter()).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "Fri, 27 Nov 2026 10:00:00 GMT", "99999999999999999999"})
    void aRetryAfterThatSaysNothingIsNone(String header) {
        status = 503;
        retryAfter = header;

        assertThat(send().retryAfter()).isEqualTo(Optional.empty());
    }

    @Test
    void garbageIsNoAnswer() throws IOException {
        try (var listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var thread = new Thread(() -> {
                try (var socket = listener.accept()) {
                    socket.getInputStream().read(new byte[100]);
                    socket.getOutputStream().write("s3cr3t garbage\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // the client has gone
                }
            });
            thread.setDaemon(true);
            thread.start();
            secret.put("address", "http://127.0.0.1:" + listener.getLocalPort() + "/");

            var receipt = send();
            assertThat(receipt.outcome()).isEqualTo(Result.LATER);
            assertThat(receipt.message()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void nobodyListens() {
        server.stop(0);

        assertThat(send().outcome()).isEqualTo(Result.LATER);
    }

    @Test
    void thisMachineIsNotCalled() {
        hosts = new CloudHosts(Set.of(), false, Set.of());

        assertThat(send().message()).contains("--allow-local-clouds");
        secret.put("address", secret.get("address").replace("127.0.0.1", "localhost"));
        assertThat(send().message()).contains("--allow-local-clouds");
        secret.put("address", secret.get("address").replace("localhost", "[::ffff:127.0.0.1]"));
        assertThat(send().message()).contains("--allow-local-clouds");
        assertThat(got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hooks.example.org",
                "ftp://hooks.example.org/",
                "https://user:s3cr3t@hooks.example.org/",
                "https:///x"
            })
    void anAddressIsAUrl(String address) {
        secret.put("address", address);

        assertThatThrownBy(() -> Webhook.of(secret, true)).hasMessageContaining("the key address");
    }

    @Test
    void httpIsForLabs() {
        assertThatThrownBy(() -> Webhook.of(secret, false)).hasMessageContaining("https://");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cr3t", "Host: x", "X-Signature: x", "Ünicode: x", "A: b\nContent-Length: 1", "A: ü"})
    void headersAreHeaders(String headers) {
        secret.put("headers", headers);

        assertThatThrownBy(() -> Webhook.of(secret, true))
                .hasMessageContaining("the key headers")
                .message()
                .doesNotContain("s3cr3t");
    }
}
