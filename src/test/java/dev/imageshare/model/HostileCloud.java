package dev.imageshare.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.imageshare.faults.CloudCall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * A web server that says it is a cloud: Keystone and Glance at several origins, where any project owns any image. What it
 * does beside that is the user name of the login, and then the token: see {@link Manner}.
 */
final class HostileCloud implements AutoCloseable {

    static final int ORIGINS = 4;

    /** The origin whose Glance hangs for the tokens of other Keystones. */
    static final int HANGING = 2;

    static final List<String> REGIONS = List.of("RegionOne", "RegionTwo", "RegionThree", "RegionFour");

    /** More than the operator reads of one answer in the model. */
    private static final int HUGE = Play.MAX_BODY + 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** How an entry's cloud answers. */
    enum Manner {
        /** As a cloud does whose every project owns every image. */
        FORGES,
        /** As such a one, but anything may come instead, and each answer may hang. */
        WILD,
        /** The login never comes to an end. */
        HANGS_AT_LOGIN(CloudCall.LOGIN),
        /** The image is never told. */
        HANGS_AT_IMAGE(CloudCall.IMAGE_SHOW),
        /** The member list is never told: the operator has the image by then. */
        HANGS_AT_LIST(CloudCall.MEMBER_LIST),
        /** An addition is never answered. */
        HANGS_AT_ADDITION(CloudCall.MEMBER_CREATE);

        private final CloudCall hangsAt;

        Manner() {
            this(null);
        }

        Manner(CloudCall hangsAt) {
            this.hangsAt = hangsAt;
        }
    }

    /** The world that it lies about. */
    interface Lies {
        /** Images that it says it has. */
        List<String> images();

        /** Projects that it says are members. */
        List<String> projects();

        /** Who it says owns the images. */
        String owner();

        /** An answer hangs until it is released; its request is then dropped, or answered if the answer is true. */
        boolean hangs(CountDownLatch released, Consumer<Boolean> answered);
    }

