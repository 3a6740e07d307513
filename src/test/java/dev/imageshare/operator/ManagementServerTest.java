package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementServerTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpClient http = HttpClient.newHttpClient();
    private boolean live;
    private boolean ready;
    private ManagementServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ManagementServer("127.0.0.1", 0, registry, () -> live, () -> ready);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private int status(String path) throws Exception {
        return ask("GET", path).statusCode();
    }

    @Test
    void probesTellEachByItself() throws Exception {
        assertThat(status("/livez")).isEqualTo(503);
        assertThat(status("/readyz")).isEqualTo(503);
        live = true;
        assertThat(status("/livez")).isEqualTo(200);
        assertThat(status("/readyz")).isEqualTo(503);
        ready = true;
        assertThat(status("/readyz")).isEqualTo(200);
        live = false;
        assertThat(status("/livez")).isEqualTo(503);
    }

    @Test
    void metricsAreInPrometheusFormat() throws Exception {
        registry.counter("operator.sdk.reconciliations").increment(3);

        var answer = ask("GET", "/metrics");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(t -> assertThat(t).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body()).contains("operator_sdk_reconciliations_total 3.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/livezz", "/livez/", "/metrics/x", "/favicon.ico"})
    void elsewhereIsNothing(String path) throws Exception {
        live = true;
        assertThat(status(path)).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void nothingIsChangedHere(String method) throws Exception {
        assertThat(ask(method, "/livez").statusCode()).isEqualTo(405);
    }

    /** An issue demands the bound; a kubelet's own is a second too. */
    @Test
    void probesAreAnsweredWithinASecondWhateverHangs() throws Exception {
        live = true;
        var lines = "x 1.0\n".repeat(2_000_000); // more than what the system takes for a reader that doesn't read
        server.close();
        server = new ManagementServer("127.0.0.1", 0, () -> lines, () -> live, () -> ready);
        assertThat(status("/livez")).as("the client is warm").isEqualTo(200);
        var hung = new ArrayList<Socket>();
        try {
            for (var i = 0; i < 200; i++) {
                hung.add(hang(i % 4));
                if (i % 20 == 0) {
                    isAnsweredWithinASecond();
                }
            }
            for (var i = 0; i < 20; i++) {
                isAnsweredWithinASecond();
            }
            assertThat(status("/metrics"))
                    .as("more scrapes than may be in memory")
                    .isEqualTo(503);
        } finally {
            for (var socket : hung) {
                socket.close();
            }
        }
        await().until(() -> status("/metrics") == 200);
    }

    @Test
    void probesAreAnsweredWhileMetricsAreSlowAndWhateverTheyEndWith() throws Exception {
        live = true;
        var end = new CountDownLatch(1);
        server.close();
        server = new ManagementServer(
                "127.0.0.1",
                0,
                () -> {
                    awaitQuietly(end);
                    throw new StackOverflowError();
                },
                () -> live,
                () -> ready);
        var scrape = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                        .build(),
                BodyHandlers.ofString());
        isAnsweredWithinASecond();
        end.countDown();

        assertThat(scrape.get().statusCode()).isEqualTo(500);
        assertThat(status("/livez")).isEqualTo(200);
    }

    @Test
    void ofMoreConnectionsThanItKeepsTheNewestIsServed() throws Exception {
        live = true;
        var hung = new ArrayList<Socket>();
        try {
            for (var i = 0; i < 600; i++) {
                hung.add(hang(i % 3));
            }
            isAnsweredWithinASecond();
            await().untilAsserted(() -> assertThat(hung.get(0).getInputStream().read())
                    .as("the oldest is closed")
                    .isNegative());
        } finally {
            for (var socket : hung) {
                socket.close();
            }
        }
    }

    @Test
    void aRequestThatIsTooLongEndsItsConnection() {
        assertThatThrownBy(() -> status("/" + "x".repeat(9_000))).isInstanceOf(IOException.class);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket hang(int how) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        var text = switch (how) {
            case 0 -> "GET /li";
            case 1 -> "GET /livez HTTP/1.1\r\nHost: x\r\nX-";
            case 2 -> "";
            default -> "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
        };
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void isAnsweredWithinASecond() throws Exception {
        var begun = System.nanoTime();
        assertThat(status("/livez")).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aHeadRequestIsAnsweredWithoutABody() throws Exception {
        ready = true;
        var answer = ask("HEAD", "/readyz");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }
}
