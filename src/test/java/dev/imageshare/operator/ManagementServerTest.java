package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

    @Test
    void aHeadRequestIsAnsweredWithoutABody() throws Exception {
        ready = true;
        var answer = ask("HEAD", "/readyz");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }
}