    /** An answer; the body may be compressed already. */
    private record Said(int status, Map<String, String> headers, byte[] body) {}

    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "hostile-cloud");
        thread.setDaemon(true);
        return thread;
    });
    private final byte[] bomb = compressed(new byte[HUGE]);
    private final Map<String, TreeMap<String, String>> members = new HashMap<>();
    private volatile Random random = new Random(0);
    private volatile Lies lies;
    private volatile boolean hangs;

    HostileCloud() {
        try {
            for (var i = 0; i < ORIGINS; i++) {
                var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 100);
                server.setExecutor(threads);
                server.createContext("/", exchange -> {
                    try (exchange) {
                        handle(exchange, server);
                    }
                });
                server.start();
                servers.add(server);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Its Keystone at one of its origins. */
    String authUrl(int origin) {
        return url(servers.get(origin)) + "/v3";
    }

    /** Its Glance at one of its origins. */
    String imageUrl(int origin) {
        return url(servers.get(origin));
    }

    /** Lies of this from now on; null: answers nothing. */
    synchronized void begin(Random newRandom, Lies newLies) {
        random = newRandom;
        lies = newLies;
        members.clear();
    }

    /** Whether what may hang does. */
    void hang(boolean mayHang) {
        hangs = mayHang;
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }

    // --------------------------------------------------------------- requests

    private void handle(HttpExchange exchange, HttpServer server) throws IOException {
        var question = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var current = lies;
        if (current == null) {
            return;
        }
        var token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
        var method = exchange.getRequestMethod();
        var path = exchange.getRequestURI().getPath();
        var call = CloudCall.of(method, path).orElse(null);
        var manner = call == CloudCall.LOGIN ? userOf(question) : token == null ? "" : token;
        var wild = manner.startsWith(Manner.WILD.name());
        var hang = hangs && call != null && (wild ? random.nextInt(6) == 0 : manner(manner, server).hangsAt == call);
        if (hang) {
            var isAnswered = new boolean[1];
            var released = new CountDownLatch(1);
            if (current.hangs(released, answered -> isAnswered[0] = answered)) {
                await(released);
                if (!isAnswered[0]) {
                    return;
                }
            }
        }
        var said = wild && random.nextInt(3) == 0 ? nonsense() : forged(call, path, question, manner, server, current);
        if (said == null) {
            return;
        }
        said.headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(said.status, said.body.length == 0 ? -1 : said.body.length);
        if (said.body.length > 0) {
            exchange.getResponseBody().write(said.body);
        }
    }

    private static void await(CountDownLatch released) throws IOException {
        try {
            if (!released.await(2, TimeUnit.MINUTES)) {
                throw new IOException("nobody released a request that hangs");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String userOf(String login) throws IOException {
        return JSON.readTree(login).at("/auth/identity/password/user/name").asText();
    }

    private Manner manner(String token, HttpServer server) {
        for (var manner : Manner.values()) {
            if (token.startsWith(manner.name())) {
                return manner;
            }
        }
        return server == servers.get(HANGING) ? Manner.HANGS_AT_IMAGE : Manner.FORGES;
    }

    /** What no cloud says; null: the connection ends. */
    private Said nonsense() {
        var json = Map.of("Content-Type", "application/json");
        return switch (random.nextInt(11)) {
            case 0 -> null;
            case 1 -> new Said(200, Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"), bomb);
            case 2 -> new Said(200, json, new byte[HUGE]);
            case 3 -> new Said(200, json, bytes("[".repeat(10_000)));
            case 4 -> new Said(200, json, bytes("{\"members\":{},\"images\":7,\"token\":[],\"id\":null}"));
            case 5 -> new Said(200, Map.of("Content-Encoding", "gzip"), bytes("no gzip at all"));
            case 6 -> new Said(302, Map.of("Location", "http://127.0.0.1:1/"), new byte[0]);
            case 7 -> new Said(429, Map.of("Retry-After", "99999999999"), new byte[0]);
            case 8 -> new Said(500, json, bytes("{\"error\":{\"message\":\"\\u0000\\u202e\\ud800\",\"code\":500}}"));
            case 9 ->
                new Said(401, json, bytes("{\"error\":{\"message\":\"no\",\"code\":401,\"title\":\"Unauthorized\"}}"));
            default -> new Said(200 + random.nextInt(400), Map.of(), bytes("\u0000\ufeff{" + random.nextLong()));
        };
    }

    /** As a cloud would say it; only that nothing of it is so. */
    private synchronized Said forged(
            CloudCall call, String path, String question, String manner, HttpServer server, Lies current)
            throws IOException {
        var parts = path.split("/");
        if (call == null) {
            return json(404, Map.of("code", "404 Not Found", "title", "Not Found", "message", "no"));
        }
        return switch (call) {
            case LOGIN -> login(question, manner, server);
            case IMAGE_LIST ->
                json(
                        200,
                        Map.of(
                                "images",
                                current.images().stream()
                                        .map(id -> image(id, current.owner()))
                                        .toList(),
                                "schema",
                                "/v2/schemas/images"));
            case IMAGE_SHOW -> json(200, image(parts[3], current.owner()));
            case MEMBER_LIST ->
                json(
                        200,
                        Map.of(
                                "members",
                                of(server, parts[3], current).entrySet().stream()
                                        .map(e -> member(parts[3], e.getKey(), e.getValue()))
                                        .toList(),
                                "schema",
                                "/v2/schemas/members"));
            case MEMBER_CREATE -> {
                var project = JSON.readTree(question).path("member").asText();
                of(server, parts[3], current).put(project, "pending");
                yield json(200, member(parts[3], project, "pending"));
            }
            case MEMBER_DELETE -> {
                of(server, parts[3], current).remove(parts[5]);
                yield new Said(204, Map.of(), new byte[0]);
            }
            case MEMBER_SHOW ->
                json(
                        200,
                        member(parts[3], parts[5], of(server, parts[3], current).getOrDefault(parts[5], "pending")));
            case VERSION_LIST -> json(300, Map.of("versions", List.of(Map.of("id", "v2.0", "status", "CURRENT"))));
            case PROJECT_LIST, ASSIGNED_PROJECT_LIST ->
                json(
                        200,
                        Map.of(
                                "projects",
                                of(server, "", current).keySet().stream()
                                        .map(HostileCloud::project)
                                        .toList()));
            case PROJECT_SHOW -> {
                var project = new HashMap<>(project(parts[3]));
                project.put(
                        "subtree",
                        of(server, "", current).keySet().stream().collect(Collectors.toMap(id -> id, id -> Map.of())));
                yield json(200, Map.of("project", project));
            }
            case MEMBER_UPDATE -> {
                var status = JSON.readTree(question).path("status").asText();
                of(server, parts[3], current).put(parts[5], status);
                yield json(200, member(parts[3], parts[5], status));
            }
        };
    }

    private static Map<String, Object> project(String id) {
        return Map.of(
                "id",
                id,
                "name",
                "\u202ex".repeat(64),
                "domain_id",
                "default",
                "enabled",
                true,
                "tags",
                List.of("golden"));
    }

    private Map<String, String> of(HttpServer server, String image, Lies current) {
        return members.computeIfAbsent(url(server) + image, key -> {
            var some = new TreeMap<String, String>();
            current.projects().forEach(project -> {
                if (random.nextBoolean()) {
                    some.put(project, List.of("pending", "accepted", "rejected").get(random.nextInt(3)));
                }
            });
            return some;
        });
    }

    private static Said login(String question, String manner, HttpServer server) throws IOException {
        var now = Instant.now();
        var project = JSON.readTree(question).at("/auth/scope/project/id").asText();
        var endpoints = REGIONS.stream()
                .flatMap(region -> List.of("public", "internal", "admin").stream()
                        .map(face -> Map.of(
                                "id",
                                face,
                                "interface",
                                face,
                                "region",
                                region,
                                "region_id",
                                region,
                                "url",
                                url(server))))
                .toList();
        var domain = Map.of("id", "default", "name", "Default");
        var token = Map.of(
                "methods",
                List.of("password"),
                "user",
                Map.of("id", "hostile", "name", manner, "domain", domain),
                "project",
                Map.of("id", project, "name", "images", "domain", domain),
                "roles",
                List.of(Map.of("id", "member", "name", "member")),
                "issued_at",
                now.toString(),
                "expires_at",
                now.plusSeconds(3600).toString(),
                "catalog",
                List.of(Map.of("id", "glance", "type", "image", "name", "glance", "endpoints", endpoints)));
        var said = json(201, Map.of("token", token));
        var headers = new HashMap<>(said.headers);
        headers.put("X-Subject-Token", manner + "-" + Long.toHexString(now.toEpochMilli()));
        return new Said(201, headers, said.body);
    }

    private static Map<String, Object> image(String id, String owner) {
        var image = new HashMap<String, Object>();
        image.put("id", id);
        image.put("name", "ubuntu");
        image.put("owner", owner);
        image.put("visibility", "shared");
        image.put("status", "active");
        image.put("tags", List.of("golden"));
        image.put("created_at", "2020-01-01T00:00:00Z");
        image.put("updated_at", "2020-01-01T00:00:00Z");
        return image;
    }

    private static Map<String, Object> member(String image, String project, String status) {
        return Map.of(
                "member_id",
                project,
                "image_id",
                image,
                "status",
                status,
                "created_at",
                "2020-01-01T00:00:00Z",
                "updated_at",
                "2020-01-01T00:00:00Z",
                "schema",
                "/v2/schemas/member");
    }

    private static Said json(int status, Object body) {
        try {
            return new Said(status, Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compressed(byte[] bytes) {
        var small = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(small)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return small.toByteArray();
    }
}
