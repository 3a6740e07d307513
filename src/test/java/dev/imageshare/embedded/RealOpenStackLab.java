package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.openstack.MemberStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The real Keystone and Glance that {@code src/test/openstack/openstack-lab.sh} has started. It talks to them by itself,
 * not through the product's client, and deletes at the end what it made.
 */
public final class RealOpenStackLab implements OpenStackLab {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The lab's SQLite refuses a write that began as a read when somebody wrote meanwhile: Glance answers 500 then. */
    private static final int ATTEMPTS = 5;

    private static final String PATCH = "application/openstack-images-v2.1-json-patch";

    private final Path root;
    private final String yaml;
    private final JsonNode clouds;
    private final JsonNode ids;
    private final OkHttpClient http = new OkHttpClient.Builder()
            .callTimeout(60, TimeUnit.SECONDS)
            .readTimeout(60, TimeUnit.SECONDS)
            .build();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private @Nullable KeystoneAdmin keystoneAdmin;
    /** What ends that which was made, newest first. */
    private final ConcurrentLinkedDeque<Runnable> undo = new ConcurrentLinkedDeque<>();

    private record Result(int status, String body, @Nullable String token) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The lab of {@code openstack-lab.sh start}, or the one under {@code $IMAGESHARE_LAB_ROOT}. */
    public static RealOpenStackLab standard() {
        return new RealOpenStackLab(root("IMAGESHARE_LAB_ROOT", "openstack-lab"));
    }

    /** The lab of {@code openstack-lab.sh start strict}, or the one under {@code $IMAGESHARE_LAB_STRICT_ROOT}. */
    public static RealOpenStackLab strict() {
        return new RealOpenStackLab(root("IMAGESHARE_LAB_STRICT_ROOT", "openstack-lab-strict"));
    }

    private static Path root(String variable, String name) {
        String given = System.getenv(variable);
        return given == null ? Path.of(System.getProperty("user.home"), ".cache", name) : Path.of(given);
    }

    private RealOpenStackLab(Path root) {
        this.root = root;
        try {
            yaml = Files.readString(root.resolve("clouds.yaml"));
            clouds = new YAMLMapper().readTree(yaml).path("clouds");
            ids = JSON.readTree(Files.readString(root.resolve("ids.json")));
        } catch (IOException e) {
            throw new UncheckedIOException("no lab in " + root + ": start it with openstack-lab.sh", e);
        }
    }

    @Override
    public String cloudsYaml() {
        return yaml;
    }

    @Override
    public int glanceVersion() {
        return version("glance");
    }

    @Override
    public synchronized KeystoneAdmin keystone() {
        if (keystoneAdmin == null) {
            keystoneAdmin = new RealKeystoneAdmin(
                    this::keystone, root, ids.path("auth_url").asText(), version("keystone"), undo::addFirst);
        }
        return keystoneAdmin;
    }

    private @Nullable JsonNode keystone(@Nullable Object login, String method, String path, @Nullable Object body) {
        String by = login == null
                ? token("admin")
                : String.valueOf(send(
                                "POST",
                                keystoneUrl("/auth/tokens"),
                                null,
                                text(Map.of("auth", login)),
                                "application/json",
                                null)
                        .token());
        String text = body == null ? null : text(body);
        // a write that Keystone's SQLite refuses ends the connection, or is a 500; one that was carried out may end so
        // too
        Result result = keystone(by, method, path, text);
        for (int attempt = 1; (result == null || result.status() == 500) && attempt < ATTEMPTS; attempt++) {
            result = keystone(by, method, path, text);
            if (result != null && result.status() == 404 && method.equals("DELETE")) {
                return null;
            }
        }
        if (result != null && result.status() == 409 && method.equals("POST")) {
            return made(by, path, Objects.requireNonNull(body));
        }
        if (result == null || result.status() >= 300) {
            throw new AssertionError(method + " " + path + ": " + result);
        }
        return result.body().isEmpty() ? null : result.json();
    }

