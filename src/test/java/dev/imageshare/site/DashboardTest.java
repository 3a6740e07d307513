package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who gets what from the dashboard. */
class DashboardTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private Dashboard dashboard;

    @BeforeEach
    void start() throws IOException {
        dashboard = new Dashboard(0);
        dashboard.show(Map.of("index.html", saying("first"), "site.css", saying("body {}"), "bad.html", out -> {
            throw new IllegalStateException("no such row");
        }));
    }

    @AfterEach
    void stop() {
        dashboard.close();
    }

    private static SiteFile saying(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> get(String url, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** As a program sends it that may send any Host. */
    private String raw(String request) throws IOException {
        var url = URI.create(dashboard.url());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream()
                    .write((request.replace("TOKEN", url.getPath()).replace("PORT", String.valueOf(url.getPort()))
                                    + "Connection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whoHasTheUrlSeesThePagesUnderAStrictPolicy() throws Exception {
        var answer = get(dashboard.url());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("first");
        var headers = answer.headers();
        assertThat(headers.firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none';")
                .doesNotContain("unsafe", "http", "*", "data:");
        assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(headers.firstValue("Set-Cookie")).isEmpty();
        assertThat(headers.firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(get(dashboard.url() + "site.css").headers().firstValue("Content-Type"))
                .contains("text/css; charset=utf-8");
        assertThat(get(dashboard.url() + "none.html").statusCode()).isEqualTo(404);
    }

    @Test
    void withoutTheTokenThereIsNothing() throws Exception {
        var url = dashboard.url();
        var root = url.replaceFirst("(:\\d+/).*", "$1");
        var token = url.substring(root.length());

        for (var wrong : new String[] {
            root,
            root + "index.html",
            root + token.substring(1),
            root + "x" + token,
            root + token.replace("/", ""),
            root + token.replace("/", "").toUpperCase(java.util.Locale.ROOT) + "x/",
            root + "/" + token
        }) {
            var answer = get(wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(404);
            assertThat(answer.body()).doesNotContain("first", token);
        }
        try (var other = new Dashboard(0)) {
            assertThat(other.url()).doesNotContain(token);
        }
        assertThat(token).hasSizeGreaterThan(32);
    }

    /** A page of the web whose name resolves to loopback sends its own name. */
    @Test
    void anotherHostsNameIsRefused() throws Exception {
        for (var host : new String[] {
            "Host: evil.example:PORT\r\n",
            "Host: 127.0.0.1\r\n",
            "Host: 127.0.0.1:1\r\n",
            "Host: 127.0.0.1.evil.example:PORT\r\n",
            "Host: localhost:PORT\r\nHost: evil.example\r\n"
        }) {
            assertThat(raw("GET TOKEN HTTP/1.1\r\n" + host))
                    .as(host)
                    .doesNotContain("first")
                    .contains(" 403 ");
        }
        for (var host : new String[] {"127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"}) {
            assertThat(raw("GET TOKEN HTTP/1.1\r\nHost: " + host + "\r\n"))
                    .as(host)
                    .contains(" 200 ", "first");
        }
    }

    @Test
    void itOnlyShows() throws Exception {
        for (var method : new String[] {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(dashboard.url()))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
        }
        var head = http.send(
                HttpRequest.newBuilder(URI.create(dashboard.url()))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void aPageIsSentAgainOnlyIfItChanged() throws Exception {
        var etag = get(dashboard.url()).headers().firstValue("ETag").orElseThrow();
        assertThat(get(dashboard.url(), "If-None-Match", etag).statusCode()).isEqualTo(304);

        dashboard.show(Map.of("index.html", saying("first")));
        assertThat(get(dashboard.url(), "If-None-Match", etag).statusCode()).isEqualTo(304);

        dashboard.show(Map.of("index.html", saying("second")));
        var changed = get(dashboard.url(), "If-None-Match", etag);
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.body()).isEqualTo("second");
    }

    @Test
    void aPageThatCannotBeMadeSaysSoAndTheOthersAreThere() throws Exception {
        var bad = get(dashboard.url() + "bad.html");
        assertThat(bad.statusCode()).isEqualTo(500);
        assertThat(bad.body()).contains("no such row");
        assertThat(get(dashboard.url()).statusCode()).isEqualTo(200);
    }

    @Test
    void itListensOnLoopbackAlone() {
        assertThat(URI.create(dashboard.url()).getHost()).isIn("127.0.0.1", "[::1]");
    }
}
