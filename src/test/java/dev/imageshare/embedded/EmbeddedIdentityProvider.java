package dev.imageshare.embedded;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * An OpenID Connect provider as far as a machine's login goes: the discovery document (OpenID Connect Discovery 1.0, section
 * 4) and the grant {@code client_credentials} (RFC 6749, sections 4.4 and 5.2).
 */
public final class EmbeddedIdentityProvider implements AutoCloseable {
    public static final String CLIENT = "sharing";
    public static final String SECRET = "client s3cret";

    private final HttpsServer server;
    private final Supplier<String> accessTokens;
    private final Queue<String> calls = new ConcurrentLinkedQueue<>();

    /** @param accessTokens gives one that Keystone takes */
    public EmbeddedIdentityProvider(SSLContext tls, Supplier<String> accessTokens) {
        this.accessTokens = accessTokens;
        try {
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", this::handle);
        server.start();
    }

    public String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    /** "METHOD /path" each, with the header X-Auth-Token if there was one. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            String token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
            calls.add(exchange.getRequestMethod() + " " + path + (token == null ? "" : " " + token));
            Reply reply = switch (path) {
                case "/.well-known/openid-configuration" ->
                    Reply.json(
                            200,
                            Map.of(
                                    "issuer",
                                    url(),
                                    "token_endpoint",
                                    url() + "/token",
                                    "grant_types_supported",
                                    List.of("client_credentials")));
                case "/token" -> token(exchange.getRequestHeaders().getFirst("Authorization"), form);
                default -> Reply.empty(404);
            };
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Reply token(String authorization, String form) {
        String basic = "Basic "
                + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.ISO_8859_1));
        if (!basic.equals(authorization)) {
            return Reply.json(
                    401, Map.of("error", "invalid_client", "error_description", "no client of ours: " + authorization));
        }
        String decoded = URLDecoder.decode(form, StandardCharsets.UTF_8);
        if (!decoded.contains("grant_type=client_credentials") || !decoded.contains("scope=openid profile")) {
            return Reply.json(400, Map.of("error", "invalid_scope"));
        }
        return Reply.json(200, Map.of("access_token", accessTokens.get(), "token_type", "Bearer", "expires_in", 300));
    }
}
