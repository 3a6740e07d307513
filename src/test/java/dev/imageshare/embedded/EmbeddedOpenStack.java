package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.imageshare.embedded.EmbeddedKeystone.AccessRule;
import dev.imageshare.embedded.EmbeddedKeystone.Credential;
import dev.imageshare.embedded.EmbeddedKeystone.Token;
import dev.imageshare.openstack.MemberStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Keystone v3 and Glance v2 in memory, over real HTTP on loopback, with the projects, users and entries of the lab that
 * {@code src/test/openstack/openstack-lab.sh} starts. The contract suite holds it to what the real ones answer.
 */
public final class EmbeddedOpenStack implements OpenStackLab {
    static {
        // else each answer on a kept connection waits 40 ms for the client's delayed acknowledgement
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /**
     * @param tokenSeconds life of a token
     * @param memberQuota Glance's {@code image_member_quota}
     * @param secureRbac true: a reader may not share
     * @param duplicates true: equal additions at once each make a row, as on uWSGI's threads or MariaDB
     * @param keystonePort 0: any free one
     * @param glancePort 0: any free one
     * @param tls null: plain HTTP
     */
    public record Options(
            long tokenSeconds,
            int memberQuota,
            boolean secureRbac,
            boolean duplicates,
            int keystonePort,
            int glancePort,
            @Nullable SSLContext tls) {
        public static Options defaults() {
            return new Options(3600, 128, false, false, 0, 0, null);
        }

        public Options withTokenSeconds(long seconds) {
            return new Options(seconds, memberQuota, secureRbac, duplicates, keystonePort, glancePort, tls);
        }

        public Options withMemberQuota(int quota) {
            return new Options(tokenSeconds, quota, secureRbac, duplicates, keystonePort, glancePort, tls);
        }

        public Options withSecureRbac() {
            return new Options(tokenSeconds, memberQuota, true, duplicates, keystonePort, glancePort, tls);
        }

        public Options withDuplicates() {
            return new Options(tokenSeconds, memberQuota, secureRbac, true, keystonePort, glancePort, tls);
        }

        public Options withPorts(int keystone, int glance) {
            return new Options(tokenSeconds, memberQuota, secureRbac, duplicates, keystone, glance, tls);
        }

        public Options withTls(SSLContext context) {
            return new Options(tokenSeconds, memberQuota, secureRbac, duplicates, keystonePort, glancePort, context);
        }
    }

    /**
     * A call as it was answered.
     *
     * @param path as sent, encoded
     * @param projectId of the token, null if there was none
     * @param status 0 if the connection was dropped before the service saw the call
     * @param token by which it came: each process that logs in has its own
     */
    public record Call(
            String method,
            String path,
            @Nullable String query,
            @Nullable String projectId,
            int status,
            @Nullable String token) {}

    /** Is told of each call when it has been answered, before the answer is sent. */
    @FunctionalInterface
    public interface Witness {
        /**
         * @param question the request's body
         * @param answer the whole answer's body, whatever of it arrives; empty if there was none
         * @param fault what went wrong with the call, or null
         */
        void saw(Call call, String question, String answer, @Nullable Fault fault);
    }

    private final Options options;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "embedded-openstack");
        thread.setDaemon(true);
        return thread;
    });
    private final EmbeddedKeystone keystone;
    private final EmbeddedGlance glance;
    private final EmbeddedKeystoneAdmin keystoneAdmin;
    private final Listener keystoneListener;
    private final Listener glanceListener;
    private final String authUrl;
    private final Map<String, Remembered> answers = new ConcurrentHashMap<>();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Set<InetSocketAddress> glanceConnections = ConcurrentHashMap.newKeySet();
    private final Map<String, String> handTokens = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Interceptor interceptor = (method, path) -> null;
    private volatile Witness witness = (call, question, answer, fault) -> {};

    private EmbeddedOpenStack(Options options, Clock clock) throws IOException {
        this.options = options;
        this.glanceListener = new Listener(options.glancePort());
        this.keystoneListener = new Listener(options.keystonePort());
        this.keystone = new EmbeddedKeystone(options.tokenSeconds(), scheme() + glanceListener.port);
        this.authUrl = scheme() + keystoneListener.port + "/v3";
        this.glance = new EmbeddedGlance(keystone, options, scheme() + keystoneListener.port, clock);
        this.keystoneAdmin = new EmbeddedKeystoneAdmin(keystone, authUrl);
        keystone.url(authUrl);
        keystoneListener.serve(keystone::handle);
        glanceListener.serve(glance::handle);
    }

    public static EmbeddedOpenStack start() {
        return start(Options.defaults());
    }

    public static EmbeddedOpenStack start(Options options) {
        return start(options, Clock.systemUTC());
    }

    /** One whose Glance goes by this clock; tokens are of this world all the same. */
    public static EmbeddedOpenStack start(Options options, Clock clock) {
        try {
            return new EmbeddedOpenStack(options, clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends in {@code /v3}. */
    public String authUrl() {
        return authUrl;
    }

    public String imageUrl() {
        return scheme() + glanceListener.port;
    }

    /** All calls so far, of both services. What people do by hand here is not among them, and meets no fault. */
    public List<Call> requests() {
        return List.copyOf(calls);
    }

    /** By how many connections the calls to Glance came, since the start or the last {@link #clearRequests()}. */
    public int connectionsToGlance() {
        return glanceConnections.size();
    }

    public void clearRequests() {
        calls.clear();
        glanceConnections.clear();
        answers.clear();
    }

    /** From now on; {@code (method, path) -> null} ends it. */
    public void intercept(Interceptor newInterceptor) {
        interceptor = newInterceptor;
    }

    /** From now on. */
    public void witness(Witness newWitness) {
        witness = newWitness;
    }

    /** Nothing listens at {@link #authUrl} any more; Glance still takes the tokens that it knows. */
    public void stopKeystone() {
        keystoneListener.stop();
    }

    public void startKeystone() {
        keystoneListener.start();
    }

    /** Nothing listens at {@link #imageUrl} any more. */
    public void stopGlance() {
        glanceListener.stop();
    }

    public void startGlance() {
        glanceListener.start();
    }

    /** Every token ends. */
    public void revokeAllTokens() {
        keystone.revokeAll();
    }

    /** One user lends another its roles in a project; gives the trust's ID. */
    public String trust(String trustor, String trustee, String project) {
        return keystone.addTrust(trustor, trustee, project);
    }

    /** A token of a user's, for a front that logs in otherwise. */
    String tokenFor(String user) {
        return keystone.tokenFor(user);
    }

    /** Glance's answer, for a front. */
    Reply imageService(Incoming in) {
        return glance.handle(in);
    }

    /** Keystone takes a provider's access token for this user's. */
    public void federate(String accessToken, String user) {
        keystone.federate(accessToken, user);
    }

    /** Deletes the application credential of {@code producer-app}. */
    public void deleteProducerApp() {
        keystone.deleteCredential(keystone.credential("lab-producer").id());
    }

    /** A second row of a member. */
    public void duplicateMember(String imageId, String memberId) {
        glance.duplicate(imageId, memberId);
    }

    /** The members and their answers whatever the image's visibility; null if there is no such image. */
    public @Nullable Map<String, String> membersOf(String imageId) {
        return glance.membersOf(imageId);
    }

    // ------------------------------------------------------------------- server

    private String scheme() {
        return (options.tls() == null ? "http" : "https") + "://127.0.0.1:";
    }

    /** One of the two services at its port, which it keeps while it is down. */
    private final class Listener {
        final int port;
        private @Nullable HttpServer server;
        private Function<Incoming, Reply> service = in -> Reply.empty(503);

        Listener(int wantedPort) throws IOException {
            HttpServer first = bind(wantedPort);
            server = first;
            port = first.getAddress().getPort();
        }

        void serve(Function<Incoming, Reply> newService) {
            service = newService;
            listen(Objects.requireNonNull(server));
        }

        synchronized void stop() {
            HttpServer running = server;
            if (running != null) {
                running.stop(0);
                server = null;
            }
        }

        synchronized void start() {
            if (server == null) {
                try {
                    HttpServer again = bind(port);
                    server = again;
                    listen(again);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private HttpServer bind(int wantedPort) throws IOException {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wantedPort);
            HttpServer bound;
            if (options.tls() == null) {
                bound = HttpServer.create(address, 100);
            } else {
                HttpsServer https = HttpsServer.create(address, 100);
                https.setHttpsConfigurator(new HttpsConfigurator(options.tls()));
                bound = https;
            }
            bound.setExecutor(threads);
            return bound;
        }

        private void listen(HttpServer bound) {
            bound.createContext("/", exchange -> {
                try (exchange) {
                    handle(exchange, this);
                }
            });
            bound.start();
        }
    }

    /** What a read was answered, now and before that changed. */
    private record Remembered(Reply now, Reply before) {
        Remembered then(Reply next) {
            return next.body().equals(now.body()) ? this : new Remembered(next, now);
        }
    }

    private void handle(HttpExchange exchange, Listener listener) throws IOException {
        if (listener == glanceListener) {
            glanceConnections.add(exchange.getRemoteAddress());
        }
        Incoming in = new Incoming(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestURI().getRawQuery(),
                exchange.getRequestHeaders(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String tokenValue = in.headers().getFirst("X-Auth-Token");
        Token token = keystone.token(tokenValue);
        String project = token == null ? null : token.projectId();
        Fault fault = fault(in);
        if (fault instanceof Fault.TokenEnds && tokenValue != null) {
            keystone.revoke(tokenValue);
        }
        Reply reply;
        if (fault instanceof Fault.Canned canned) {
            reply = new Reply(canned.status(), canned.headers(), canned.body());
        } else if (fault instanceof Fault.Down || (fault instanceof Fault.Drop drop && !drop.carriedOut())) {
            note(in, project, 0, "", fault);
            if (fault instanceof Fault.Down) {
                listener.stop();
            }
            return;
        } else {
            reply = answer(in, project, listener.service, fault instanceof Fault.Stale);
        }
        // noted before it is answered: who has the answer finds the call
        note(in, project, reply.status(), reply.body(), fault);
        if (fault instanceof Fault.Drop) {
            return;
        }
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            int bytes = body.length;
            if (fault instanceof Fault.CutBody cut) {
                bytes = Math.min(cut.bytes(), body.length);
            } else if (fault instanceof Fault.SlowBody slow) {
                bytes = body.length / 2;
                exchange.getResponseBody().write(body, 0, bytes);
                exchange.getResponseBody().flush();
                await(slow.released());
                exchange.getResponseBody().write(body, bytes, body.length - bytes);
                return;
            }
            exchange.getResponseBody().write(body, 0, bytes);
            exchange.getResponseBody().flush();
        }
    }

    private void note(Incoming in, @Nullable String project, int status, String answer, @Nullable Fault fault) {
        Call call = new Call(
                in.method(),
                in.path(),
                in.query(),
                project,
                status,
                in.headers().getFirst("X-Auth-Token"));
        calls.add(call);
        witness.saw(call, in.body(), answer, fault);
    }

    private Reply answer(Incoming in, @Nullable String project, Function<Incoming, Reply> service, boolean stale) {
        Reply reply = service.apply(in);
        if (!in.method().equals("GET") || reply.status() != 200) {
            return reply;
        }
        Remembered remembered = answers.compute(
                project + " " + in.path() + "?" + in.query(),
                (read, known) -> known == null ? new Remembered(reply, reply) : known.then(reply));
        return stale ? remembered.before() : reply;
    }

    private void await(CountDownLatch released) throws IOException {
        try {
            while (closing.getCount() > 0 && !released.await(50, TimeUnit.MILLISECONDS)) {
                // until one of the two
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private @Nullable Fault fault(Incoming in) throws IOException {
        try {
            Fault fault = interceptor.before(in.method(), in.path());
            if (fault instanceof Fault.Hang hang) {
                await(hang.released());
                return null;
            }
            return fault;
        } catch (Exception e) {
            throw new IOException("the interceptor failed", e);
        }
    }

    // ---------------------------------------------------------------------- lab

    @Override
    public String cloudsYaml() {
        StringBuilder yaml = new StringBuilder("clouds:\n");
        yaml.append(entry("admin", "admin", "lab-admin-secret"));
        for (String name : List.of("producer", "producer-reader")) {
            yaml.append(entry(name, "images", "lab-user-secret"));
        }
        for (String name : List.of("consumer-a", "consumer-b", "stranger", "no-image")) {
            yaml.append(entry(name, name, "lab-user-secret"));
        }
        return yaml + entry("producer-app", keystone.credential("lab-producer"));
    }

    @Override
    public EmbeddedKeystoneAdmin keystone() {
        return keystoneAdmin;
    }

    private String entry(String user, String project, String password) {
        return """
                  %s:
                    region_name: RegionOne
                    identity_api_version: "3"
                    auth_type: password
                    auth:
                      auth_url: %s
                      username: %s
                      password: %s
                      project_name: %s
                      user_domain_name: Default
                      project_domain_name: Default
                """.formatted(user, authUrl, user, password, project);
    }

    private String entry(String name, Credential credential) {
        return """
                  %s:
                    region_name: RegionOne
                    identity_api_version: "3"
                    auth_type: v3applicationcredential
                    auth:
                      auth_url: %s
                      application_credential_id: %s
                      application_credential_secret: %s
                """.formatted(name, authUrl, credential.id(), credential.secret());
    }

    @Override
    public String projectId(String projectName) {
        return keystone.projectId(projectName);
    }

    @Override
    public String createImage(
            String cloud, String name, String visibility, List<String> tags, Map<String, String> properties) {
        return createImage(cloud, UUID.randomUUID(), name, visibility, tags, properties);
    }

    /** An image whose ID the caller chooses. */
    public String createImage(String cloud, UUID wantedId, String name, String visibility, List<String> tags) {
        return createImage(cloud, wantedId, name, visibility, tags, Map.of());
    }

    private String createImage(
            String cloud,
            UUID wantedId,
            String name,
            String visibility,
            List<String> tags,
            Map<String, String> properties) {
        Map<String, Object> body = new LinkedHashMap<>(properties);
        body.put("id", wantedId.toString());
        body.put("name", name);
        body.put("visibility", visibility);
        body.put("tags", tags);
        String id =
                by(cloud, "POST", "/v2/images", Reply.json(0, body).body(), 201).field("id");
        by(cloud, "PUT", "/v2/images/" + id + "/file", "x", 204);
        return id;
    }

    @Override
    public void addMember(String cloud, String imageId, String memberId) {
        by(
                cloud,
                "POST",
                members(imageId),
                Reply.json(0, Map.of("member", memberId)).body(),
                200);
    }

    @Override
    public void removeMember(String cloud, String imageId, String memberId) {
        by(cloud, "DELETE", members(imageId) + "/" + memberId, "", 204);
    }

    @Override
    public void answer(String cloud, String imageId, MemberStatus status) {
        String body = Reply.json(0, Map.of("status", status.name())).body();
        by(cloud, "PUT", members(imageId) + "/" + projectOf(cloud), body, 200);
    }

    @Override
    public Map<String, String> members(String cloud, String imageId) {
        Map<String, String> found = new TreeMap<>();
        by(cloud, "GET", members(imageId), "", 200)
                .json()
                .path("members")
                .forEach(each -> found.put(
                        each.path("member_id").asText(), each.path("status").asText()));
        return found;
    }

    @Override
    public void setVisibility(String cloud, String imageId, String visibility) {
        String patch = Reply.json(0, List.of(Map.of("op", "replace", "path", "/visibility", "value", visibility)))
                .body();
        by(cloud, "PATCH", "/v2/images/" + imageId, patch, 200);
    }

    @Override
    public void hide(String cloud, String imageId) {
        String patch = Reply.json(0, List.of(Map.of("op", "replace", "path", "/os_hidden", "value", true)))
                .body();
        by(cloud, "PATCH", "/v2/images/" + imageId, patch, 200);
    }

    @Override
    public void setProperty(String cloud, String imageId, String property, String value) {
        String patch = Reply.json(0, List.of(Map.of("op", "add", "path", "/" + property, "value", value)))
                .body();
        by(cloud, "PATCH", "/v2/images/" + imageId, patch, 200);
    }

    @Override
    public void reactivate(String imageId) {
        by("admin", "POST", "/v2/images/" + imageId + "/actions/reactivate", "", 204);
    }

    @Override
    public void deactivate(String imageId) {
        by("admin", "POST", "/v2/images/" + imageId + "/actions/deactivate", "", 204);
    }

    @Override
    public void deleteImage(String cloud, String imageId) {
        by(cloud, "DELETE", "/v2/images/" + imageId, "", 204);
    }

    /** Of the calls over HTTP; what helpers here do by hand is not among them. */
    @Override
    public Set<String> memberWrites(String imageId) {
        return calls.stream()
                .filter(call -> call.path().startsWith("/v2/images/" + imageId + "/members"))
                .filter(call -> !call.method().equals("GET"))
                .map(call -> call.projectId() + " " + call.method())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public List<String> listedImages(String cloud) {
        List<String> found = new ArrayList<>();
        by(cloud, "GET", "/v2/images?limit=1000", "", 200)
                .json()
                .path("images")
                .forEach(each -> found.add(each.path("id").asText()));
        return found;
    }

    @Override
    public void revoke(String token) {
        keystone.revoke(token);
    }

    @Override
    public String applicationCredential(List<String> accessRules) {
        List<AccessRule> rules = accessRules.stream()
                .map(rule -> rule.split(" ", 2))
                .map(rule -> new AccessRule(rule[0], rule[1]))
                .toList();
        Credential made =
                keystone.addCredential("producer", "made-" + UUID.randomUUID(), rules.isEmpty() ? null : rules);
        return "clouds:\n" + entry("credential", made);
    }

    private static String members(String imageId) {
        return "/v2/images/" + imageId + "/members";
    }

    private String projectOf(String cloud) {
        return projectId(cloud.startsWith("producer") ? "images" : cloud);
    }

    private record ByHand(Reply reply) {
        JsonNode json() {
            try {
                return Reply.JSON.readTree(reply.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String field(String name) {
            return json().path(name).asText();
        }
    }

    /** Past HTTP, the faults and the record of calls, but through the same rules. */
    private ByHand by(String cloud, String method, String path, String body, int expected) {
        String[] parts = path.split("\\?", 2);
        Headers headers = new Headers();
        String user = cloud.equals("producer-app") ? "producer" : cloud;
        headers.set(
                "X-Auth-Token",
                handTokens.compute(
                        user, (u, known) -> keystone.token(known) == null ? keystone.tokenFor(user) : known));
        Reply reply = glance.handle(new Incoming(method, parts[0], parts.length > 1 ? parts[1] : null, headers, body));
        if (reply.status() != expected) {
            throw new AssertionError(
                    cloud + ": " + method + " " + path + " answered " + reply.status() + " " + reply.body());
        }
        return new ByHand(reply);
    }

    @Override
    public void close() {
        closing.countDown();
        stopKeystone();
        stopGlance();
        threads.shutdownNow();
    }

    @Override
    public String toString() {
        return "EmbeddedOpenStack" + Arrays.asList(authUrl, imageUrl());
    }
}
