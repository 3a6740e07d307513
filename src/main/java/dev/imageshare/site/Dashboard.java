package dev.imageshare.site;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Serves a site's files on loopback to who knows the URL. Its first part is a token, made anew at each start, since other
 * people of the machine reach loopback as well; the Host header must name loopback, since a page of the web can have its own
 * name resolve to it. It takes only GET and HEAD, sets no cookie, and nothing of it changes anything.
 */
public final class Dashboard implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int TOKEN_BYTES = 24;

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "json", "application/json",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        var thread = new Thread(task, "dashboard");
        thread.setDaemon(true);
        return thread;
    });
    private final String token = token();
    private final Set<String> hosts;

    private volatile ServedSite shown = new ServedSite(Map.of());

    /** What is served now; a file is made once, and kept until something else is shown. */
    private static final class ServedSite {
        final Map<String, SiteFile> files;
        final Map<String, ServedFile> made = new ConcurrentHashMap<>();

        ServedSite(Map<String, SiteFile> files) {
            this.files = files;
        }

        @Nullable
        ServedFile answer(String path) throws IOException {
            var file = files.get(path);
            if (file == null) {
                return null;
            }
            var known = made.get(path);
            if (known == null) {
                var bytes = new ByteArrayOutputStream();
                file.writeTo(bytes);
                known = new ServedFile(bytes.toByteArray(), "\"" + hash(bytes.toByteArray()) + "\"");
                made.put(path, known);
            }
            return known;
        }
    }

    private record ServedFile(byte[] body, String etag) {}

    /**
     * Begins to serve.
     *
     * @param port 0: any free one
     */
    public Dashboard(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        var at = ":" + server.getAddress().getPort();
        hosts = Set.of("127.0.0.1" + at, "localhost" + at, "[::1]" + at);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Where it is served; who has it sees all of it. */
    public String url() {
        var address = server.getAddress();
        var host = address.getAddress() instanceof java.net.Inet6Address ? "[::1]" : "127.0.0.1";
        return "http://" + host + ":" + address.getPort() + "/" + token + "/";
    }

    /** Serves these from now on. */
    public void show(Map<String, SiteFile> files) {
        shown = new ServedSite(Map.copyOf(files));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = exchange.getResponseHeaders();
            headers.set("Content-Security-Policy", POLICY);
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Opener-Policy", "same-origin");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set("Cache-Control", "no-store");
            var method = exchange.getRequestMethod();
            var host = exchange.getRequestHeaders().get("Host");
            if (host == null || host.size() != 1 || !hosts.contains(host.get(0))) {
                say(exchange, 403, "The dashboard answers to 127.0.0.1 and localhost only.");
            } else if (!method.equals("GET") && !method.equals("HEAD")) {
                headers.set("Allow", "GET, HEAD");
                say(exchange, 405, "The dashboard only shows: GET and HEAD.");
            } else {
                serve(exchange, exchange.getRequestURI().getPath());
            }
        }
    }

    private void serve(HttpExchange exchange, @Nullable String path) throws IOException {
        var end = path == null ? -1 : path.indexOf('/', 1);
        if (path == null || end < 0 || !isToken(path.substring(1, end))) {
            say(
                    exchange,
                    404,
                    "Open the URL that 'imageshare dashboard' printed, with all that stands behind the port.");
            return;
        }
        var name = path.substring(end + 1);
        ServedFile answer;
        try {
            answer = shown.answer(name.isEmpty() ? "index.html" : name);
        } catch (RuntimeException e) {
            say(exchange, 500, "The page could not be made: " + e);
            return;
        }
        if (answer == null) {
            say(exchange, 404, "There is no such page now.");
            return;
        }
        var headers = exchange.getResponseHeaders();
        headers.set("ETag", answer.etag);
        if (answer.etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        headers.set("Content-Type", TYPES.getOrDefault(ending(name), TYPES.get("html")));
        send(exchange, 200, answer.body);
    }

    private static String ending(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private boolean isToken(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        send(exchange, status, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    private static String token() {
        var bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
