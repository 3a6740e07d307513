package dev.imageshare.scenarios;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.zip.GZIPOutputStream;

/** Answers as Keystone and Glance do, with 32 MiB or without end, in one of the ways that cost their reader the most. */
final class HostileCloud implements AutoCloseable {

    static final String IMAGE = "1f7c2c2e-0000-4000-8000-000000000000";
    private static final int SIZE = 32 << 20;
    private static final String PROJECT = "0123456789abcdef0123456789abcdef";
    private static final Map<String, byte[]> BODIES = new ConcurrentHashMap<>();

    private enum Way {
        LOGIN_OF_ENDPOINTS,
        LOGIN_OF_BRACKETS,
        MEMBERS,
        NAMES,
        ONE_TEXT,
        ENDLESS
    }

    private final Way way;
    private final boolean zipped;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "hostile-cloud");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger answers = new AtomicInteger();

    private HostileCloud(int number) throws IOException {
        way = Way.values()[number % Way.values().length];
        zipped = number / Way.values().length % 2 == 0 && way != Way.ENDLESS;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                answer(exchange);
            } catch (IOException e) {
                // the reader has had enough
            }
        });
        server.start();
    }

    static HostileCloud start(int number) {
        try {
            return new HostileCloud(number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String cloudsYaml() {
        return "clouds: {producer: {auth: {auth_url: '" + url() + "/v3', user_id: u, password: p, project_id: "
                + PROJECT + "}}}";
    }

    /** How many times it was its worst. */
    int answers() {
        return answers.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        if (path.endsWith("/auth/tokens")) {
            exchange.getResponseHeaders().set("X-Subject-Token", "t");
            if (way == Way.LOGIN_OF_ENDPOINTS || way == Way.LOGIN_OF_BRACKETS) {
                huge(exchange, 201);
            } else {
                send(
                        exchange,
                        201,
                        token("\"endpoints\": [" + endpoint(0) + "]").getBytes(StandardCharsets.UTF_8));
            }
        } else if (path.endsWith("/members")) {
            if (way == Way.ENDLESS) {
                endless(exchange);
            } else {
                huge(exchange, 200);
            }
        } else {
            var image = "{\"id\": \"" + IMAGE + "\", \"name\": \"n\", \"owner\": \"" + PROJECT
                    + "\", \"visibility\": \"shared\", \"status\": \"active\", \"tags\": []}";
            send(exchange, 200, image.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void huge(HttpExchange exchange, int status) throws IOException {
        answers.incrementAndGet();
        if (zipped) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        // a login names where its endpoints are, and is made once all the same
        send(exchange, status, BODIES.computeIfAbsent(way + (zipped ? " zipped" : ""), unused -> body()));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** As much as is kept of one, and from then on slowly, for as long as somebody reads. */
    private void endless(HttpExchange exchange) throws IOException {
        answers.incrementAndGet();
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write("{\"members\": [".getBytes(StandardCharsets.UTF_8));
            for (var i = 0; ; i++) {
                out.write((row(i) + ",").getBytes(StandardCharsets.UTF_8));
                if (i > 3_000) {
                    out.flush();
                    if (closed.await(20, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] body() {
        var text = switch (way) {
            case LOGIN_OF_ENDPOINTS -> token("\"endpoints\": [" + filled(this::endpoint) + "]");
            case LOGIN_OF_BRACKETS -> token("\"endpoints\": [" + filled(i -> "[]") + "]");
            case MEMBERS -> "{\"members\": [" + filled(HostileCloud::row) + "]}";
            case NAMES -> "{\"members\": [{" + filled(i -> "\"name" + i + "\":1") + "}]}";
            case ONE_TEXT -> "{\"members\": [{\"member_id\": \"" + filled(i -> "xxxxxxxx") + "\"}]}";
            case ENDLESS -> throw new IllegalStateException("has no end");
        };
        var plain = text.getBytes(StandardCharsets.UTF_8);
        if (!zipped) {
            return plain;
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String filled(IntFunction<String> part) {
        var text = new StringBuilder(SIZE + 1_000);
        for (var i = 0; text.length() < SIZE; i++) {
            text.append(i == 0 ? "" : ",").append(part.apply(i));
        }
        return text.toString();
    }

    private static String row(int number) {
        return "{\"member_id\": \"p" + number + "\", \"image_id\": \"" + IMAGE + "\", \"status\": \"pending\","
                + " \"created_at\": \"2026-11-21T18:00:08Z\", \"updated_at\": \"2026-11-21T18:00:08Z\"}";
    }

    private String endpoint(int number) {
        return "{\"interface\": \"public\", \"region_id\": \"R\", \"region\": \"R\", \"id\": \"" + number
                + "\", \"url\": \"" + url() + "\"}";
    }

    private static String token(String endpoints) {
        return "{\"token\": {\"issued_at\": \"2026-11-21T18:00:00.000000Z\", \"expires_at\": \"2026-11-21T19:00:00.000000Z\","
                + " \"project\": {\"id\": \"" + PROJECT + "\"}, \"catalog\": [{\"type\": \"image\", " + endpoints
                + "}]}}";
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
