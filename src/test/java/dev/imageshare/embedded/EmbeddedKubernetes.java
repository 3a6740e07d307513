package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.imageshare.operator.ApiHttpClientFactory;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A Kubernetes API in this process, on loopback and plain HTTP, for tests and the try-out: kubectl, Fabric8's client and an
 * operator talk to it as to a cluster. It serves the kinds of {@code crds/} with their validation, defaults and print
 * columns, and Namespaces, Secrets, ConfigMaps, Events and Leases. There are no nodes, no users and no rights.
 *
 * <p>It has its own small store. Fabric8's mock has none of what makes an API server one: its watches have no history (what
 * is deleted between a list and its watch is never told), merge patches append to lists, and it knows no validation, dry
 * run, server-side apply or plain HTTP watch.
 */
public final class EmbeddedKubernetes implements AutoCloseable {

    static {
        // The JDK's server sends head and body apart; with Nagle's algorithm each answer would wait 40 ms for an ACK.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final String SPARED = "spared";

    /** How long a watch may be silent before it is sent a bookmark, which also shows whether anybody still reads it. */
    private static final long BOOKMARK_MILLIS = 10_000;

    /**
     * A request that was answered.
     *
     * @param path without the query
     * @param contentType of the request's body, or null
     */
    public record Request(String method, String path, String contentType, int status, String userAgent, String query) {}

    /** Is told of each write before it is carried out. */
    @FunctionalInterface
    public interface Witness {
        /**
         * @param path without the query
         * @param body of the request, empty if there was none
         * @param fault what goes wrong with the call, or null
         */
        void saw(String method, String path, String body, Fault fault);
    }

    private record Target(ResourceType type, String namespace, String name, boolean status) {}

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final ObjectStore store = new ObjectStore();
    private final ObjectApi api;
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "embedded-kubernetes");
        thread.setDaemon(true);
        return thread;
    });
    private final int port;
    private final AtomicInteger watchesEnded = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean away;
    private HttpServer server;
    private final Set<HttpExchange> unanswered = ConcurrentHashMap.newKeySet();
    private volatile Interceptor interceptor = (method, path) -> null;
    private volatile Witness witness = (method, path, body, fault) -> {};

    private EmbeddedKubernetes(int port, Clock clock, Function<String, UUID> uids) throws IOException {
        api = new ObjectApi(store, clock, uids);
        server = listen(port);
        this.port = server.getAddress().getPort();
        for (var crd : CrdValidator.load(Path.of("crds"))) {
            api.create(
                    ResourceType.CRDS,
                    "",
                    (ObjectNode) crd.crd(),
                    new ObjectApi.Options(false, "Ignore", "", new ArrayList<>()));
        }
    }

    /** Starts one on a port of loopback, 0 for any that is free. It runs until it is closed. */
    public static EmbeddedKubernetes start(int port) {
        return start(port, Clock.systemUTC());
    }

    /** One whose objects are stamped with this clock's time. */
    public static EmbeddedKubernetes start(int port, Clock clock) {
        return start(port, clock, object -> UUID.randomUUID());
    }

    /**
     * One whose objects are stamped with this clock's time.
     *
     * @param uids gives a new object's UID, by its kind, namespace and name
     */
    public static EmbeddedKubernetes start(int port, Clock clock, Function<String, UUID> uids) {
        try {
            var kubernetes = new EmbeddedKubernetes(port, clock, uids);
            kubernetes.server.start();
            return kubernetes;
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + ": " + e.getMessage(), e);
        }
    }

    private HttpServer listen(int wantedPort) throws IOException {
        var bound = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort), 0);
        bound.setExecutor(threads);
        bound.createContext("/", this::handle);
        return bound;
    }

    /** Where it is, such as {@code http://127.0.0.1:8001}. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** A kubeconfig for it. */
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: embedded, cluster: {server: "%s"}}]
                users: [{name: embedded, user: {}}]
                contexts: [{name: embedded, context: {cluster: embedded, user: embedded}}]
                current-context: embedded
                """.formatted(url());
    }

    /** A new client for it, to be closed by the caller. */
    public KubernetesClient client() {
        return client(config -> {});
    }

    /** A client whose requests meet no fault. */
    public KubernetesClient sparedClient() {
        return client(config -> config.withUserAgent(SPARED));
    }

    /** A client that is set up further. */
    public KubernetesClient client(Consumer<ConfigBuilder> further) {
        return client(further, new ApiHttpClientFactory(), new KubernetesSerialization());
    }

    /** A new client for it over this HTTP client and with this JSON, to be closed by the caller. */
    public KubernetesClient client(HttpClient.Factory http, KubernetesSerialization json) {
        return client(config -> {}, http, json);
    }

    private KubernetesClient client(
            Consumer<ConfigBuilder> further, HttpClient.Factory http, KubernetesSerialization json) {
        // A server in this process is back at once: what fails needn't wait for a second, and then longer and longer.
        var builder = new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withNamespace("default")
                .withWatchReconnectInterval(100)
                .withRequestRetryBackoffInterval(20);
        further.accept(builder);
        var config = builder.build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(http)
                .withKubernetesSerialization(json)
                .build();
    }

    /** The requests answered since the start or the last {@link #clearRequests()}, in order; a watch counts when it begins. */
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Forgets the requests so far. */
    public void clearRequests() {
        requests.clear();
    }

    /**
     * From now on; {@code (method, path) -> null} ends it. A watch is asked for by the method {@code WATCH}. Of the faults,
     * those that need tokens or remembered answers are not for this server.
     */
    public void intercept(Interceptor newInterceptor) {
        interceptor = newInterceptor;
    }

    /** From now on. */
    public void witness(Witness newWitness) {
        witness = newWitness;
    }

    /** From now on, the next so many requests of this method to this path are refused with this status, and no other. */
    public void refuse(String method, String path, int status, int times) {
        var left = new AtomicInteger(times);
        intercept((m, p) -> m.equals(method) && p.equals(path) && left.getAndDecrement() > 0 ? refusal(status) : null);
    }

    /** A refusal as an API server words it, with the reason that goes with the status. */
    public static Fault refusal(int status) {
        var reason = switch (status) {
            case 400 -> "BadRequest";
            case 403 -> "Forbidden";
            case 404 -> "NotFound";
            case 409 -> "Conflict";
            case 410 -> "Expired";
            case 422 -> "Invalid";
            case 429 -> "TooManyRequests";
            case 500 -> "InternalError";
            default -> "ServiceUnavailable";
        };
        return Fault.canned(
                status,
                new ApiFailure(status, reason, "refused for a test").status().toString());
    }

    /** Ends all watches that are under way, as an API server does now and then. */
    public void endWatches() {
        watchesEnded.incrementAndGet();
        store.interrupt();
    }

    /** Nothing listens any more, and all connections end. */
    public synchronized void goAway() {
        away = true;
        endWatches();
        server.stop(0);
    }

    /** Listens again at the same address, with the same objects. */
    public synchronized void comeBack() {
        if (!away) {
            return;
        }
        away = false;
        try {
            server = listen(port);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts the changes of all objects. */
    public long version() {
        return store.version();
    }

    /**
     * The objects of a kind in a namespace, past HTTP.
     *
     * @param known those that were given before, by their resourceVersion; new ones are added
     */
    public <T extends HasMetadata> List<T> objects(Class<T> kind, String namespace, Map<String, T> known) {
        return store.list(type(kind), namespace).objects().stream()
                .map(object -> known.computeIfAbsent(
                        object.at("/metadata/resourceVersion").asText(),
                        version -> serialization.convertValue(object, kind)))
                .toList();
    }

    /** Creates the object by hand: past HTTP and the faults, but through the same rules. */
    public <T extends HasMetadata> T create(Class<T> kind, T object) {
        var made = api.create(type(kind), object.getMetadata().getNamespace(), node(object), byHand());
        return serialization.convertValue(made, kind);
    }

    /** Replaces the object by hand. */
    public <T extends HasMetadata> T replace(Class<T> kind, T object) {
        var metadata = object.getMetadata();
        var made = api.update(type(kind), metadata.getNamespace(), metadata.getName(), false, node(object), byHand());
        return serialization.convertValue(made, kind);
    }

    /** Replaces the object's status by hand. */
    public <T extends HasMetadata> T replaceStatus(Class<T> kind, T object) {
        var metadata = object.getMetadata();
        var made = api.update(type(kind), metadata.getNamespace(), metadata.getName(), true, node(object), byHand());
        return serialization.convertValue(made, kind);
    }

    /** Deletes the object by hand. */
    public <T extends HasMetadata> void delete(Class<T> kind, T object) {
        var metadata = object.getMetadata();
        api.delete(type(kind), metadata.getNamespace(), metadata.getName(), ObjectApi.empty(), byHand());
    }

    private ResourceType type(Class<? extends HasMetadata> kind) {
        var version = HasMetadata.getApiVersion(kind);
        return api.type((version.contains("/") ? "/apis/" : "/api/") + version, HasMetadata.getPlural(kind))
                .orElseThrow();
    }

    private ObjectNode node(HasMetadata object) {
        return api.read(serialization.asJson(object).getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectApi.Options byHand() {
        return new ObjectApi.Options(false, "Strict", "", new ArrayList<>());
    }

    @Override
    public void close() {
        closing.countDown();
        store.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            var query = query(exchange.getRequestURI().getRawQuery());
            var body = exchange.getRequestBody().readAllBytes();
            var fault = fault(exchange, query);
            if (!exchange.getRequestMethod().equals("GET")) {
                witness.saw(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        new String(body, StandardCharsets.UTF_8),
                        fault);
            }
            if (fault instanceof Fault.Canned canned) {
                send(exchange, canned.status(), json.readTree(canned.body()));
            } else if (fault instanceof Fault.Down) {
                goAway();
            } else if (!(fault instanceof Fault.Drop drop)) {
                answer(exchange, query, body);
            } else if (drop.carriedOut()) {
                unanswered.add(exchange);
                answer(exchange, query, body);
                unanswered.remove(exchange);
            }
        } catch (IOException e) {
            // The client is gone: nobody is left to tell.
        }
    }

    private Fault fault(HttpExchange exchange, Map<String, String> query) throws IOException {
        if (SPARED.equals(exchange.getRequestHeaders().getFirst("User-Agent"))) {
            return null;
        }
        try {
            var fault = interceptor.before(
                    isTrue(query.get("watch")) ? "WATCH" : exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath());
            if (fault instanceof Fault.Hang hang) {
                while (closing.getCount() > 0 && !hang.released().await(50, TimeUnit.MILLISECONDS)) {
                    // until one of the two
                }
                return null;
            }
            return fault;
        } catch (Exception e) {
            throw new IOException("the interceptor failed", e);
        }
    }

    private void answer(HttpExchange exchange, Map<String, String> query, byte[] body) throws IOException {
        try {
            carryOut(exchange, query, body);
        } catch (ApiFailure failure) {
            send(exchange, failure.code(), failure.status());
        }
    }

    private void carryOut(HttpExchange exchange, Map<String, String> query, byte[] body) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var method = exchange.getRequestMethod();
        if (method.equals("GET")) {
            if (path.equals("/livez") || path.equals("/readyz") || path.equals("/healthz")) {
                send(exchange, 200, json.getNodeFactory().textNode("ok"));
                return;
            }
            var document = Discovery.at(path, api.types());
            if (document.isPresent()) {
                send(exchange, 200, document.get());
                return;
            }
        }
        if (method.equals("POST") && path.startsWith("/apis/authorization.k8s.io/v1/")) {
            send(exchange, 201, allowed(path));
            return;
        }
        var target = target(path);
        if (method.equals("GET")) {
            read(exchange, target, query);
        } else {
            write(exchange, target, method, body, query);
        }
    }

    private void read(HttpExchange exchange, Target target, Map<String, String> query) throws IOException {
        var type = target.type();
        var table = isTable(exchange);
        if (isTrue(query.get("watch"))) {
            if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
                // Fabric8's client takes anything but 101 as a hint to watch over plain HTTP.
                send(exchange, 200, ObjectApi.empty());
            } else {
                watch(exchange, target, query, table);
            }
            return;
        }
        ObjectNode answer;
        if (target.name() != null) {
            answer = store.get(type, target.namespace(), target.name())
                    .orElseThrow(() -> ApiFailure.notFound(type, target.name()));
            if (table) {
                answer = Tables.of(type, List.of(answer), query.getOrDefault("includeObject", ""), true);
            }
        } else {
            var snapshot = store.list(type, target.namespace());
            var selector = selector(type, query);
            var page = Page.of(snapshot.objects().stream().filter(selector).toList(), snapshot.version(), query);
            answer = table
                    ? Tables.of(type, page.objects(), query.getOrDefault("includeObject", ""), true)
                    : list(type, page.objects());
            page.describe(answer.withObject("/metadata"));
        }
        send(exchange, 200, answer);
    }

    private void write(HttpExchange exchange, Target target, String method, byte[] body, Map<String, String> query)
            throws IOException {
        var type = target.type();
        var warnings = new ArrayList<String>();
        var options = new ObjectApi.Options(
                "All".equals(query.get("dryRun")),
                query.getOrDefault("fieldValidation", "Warn"),
                query.getOrDefault("fieldManager", ""),
                warnings);
        var contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        var status = 200;
        ObjectNode answer;
        switch (method) {
            case "POST" -> {
                require(target.name() == null);
                answer = api.create(type, namespace(target), object(exchange, body), options);
                status = 201;
            }
            case "PUT" -> {
                require(target.name() != null);
                answer = api.update(
                        type, namespace(target), target.name(), target.status(), object(exchange, body), options);
            }
            case "PATCH" -> {
                require(target.name() != null);
                answer = api.patch(
                        type,
                        namespace(target),
                        target.name(),
                        target.status(),
                        contentType == null ? "" : contentType,
                        body,
                        options);
            }
            case "DELETE" -> {
                var deleteOptions = body.length > 0 && body[0] == '{' ? api.read(body) : ObjectApi.empty();
                answer = target.name() != null
                        ? api.delete(type, namespace(target), target.name(), deleteOptions, options)
                        : deleteAll(target, query, deleteOptions, options);
            }
            default -> throw ApiFailure.methodNotAllowed();
        }
        warnings.forEach(warning -> exchange.getResponseHeaders()
                .add("Warning", "299 - \"" + warning.replace("\\", "\\\\").replace("\"", "\\\"") + "\""));
        if (isTable(exchange) && answer.path("kind").asText().equals(type.kind())) {
            answer = Tables.of(type, List.of(answer), query.getOrDefault("includeObject", ""), true);
        }
        send(exchange, status, answer);
    }

    private ObjectNode deleteAll(
            Target target, Map<String, String> query, ObjectNode deleteOptions, ObjectApi.Options options) {
        var selector = selector(target.type(), query);
        var objects = store.list(target.type(), target.namespace()).objects().stream()
                .filter(selector)
                .toList();
        for (var object : objects) {
            var metadata = object.path("metadata");
            api.delete(
                    target.type(),
                    metadata.path("namespace").asText(),
                    metadata.path("name").asText(),
                    deleteOptions,
                    options);
        }
        return list(target.type(), objects);
    }

    /** Streams the changes after the version asked for, or first the present objects where none is, one JSON a line. */
    private void watch(HttpExchange exchange, Target target, Map<String, String> query, boolean table)
            throws IOException {
        var type = target.type();
        Predicate<JsonNode> selector = selector(type, query);
        Predicate<JsonNode> inScope = object -> selector.test(object)
                && (target.namespace() == null
                        || target.namespace()
                                .equals(object.at("/metadata/namespace").asText()))
                && (target.name() == null
                        || target.name().equals(object.at("/metadata/name").asText()));
        var end = System.nanoTime() + seconds(query.getOrDefault("timeoutSeconds", "1800"));
        var version = number(query.getOrDefault("resourceVersion", "0"));
        if (version > 0) {
            changes(type, version, 0); // refuses one that is too old before the answer begins
        }
        record(exchange, 200);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        var out = new WatchStream(exchange.getResponseBody(), type, table, query.getOrDefault("includeObject", ""));
        if (version == 0) {
            var snapshot = store.list(type, target.namespace());
            for (var object : snapshot.objects()) {
                if (inScope.test(object)) {
                    out.send("ADDED", object);
                }
            }
            version = snapshot.version();
            if (isTrue(query.get("sendInitialEvents"))) {
                out.bookmark(version, true);
            }
        }
        var begun = watchesEnded.get();
        var served = true;
        while (!store.isClosed() && begun == watchesEnded.get() && System.nanoTime() < end && served) {
            served = api.type(type.root(), type.plural()).isPresent();
            var wait = served ? Math.min(BOOKMARK_MILLIS, (end - System.nanoTime()) / 1_000_000 + 1) : 0;
            var changes = changes(type, version, wait);
            for (var change : changes) {
                var before = change.before() != null && inScope.test(change.before());
                var after = change.after() != null && inScope.test(change.after());
                if (after) {
                    out.send(before ? "MODIFIED" : "ADDED", change.after());
                } else if (before) {
                    out.send("DELETED", change.after() == null ? change.before() : change.after());
                }
                version = change.version();
            }
            if (changes.isEmpty() && begun == watchesEnded.get() && isTrue(query.get("allowWatchBookmarks"))) {
                out.bookmark(version, false);
            }
        }
    }

    private List<ObjectStore.Change> changes(ResourceType type, long since, long waitMillis) {
        try {
            return store.changesAfter(type, since, waitMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Splits {@code /apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>/status}, and the shorter ones. */
    private Target target(String path) {
        var parts = List.of(path.substring(1).split("/"));
        var rootLength = parts.get(0).equals("api") ? 2 : 3;
        if (parts.size() <= rootLength
                || !(parts.get(0).equals("api") || parts.get(0).equals("apis"))) {
            throw ApiFailure.noSuchPath();
        }
        var root = "/" + String.join("/", parts.subList(0, rootLength));
        var rest = parts.subList(rootLength, parts.size());
        String namespace = null;
        if (rest.size() > 2 && rest.get(0).equals("namespaces") && !rest.get(2).equals("status")) {
            namespace = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        var type = api.type(root, rest.get(0)).orElseThrow(ApiFailure::noSuchPath);
        var name = rest.size() > 1 ? rest.get(1) : null;
        var status = rest.size() == 3 && rest.get(2).equals("status") && type.hasStatus();
        if (rest.size() > 3 || (rest.size() == 3 && !status) || (namespace != null && !type.namespaced())) {
            throw ApiFailure.noSuchPath();
        }
        return new Target(type, type.namespaced() || name == null ? namespace : "", name, status);
    }

    private static String namespace(Target target) {
        if (!target.type().namespaced()) {
            return "";
        }
        require(target.namespace() != null);
        return target.namespace();
    }

    private static void require(boolean allowed) {
        if (!allowed) {
            throw ApiFailure.methodNotAllowed();
        }
    }

    private static ObjectNode list(ResourceType type, List<ObjectNode> objects) {
        var list = ObjectApi.empty().put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
        list.putObject("metadata");
        list.putArray("items").addAll(objects);
        return list;
    }

    /** Reviews of access, which leader election and {@code kubectl auth can-i} ask for: everything is allowed. */
    private static ObjectNode allowed(String path) {
        var review = ObjectApi.empty().put("apiVersion", "authorization.k8s.io/v1");
        var status = review.putObject("status");
        if (path.endsWith("/selfsubjectrulesreviews")) {
            review.put("kind", "SelfSubjectRulesReview");
            var rule = status.putArray("resourceRules").addObject();
            List.of("verbs", "apiGroups", "resources")
                    .forEach(field -> rule.putArray(field).add("*"));
            status.putArray("nonResourceRules");
            status.put("incomplete", false);
        } else {
            review.put("kind", "SelfSubjectAccessReview");
            status.put("allowed", true);
        }
        return review;
    }

    private ObjectNode object(HttpExchange exchange, byte[] body) {
        var contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        return contentType != null && contentType.contains("protobuf") ? ProtobufBody.read(body) : api.read(body);
    }

    private void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        record(exchange, status);
        if (unanswered.contains(exchange)) {
            return;
        }
        var bytes = body.isTextual() ? body.asText().getBytes(StandardCharsets.UTF_8) : json.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", body.isTextual() ? "text/plain" : "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void record(HttpExchange exchange, int status) {
        var headers = exchange.getRequestHeaders();
        var uri = exchange.getRequestURI();
        requests.add(new Request(
                exchange.getRequestMethod(),
                uri.getPath(),
                headers.getFirst("Content-Type"),
                status,
                headers.getFirst("User-Agent"),
                uri.getRawQuery()));
    }

    private static Predicate<JsonNode> selector(ResourceType type, Map<String, String> query) {
        return Selector.of(type, query.get("labelSelector"), query.get("fieldSelector"));
    }

    private static boolean isTable(HttpExchange exchange) {
        return String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()))
                .contains("as=Table");
    }

    private static boolean isTrue(String value) {
        return "true".equals(value) || "1".equals(value);
    }

    private static long number(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiFailure.badRequest("not a number: " + text);
        }
    }

    private static long seconds(String text) {
        return number(text) * 1_000_000_000L;
    }

    private static Map<String, String> query(String raw) {
        var query = new HashMap<String, String>();
        for (var pair : raw == null ? new String[0] : raw.split("&")) {
            var parts = pair.split("=", 2);
            query.put(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }
}
