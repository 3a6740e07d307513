package dev.imageshare.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Serves {@code /livez}, {@code /readyz} (200 or 503) and {@code /metrics} (Prometheus' text format). */
final class ManagementServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService executor = Executors.newFixedThreadPool(2, task -> {
        var thread = new Thread(task, "management");
        thread.setDaemon(true);
        return thread;
    });

    ManagementServer(
            String address, int port, PrometheusMeterRegistry registry, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, port), 0);
        server.setExecutor(executor);
        // A context of the JDK's server is a prefix, so the paths are told apart here.
        server.createContext("/", exchange -> {
            switch (exchange.getRequestURI().getPath()) {
                case "/livez" -> probe(exchange, live);
                case "/readyz" -> probe(exchange, ready);
                case "/metrics" -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
                default -> answer(exchange, 404, "text/plain", "not found\n");
            }
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static void probe(HttpExchange exchange, BooleanSupplier good) throws IOException {
        var isGood = good.getAsBoolean();
        answer(exchange, isGood ? 200 : 503, "text/plain", isGood ? "ok\n" : "not ok\n");
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        try (exchange) {
            var body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
