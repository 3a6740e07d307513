package dev.imageshare.scenarios;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A neighbour's web server that answers as Keystone and Glance, and says that its project owns somebody else's image. */
final class ForgedCloud implements AutoCloseable {

    private final String owner;
    private final String image;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final HttpServer server;

    /**
     * @param owner the project that it says the caller belongs to
     * @param image the ID of the image that it says this project owns
     */
    ForgedCloud(String owner, String image) {
        this.owner = owner;
        this.image = image;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(executor);
        server.start();
    }

    String cloudsYaml() {
        return """
                clouds:
                  producer:
                    region_name: RegionOne
                    auth:
                      auth_url: %s/v3
                      username: anybody
                      password: anything
                      user_domain_name: Default
                      project_id: %s
                """.formatted(url(), owner);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            var path = exchange.getRequestURI().getPath();
            if (path.endsWith("/auth/tokens")) {
                exchange.getResponseHeaders().set("X-Subject-Token", "forged");
                send(exchange, 201, """
                        {"token": {"methods": ["password"], "issued_at": "2026-11-27T00:00:00.000000Z",
                          "expires_at": "2026-11-27T01:00:00.000000Z", "project": {"id": "%s", "name": "images"},
                          "catalog": [{"type": "image", "endpoints": [
                            {"interface": "public", "region_id": "RegionOne", "url": "%s"}]}]}}
                        """.formatted(owner, url()));
            } else if (path.endsWith("/members") && exchange.getRequestMethod().equals("GET")) {
                send(exchange, 200, "{\"members\": []}");
            } else if (path.endsWith("/images/" + image)) {
                send(exchange, 200, """
                        {"id": "%s", "name": "forged", "owner": "%s", "visibility": "shared", "status": "active",
                         "tags": [], "created_at": "2026-11-21T18:00:08Z"}
                        """.formatted(image, owner));
            } else {
                send(exchange, 404, "{\"message\": \"none\", \"code\": \"404 Not Found\", \"title\": \"Not Found\"}");
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        var body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