    /** Null if the connection ended. */
    private @Nullable Result keystone(String token, String method, String path, @Nullable String body) {
        try {
            return send(method, keystoneUrl(path), token, body, "application/json", null);
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    /** What an earlier try of the same POST made, since the names are our own; an empty object if there is none of it. */
    private JsonNode made(String token, String path, Object body) {
        JsonNode all = JSON.valueToTree(body);
        String kind = all.fieldNames().next();
        JsonNode wanted = all.path(kind);
        String byName = path + "?name=" + wanted.path("name").asText();
        Result found = expect(send("GET", keystoneUrl(byName), token, null, null, null), 200, byName);
        for (JsonNode each : found.json().path(kind + "s")) {
            if (!wanted.has("domain_id") || wanted.path("domain_id").equals(each.path("domain_id"))) {
                return JSON.createObjectNode().set(kind, each);
            }
        }
        return JSON.createObjectNode();
    }

    /** Of Debian's package, such as 2:30.0.0-3. */
    private int version(String service) {
        var version = Pattern.compile("(?:\\d+:)?(\\d+)\\..*")
                .matcher(ids.path(service).asText());
        if (!version.matches()) {
            throw new IllegalStateException(
                    "start the lab in " + root + " anew: it doesn't say which " + service + " it has");
        }
        return Integer.parseInt(version.group(1));
    }

    @Override
    public String projectId(String projectName) {
        return ids.path("projects").path(projectName).asText();
    }

    @Override
    public String createImage(
            String cloud, String name, String visibility, List<String> tags, Map<String, String> properties) {
        Map<String, Object> image = new LinkedHashMap<>(properties);
        image.put("name", name);
        image.put("visibility", visibility);
        image.put("tags", tags);
        image.put("disk_format", "raw");
        image.put("container_format", "bare");
        for (int attempt = 1; ; attempt++) {
            String id = glance(cloud, "POST", "/v2/images", text(image), 201)
                    .json()
                    .path("id")
                    .asText();
            Runnable delete = () -> send("DELETE", imageUrl("/v2/images/" + id), token(cloud), null, null, null);
            Result upload = send(
                    "PUT", imageUrl("/v2/images/" + id + "/file"), token(cloud), "x", "application/octet-stream", null);
            if (upload.status() != 500 || attempt == ATTEMPTS) {
                undo.addFirst(delete);
                expect(upload, 204, "upload");
                return id;
            }
            delete.run(); // what is left of it can be of any status
        }
    }

    @Override
    public void addMember(String cloud, String imageId, String memberId) {
        glance(cloud, "POST", members(imageId), text(Map.of("member", memberId)), 200);
    }

    @Override
    public void removeMember(String cloud, String imageId, String memberId) {
        glance(cloud, "DELETE", members(imageId) + "/" + memberId, null, 204);
    }

    @Override
    public void answer(String cloud, String imageId, MemberStatus status) {
        String project = projectId(cloud.startsWith("producer") ? "images" : cloud);
        glance(cloud, "PUT", members(imageId) + "/" + project, text(Map.of("status", status.name())), 200);
    }

    @Override
    public Map<String, String> members(String cloud, String imageId) {
        Map<String, String> found = new TreeMap<>();
        glance(cloud, "GET", members(imageId), null, 200)
                .json()
                .path("members")
                .forEach(each -> found.put(
                        each.path("member_id").asText(), each.path("status").asText()));
        return found;
    }

    @Override
    public void setVisibility(String cloud, String imageId, String visibility) {
        String patch = text(List.of(Map.of("op", "replace", "path", "/visibility", "value", visibility)));
        expect(
                send("PATCH", imageUrl("/v2/images/" + imageId), token(cloud), patch, PATCH, null),
                200,
                "set " + visibility);
    }

    @Override
    public void hide(String cloud, String imageId) {
        String patch = text(List.of(Map.of("op", "replace", "path", "/os_hidden", "value", true)));
        expect(send("PATCH", imageUrl("/v2/images/" + imageId), token(cloud), patch, PATCH, null), 200, "hide");
    }

    @Override
    public void setProperty(String cloud, String imageId, String property, String value) {
        String patch = text(List.of(Map.of("op", "add", "path", "/" + property, "value", value)));
        expect(
                send("PATCH", imageUrl("/v2/images/" + imageId), token(cloud), patch, PATCH, null),
                200,
                "set " + property);
    }

    @Override
    public void reactivate(String imageId) {
        glance("admin", "POST", "/v2/images/" + imageId + "/actions/reactivate", null, 204);
    }

    @Override
    public void deactivate(String imageId) {
        glance("admin", "POST", "/v2/images/" + imageId + "/actions/deactivate", null, 204);
    }

    @Override
    public void deleteImage(String cloud, String imageId) {
        glance(cloud, "DELETE", "/v2/images/" + imageId, null, 204);
    }

    /**
     * A line of Glance's access log.
     *
     * @param at when it was answered; under uWSGI, when it was asked
     * @param projectId of the token
     */
    public record Access(Instant at, String projectId, String method, String path, int status) {}

    /** The two forms: of Glance's own server, and of uWSGI as openstack-lab.sh sets it up. */
    private static final Pattern EVENTLET = Pattern.compile(
            "^(\\S+ \\S+) .*\\[\\S+ req-\\S+ \\S+ (\\S+) .*\"([A-Z]+) (/v2/images/\\S+) HTTP/1.1\" (\\d+)");

    private static final Pattern UWSGI =
            Pattern.compile("^(\\d+) (\\S+) \"([A-Z]+) (/v2/images/\\S+) HTTP/1.1\" (\\d+)");

    /** The calls so far that are about an image's members, in the order of the log. */
    public List<Access> memberAccesses(String imageId) {
        var members = members(imageId);
        var accesses = new ArrayList<Access>();
        try (var logs = Files.newDirectoryStream(root.resolve("log"), "glance*.log")) {
            for (Path log : logs) {
                try (var lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
                    lines.filter(line -> line.contains(members))
                            .map(RealOpenStackLab::access)
                            .flatMap(Optional::stream)
                            .filter(access -> access.path().startsWith(members))
                            .forEach(accesses::add);
                }
            }
            return accesses;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The writes so far to the members of these images, in the order of the log; read at once, since logs are long. */
    public List<Access> memberWriteAccesses(Set<String> imageIds) {
        var writes = new ArrayList<Access>();
        try (var logs = Files.newDirectoryStream(root.resolve("log"), "glance*.log")) {
            for (Path log : logs) {
                try (var lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
                    lines.filter(line -> line.contains("/members") && !line.contains("\"GET "))
                            .map(RealOpenStackLab::access)
                            .flatMap(Optional::stream)
                            .filter(access -> imageIds.contains(access.path().split("/")[3]))
                            .forEach(writes::add);
                }
            }
            return writes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Access> access(String line) {
        var own = EVENTLET.matcher(line);
        if (own.find()) {
            var at = LocalDateTime.parse(own.group(1).replace(' ', 'T'))
                    .atZone(ZoneId.systemDefault())
                    .toInstant();
            return Optional.of(access(at, own));
        }
        var uwsgi = UWSGI.matcher(line);
        return uwsgi.find()
                ? Optional.of(access(Instant.ofEpochMilli(Long.parseLong(uwsgi.group(1))), uwsgi))
                : Optional.empty();
    }

    private static Access access(Instant at, MatchResult line) {
        return new Access(at, line.group(2), line.group(3), line.group(4), Integer.parseInt(line.group(5)));
    }

    /** How many requests changed this image's members so far, by anybody, as Glance's access log has it. */
    public long memberWriteCount(String imageId) {
        return memberAccesses(imageId).stream()
                .filter(access -> !access.method().equals("GET"))
                .count();
    }

    @Override
    public Set<String> memberWrites(String imageId) {
        return memberAccesses(imageId).stream()
                .filter(access -> !access.method().equals("GET"))
                .map(access -> access.projectId() + " " + access.method())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public List<String> listedImages(String cloud) {
        List<String> found = new ArrayList<>();
        glance(cloud, "GET", "/v2/images?limit=1000", null, 200)
                .json()
                .path("images")
                .forEach(each -> found.add(each.path("id").asText()));
        return found;
    }

    @Override
    public void revoke(String token) {
        expect(send("DELETE", keystoneUrl("/auth/tokens"), token("admin"), null, null, token), 204, "revoke");
    }

    @Override
    public String applicationCredential(List<String> accessRules) {
        List<Map<String, String>> rules = accessRules.stream()
                .map(rule -> rule.split(" ", 2))
                .map(rule -> Map.of("service", "image", "method", rule[0], "path", rule[1]))
                .toList();
        Map<String, Object> wanted = new TreeMap<>(Map.of("name", "made-" + UUID.randomUUID()));
        if (!rules.isEmpty()) {
            wanted.put("access_rules", rules);
        }
        String path = "/users/" + ids.path("users").path("producer").asText() + "/application_credentials";
        JsonNode made = expect(
                        send(
                                "POST",
                                keystoneUrl(path),
                                token("producer"),
                                text(Map.of("application_credential", wanted)),
                                "application/json",
                                null),
                        201,
                        "application credential")
                .json()
                .path("application_credential");
        String own = path + "/" + made.path("id").asText();
        undo.addFirst(() -> send("DELETE", keystoneUrl(own), token("producer"), null, null, null));
        return """
                clouds:
                  credential:
                    region_name: RegionOne
                    auth_type: v3applicationcredential
                    auth:
                      auth_url: %s
                      application_credential_id: %s
                      application_credential_secret: %s
                """.formatted(
                        ids.path("auth_url").asText(),
                        made.path("id").asText(),
                        made.path("secret").asText());
    }

    @Override
    public void close() {
        undo.forEach(Runnable::run);
        undo.clear();
        http.connectionPool().evictAll();
        http.dispatcher().executorService().shutdown();
    }

    private String token(String cloud) {
        return tokens.computeIfAbsent(cloud, name -> {
            JsonNode auth = clouds.path(name).path("auth");
            Object body;
            if (auth.has("application_credential_id")) {
                body = Map.of(
                        "identity",
                        Map.of(
                                "methods",
                                List.of("application_credential"),
                                "application_credential",
                                Map.of(
                                        "id",
                                                auth.path("application_credential_id")
                                                        .asText(),
                                        "secret",
                                                auth.path("application_credential_secret")
                                                        .asText())));
            } else {
                Map<String, String> domain = Map.of("name", "Default");
                Map<String, Object> user = Map.of(
                        "name", auth.path("username").asText(),
                        "domain", domain,
                        "password", auth.path("password").asText());
                body = Map.of(
                        "identity",
                        Map.of("methods", List.of("password"), "password", Map.of("user", user)),
                        "scope",
                        Map.of(
                                "project",
                                Map.of("name", auth.path("project_name").asText(), "domain", domain)));
            }
            Result login = expect(
                    send(
                            "POST",
                            keystoneUrl("/auth/tokens"),
                            null,
                            text(Map.of("auth", body)),
                            "application/json",
                            null),
                    201,
                    "login of " + name);
            return login.token() == null ? "" : login.token();
        });
    }

    private Result glance(String cloud, String method, String path, @Nullable String body, int expected) {
        Result result;
        int attempt = 0;
        do {
            result = send(method, imageUrl(path), token(cloud), body, "application/json", null);
        } while (result.status() == 500 && ++attempt < ATTEMPTS);
        return expect(result, expected, cloud + ": " + method + " " + path);
    }

    private static Result expect(Result result, int expected, String what) {
        if (result.status() != expected) {
            throw new AssertionError(what + " answered " + result.status() + " " + result.body());
        }
        return result;
    }

    private Result send(
            String method,
            HttpUrl url,
            @Nullable String token,
            @Nullable String body,
            @Nullable String type,
            @Nullable String subject) {
        boolean needsBody = body != null || method.equals("POST") || method.equals("PUT");
        RequestBody content = needsBody
                ? RequestBody.create(
                        (body == null ? "" : body).getBytes(StandardCharsets.UTF_8),
                        MediaType.get(type == null ? "application/json" : type))
                : null;
        Request.Builder request =
                new Request.Builder().url(url).method(method, content).header("Accept", "application/json");
        if (token != null) {
            request.header("X-Auth-Token", token);
        }
        if (subject != null) {
            request.header("X-Subject-Token", subject);
        }
        try (Response response = http.newCall(request.build()).execute()) {
            return new Result(response.code(), response.body().string(), response.header("X-Subject-Token"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpUrl imageUrl(String path) {
        return HttpUrl.get(ids.path("image_url").asText() + path);
    }

    private HttpUrl keystoneUrl(String path) {
        return HttpUrl.get(ids.path("auth_url").asText() + path);
    }

    private static String members(String imageId) {
        return "/v2/images/" + imageId + "/members";
    }

    private static String text(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
