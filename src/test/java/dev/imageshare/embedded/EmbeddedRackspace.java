package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Rackspace's cloud as its own pages show it: Cloud Identity 2.0 ("Annotated authentication request and response") with API
 * keys, account numbers for projects and no {@code issued_at}, and Cloud Images ("Image sharing operations"), a Glance of
 * before API 2.5 at {@code /v2/ACCOUNT}. What it remembers is the image service of an {@link EmbeddedOpenStack}. With
 * {@code passwordCredentials} it is any Keystone v2.0 (OpenStack's API reference, "Identity API v2.0").
 */
public final class EmbeddedRackspace implements AutoCloseable {
    public static final String API_KEY = "a4bbc55a951242c48b03e88e32123456";
    private static final Map<String, String> ACCOUNTS =
            Map.of("producer", "110011", "consumer-a", "220022", "consumer-b", "330033");

    private final EmbeddedOpenStack lab;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final Map<String, String> accountsByToken = new ConcurrentHashMap<>();
    private final Queue<String> calls = new ConcurrentLinkedQueue<>();

    public EmbeddedRackspace(EmbeddedOpenStack lab) {
        this.lab = lab;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public static String account(String user) {
        return ACCOUNTS.get(user);
    }

    public String authUrl() {
        return url() + "/v2.0";
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** An entry {@code rax} of a user. */
    public String cloudsYaml(String user) {
        return """
                clouds:
                  rax:
                    auth_type: rackspace_apikey
                    region_name: DFW
                    auth:
                      auth_url: %s
                      username: %s
                      api_key: %s
                """.formatted(authUrl(), user, API_KEY);
    }

    /** "METHOD /path" each, in their order. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            calls.add(exchange.getRequestMethod() + " " + path);
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Reply reply = path.equals("/v2.0/tokens")
                    ? login(body)
                    : path.equals("/") ? versions() : images(exchange, path, body);
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Reply login(String body) throws IOException {
        JsonNode auth = Reply.JSON.readTree(body).path("auth");
        JsonNode key = auth.path("RAX-KSKEY:apiKeyCredentials");
        JsonNode password = auth.path("passwordCredentials");
        String user = key.path("username").asText(password.path("username").asText());
        String account = ACCOUNTS.get(user);
        boolean good = key.path("apiKey").asText().equals(API_KEY)
                || password.path("password").asText().equals("lab-user-secret");
        if (account == null || !good || !auth.path("tenantId").asText(account).equals(account)) {
            return Reply.json(
                    401,
                    Map.of(
                            "unauthorized",
                            Map.of("code", 401, "message", "Unable to authenticate user with credentials provided.")));
        }
        String token = lab.tokenFor(user);
        accountsByToken.put(token, account);
        return Reply.json(
                200,
                Map.of(
                        "access",
                        Map.of(
                                "token",
                                Map.of(
                                        "id",
                                        token,
                                        "expires",
                                        Instant.now()
                                                .plus(1, ChronoUnit.HOURS)
                                                .truncatedTo(ChronoUnit.MILLIS)
                                                .toString(),
                                        "tenant",
                                        Map.of("id", account, "name", account),
                                        "RAX-AUTH:authenticatedBy",
                                        List.of("APIKEY")),
                                "user",
                                Map.of("id", "161418", "name", user, "RAX-AUTH:defaultRegion", "DFW"),
                                "serviceCatalog",
                                List.of(
                                        service("cloudServersOpenStack", "compute", account),
                                        service("cloudImages", "image", account)))));
    }

    private Map<String, Object> service(String name, String type, String account) {
        return Map.of(
                "name",
                name,
                "type",
                type,
                "endpoints",
                List.of(
                        Map.of("region", "ORD", "tenantId", account, "publicURL", "http://127.0.0.1:1/v2/" + account),
                        Map.of("region", "DFW", "tenantId", account, "publicURL", url() + "/v2/" + account)));
    }

    private Reply versions() {
        List<Object> versions = List.of("v2.2", "v2.1", "v2.0").stream()
                .<Object>map(id -> Map.of(
                        "id",
                        id,
                        "status",
                        "SUPPORTED",
                        "links",
                        List.of(Map.of("rel", "self", "href", url() + "/v2/"))))
                .toList();
        return Reply.json(300, Map.of("versions", versions));
    }

    private Reply images(HttpExchange exchange, String path, String body) {
        String account =
                accountsByToken.get(String.valueOf(exchange.getRequestHeaders().getFirst("X-Auth-Token")));
        String prefix = "/v2/" + account + "/";
        if (account == null) {
            return Reply.glanceError(401, "This server could not verify that you are authorized.");
        }
        if (!path.startsWith(prefix)) {
            return Reply.glanceError(404, "The resource could not be found.");
        }
        String query = exchange.getRequestURI().getRawQuery();
        Reply reply = lab.imageService(new Incoming(
                exchange.getRequestMethod(),
                toLab("/v2/" + path.substring(prefix.length())),
                query == null ? null : toLab(query),
                exchange.getRequestHeaders(),
                toLab(body)));
        return new Reply(
                reply.status(),
                reply.headers(),
                toAccounts(reply.body()).replace("\"visibility\":\"shared\"", "\"visibility\":\"private\""));
    }

    private String toLab(String text) {
        String result = text;
        for (Map.Entry<String, String> each : ACCOUNTS.entrySet()) {
            result = result.replace(each.getValue(), projectId(each.getKey()));
        }
        return result;
    }

    private String toAccounts(String text) {
        String result = text;
        for (Map.Entry<String, String> each : ACCOUNTS.entrySet()) {
            result = result.replace(projectId(each.getKey()), each.getValue());
        }
        return result;
    }

    private String projectId(String user) {
        return lab.projectId(user.equals("producer") ? "images" : user);
    }
}
