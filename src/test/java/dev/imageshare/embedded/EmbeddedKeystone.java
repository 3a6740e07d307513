package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keystone v3 as far as logins and lists of projects go: users, application credentials, tokens, projects. All under one lock. */
final class EmbeddedKeystone {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final String SYSTEM = "system";
    private static final String FORBIDDEN = "You are not authorized to perform the requested action: identity:";
    private static final String UNAUTHORIZED = "The request you have made requires authentication.";

    /** @param roles by what they are in: a project's ID, {@code domain/ID} or {@link #SYSTEM} */
    record User(
            String name,
            String id,
            String password,
            @Nullable String defaultProject,
            Map<String, Set<String>> roles) {}

    record Credential(
            String id,
            String name,
            String secret,
            User user,
            String projectId,
            @Nullable List<AccessRule> accessRules) {}

    /** A path with {@code *} for one segment. */
    record AccessRule(String method, String path) {
        boolean allows(String askedMethod, String askedPath) {
            return method.equals(askedMethod) && askedPath.matches(path.replace("*", "[^/]+"));
        }
    }

    /** A user lends its roles in a project to another. */
    record Trust(String id, User trustor, User trustee, String projectId) {}

    /** @param scope what its roles are in; null: it is unscoped */
    record Token(
            String value,
            User user,
            @Nullable String scope,
            Set<String> roles,
            @Nullable Credential credential,
            Instant expires) {
        boolean admin() {
            return projectId() != null && roles.contains("admin");
        }

        @Nullable
        String projectId() {
            return scope == null || scope.equals(SYSTEM) || domainId() != null ? null : scope;
        }

        @Nullable
        String domainId() {
            return scope != null && scope.startsWith("domain/") ? scope.substring(7) : null;
        }

        /** Whether it reads everything there is, or all of its domain. */
        boolean reads() {
            return admin() || (projectId() == null && (roles.contains("reader") || roles.contains("admin")));
        }
    }

    /** Those that are made at the start, by name. */
    private final Map<String, String> projects = new LinkedHashMap<>();

    private final EmbeddedProjects directory = new EmbeddedProjects();
    private final Map<String, User> users = new LinkedHashMap<>();
    private final Map<String, Credential> credentials = new HashMap<>();
    private final Map<String, Trust> trusts = new HashMap<>();
    private final Map<String, User> accessTokens = new HashMap<>();
    private final Map<String, Token> tokens = new HashMap<>();
    private final AtomicInteger tokenNumber = new AtomicInteger();
    private final long tokenSeconds;
    private final String imageUrl;
    private String url = "";

    EmbeddedKeystone(long tokenSeconds, String imageUrl) {
        this.tokenSeconds = tokenSeconds;
        this.imageUrl = imageUrl;
        for (String project :
                List.of("admin", "service", "images", "consumer-a", "consumer-b", "stranger", "no-image")) {
            // the same in each run, so that what orders them does so too
            projects.put(
                    project,
                    UUID.nameUUIDFromBytes(project.getBytes(StandardCharsets.UTF_8))
                            .toString()
                            .replace("-", ""));
            directory.put(
                    new EmbeddedProjects.Project(projects.get(project), project, "default", null, true, List.of()));
        }
        user("admin", "lab-admin-secret", "admin", null, "admin", "member", "reader");
        user("producer", "lab-user-secret", "images", "images", "member", "reader");
        user("producer-reader", "lab-user-secret", "images", "images", "reader");
        for (String each : List.of("consumer-a", "consumer-b", "stranger", "no-image")) {
            user(each, "lab-user-secret", each, each, "member", "reader");
        }
        addCredential("producer", "lab-producer", null);
    }

    /** What an administrator does with domains, projects and readers, each at a time. */
    synchronized <T> T administer(Function<EmbeddedProjects, T> task) {
        return task.apply(directory);
    }

    /** A user with one role, in a project, a domain ({@code domain/ID}) or the system. */
    synchronized User addUser(String name, String password, String scope, String role) {
        User made = new User(name, hex(), password, null, new HashMap<>(Map.of(scope, Set.of(role))));
        users.put(name, made);
        return made;
    }

    synchronized void takeRoles(String user) {
        User its = users.get(user);
        its.roles().clear();
        tokens.values().removeIf(token -> token.user() == its);
        credentials.values().removeIf(each -> each.user() == its);
    }

    synchronized void url(String authUrl) {
        this.url = authUrl;
    }

    private void user(String name, String password, String project, @Nullable String home, String... roles) {
        users.put(
                name,
                new User(
                        name,
                        hex(),
                        password,
                        home == null ? null : projects.get(home),
                        Map.of(projects.get(project), Set.of(roles))));
    }

    synchronized Credential addCredential(String userName, String name, @Nullable List<AccessRule> rules) {
        User user = users.get(userName);
        String project = user.roles().keySet().iterator().next();
        Credential made = new Credential(hex(), name, "secret-" + hex() + hex(), user, project, rules);
        credentials.put(made.id(), made);
        return made;
    }

    synchronized Credential credential(String name) {
        return credentials.values().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    synchronized String addTrust(String trustor, String trustee, String project) {
        Trust made = new Trust(hex(), users.get(trustor), users.get(trustee), projectId(project));
        trusts.put(made.id(), made);
        return made.id();
    }

    synchronized void federate(String accessToken, String user) {
        accessTokens.put(accessToken, users.get(user));
    }

    /** As {@code keystoneauth1.identity.v3.oidc} asks: unscoped, with the provider's token. */
    private synchronized Reply federated(Incoming in) {
        String given = String.valueOf(in.headers().getFirst("Authorization"));
        User user = given.startsWith("Bearer ") ? accessTokens.get(given.substring(7)) : null;
        return user == null ? unauthorized(UNAUTHORIZED) : grant(user, null, null, end(), "openid");
    }

    synchronized void deleteCredential(String id) {
        credentials.remove(id);
        tokens.values()
                .removeIf(each ->
                        each.credential() != null && each.credential().id().equals(id));
    }

    synchronized @Nullable Token token(@Nullable String value) {
        Token token = value == null ? null : tokens.get(value);
        return token == null || !token.expires().isAfter(Instant.now()) ? null : token;
    }

    /** A token for a person of that name, in the one project that the user has a role in. */
    synchronized String tokenFor(String userName) {
        User user = users.get(userName);
        if (user == null) {
            throw new AssertionError("no user " + userName);
        }
        String project = user.roles().keySet().iterator().next();
        return grant(user, project, null, end(), "password").headers().get("X-Subject-Token");
    }

    synchronized void revoke(String value) {
        tokens.remove(value);
    }

    synchronized void revokeAll() {
        tokens.clear();
    }

    synchronized String projectId(String name) {
        String id = projects.get(name);
        if (id == null) {
            throw new AssertionError("no project " + name);
        }
        return id;
    }

    synchronized Reply handle(Incoming in) {
        return answer(in).with("Vary", "X-Auth-Token").with("x-openstack-request-id", "req-" + UUID.randomUUID());
    }

    private Reply answer(Incoming in) {
        List<String> path = in.segments();
        if (path.equals(List.of(""))) {
            return Reply.json(300, Map.of("versions", Map.of("values", List.of(version()))))
                    .with("Location", url + "/");
        }
        if (path.equals(List.of("v3")) || path.equals(List.of("v3", ""))) {
            return Reply.json(200, Map.of("version", version()));
        }
        if (path.equals(List.of("healthcheck"))) {
            return Reply.empty(200);
        }
        if (path.equals(List.of("v3", "auth", "tokens"))) {
            return switch (in.method()) {
                case "POST" -> login(in);
                case "DELETE" -> revoke(in);
                default -> Reply.keystoneError(405, "The method is not allowed for the requested URL.");
            };
        }
        if (path.equals(List.of("v3", "OS-FEDERATION", "identity_providers", "acme", "protocols", "openid", "auth"))) {
            return federated(in);
        }
        if (path.size() >= 2 && path.get(0).equals("v3") && in.method().equals("GET")) {
            Token token = token(in.headers().getFirst("X-Auth-Token"));
            if (path.get(1).equals("projects") || path.equals(List.of("v3", "auth", "projects"))) {
                return token == null ? unauthorized(UNAUTHORIZED) : projects(in, token);
            }
        }
        return new Reply(
                404,
                Map.of("Content-Type", "text/html; charset=utf-8"),
                "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was"
                        + " not found on the server. If you entered the URL manually please check your spelling and try"
                        + " again.</p>\n");
    }

    private Reply projects(Incoming in, Token token) {
        List<String> path = in.segments();
        if (path.get(1).equals("auth")) {
            return directory.assigned(token.user().roles().keySet(), url);
        }
        if (path.size() == 2) {
            return token.reads()
                    ? directory.list(in, token.domainId(), url)
                    : Reply.keystoneError(403, FORBIDDEN + "list_projects.");
        }
        if (path.size() != 3) {
            return Reply.keystoneError(404, "Not found.");
        }
        EmbeddedProjects.Project project = directory.get(path.get(2));
        boolean isOwn = project != null
                && (project.id().equals(token.projectId())
                        || (token.reads() && project.domainId().equals(token.domainId())));
        boolean readsAll = token.reads() && token.domainId() == null;
        if (!isOwn && !readsAll) {
            // the openstack command then takes what it was given for an ID
            return Reply.keystoneError(403, FORBIDDEN + "get_project.");
        }
        return project == null
                ? Reply.keystoneError(404, "Could not find project: " + path.get(2) + ".")
                : directory.show(project, in.parameters().containsKey("subtree_as_ids"));
    }

    /** With the link that the openstack command follows. */
    private Map<String, Object> version() {
        return Map.of("id", "v3.14", "status", "stable", "links", List.of(Map.of("rel", "self", "href", url + "/")));
    }

    private Reply revoke(Incoming in) {
        if (token(in.headers().getFirst("X-Auth-Token")) == null) {
            return unauthorized(UNAUTHORIZED);
        }
        Token subject = token(in.headers().getFirst("X-Subject-Token"));
        if (subject == null) {
            return Reply.keystoneError(404, "Could not recognize Fernet token");
        }
        tokens.remove(subject.value());
        return Reply.empty(204);
    }

    private Reply login(Incoming in) {
        JsonNode auth;
        try {
            JsonNode body = Reply.JSON.readTree(in.body());
            if (!body.path("auth").isObject()) {
                return Reply.keystoneError(
                        400,
                        "Expecting to find auth in request body. The server could not comply with the request since it is"
                                + " either malformed or otherwise incorrect. The client is assumed to be in error.");
            }
            auth = body.path("auth");
        } catch (IOException e) {
            return Reply.keystoneError(400, "Expecting to find valid JSON in request body.");
        }
        JsonNode identity = auth.path("identity");
        return switch (identity.path("methods").path(0).asText()) {
            case "password" ->
                withoutCatalog(in, password(auth, identity.path("password").path("user")));
            case "application_credential" ->
                withoutCatalog(in, credential(auth, identity.path("application_credential")));
            case "token" -> {
                Token token = token(identity.path("token").path("id").asText());
                yield token == null
                        ? unauthorized(UNAUTHORIZED)
                        : withoutCatalog(
                                in,
                                scoped(
                                        auth,
                                        token.user(),
                                        token.scope(),
                                        token.credential(),
                                        token.expires(),
                                        "token"));
            }
            default -> unauthorized("Attempted to authenticate with an unsupported method.");
        };
    }

    /** If it is asked for so. */
    private static Reply withoutCatalog(Incoming in, Reply reply) {
        if (!in.parameters().containsKey("nocatalog") || reply.status() != 201) {
            return reply;
        }
        try {
            ObjectNode body = (ObjectNode) Reply.JSON.readTree(reply.body());
            ((ObjectNode) body.path("token")).remove("catalog");
            return new Reply(reply.status(), reply.headers(), body.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply password(JsonNode auth, JsonNode given) {
        User user = user(given);
        if (user == null || !user.password().equals(given.path("password").asText())) {
            return unauthorized(UNAUTHORIZED);
        }
        return scoped(auth, user, user.defaultProject(), null, end(), "password");
    }

    private Reply credential(JsonNode auth, JsonNode given) {
        Credential credential;
        if (given.has("id")) {
            credential = credentials.get(given.path("id").asText());
            if (credential == null) {
                return Reply.keystoneError(
                        404,
                        "Could not find Application Credential: "
                                + given.path("id").asText() + ".");
            }
        } else {
            User user = user(given.path("user"));
            credential = credentials.values().stream()
                    .filter(each -> each.user() == user
                            && each.name().equals(given.path("name").asText()))
                    .findFirst()
                    .orElse(null);
            if (credential == null) {
                return unauthorized(UNAUTHORIZED);
            }
        }
        if (!credential.secret().equals(given.path("secret").asText())) {
            return unauthorized(UNAUTHORIZED);
        }
        if (auth.has("scope")) {
            return unauthorized(
                    "Error authenticating with application credential: Application credentials cannot request a"
                            + " scope.");
        }
        return grant(credential.user(), credential.projectId(), credential, end(), "application_credential");
    }

    private @Nullable User user(JsonNode given) {
        for (User user : users.values()) {
            JsonNode domain = given.path("domain");
            boolean inDefault = domain.path("id").asText().equals("default")
                    || domain.path("name").asText().equals("Default");
            if (given.has("id")
                    ? user.id().equals(given.path("id").asText())
                    : inDefault && user.name().equals(given.path("name").asText())) {
                return user;
            }
        }
        return null;
    }

    private Reply scoped(
            JsonNode auth,
            User user,
            @Nullable String fallback,
            @Nullable Credential credential,
            Instant end,
            String how) {
        JsonNode scope = auth.path("scope");
        if (scope.asText().equals("unscoped")) {
            return grant(user, null, credential, end, how);
        }
        if (scope.path("OS-TRUST:trust").isObject()) {
            Trust trust = trusts.get(scope.path("OS-TRUST:trust").path("id").asText());
            return trust == null || trust.trustee() != user
                    ? unauthorized(UNAUTHORIZED)
                    : grant(trust.trustor(), trust.projectId(), credential, end, how, trust);
        }
        String wanted = scope.isObject() ? scope(scope) : fallback;
        if ((wanted == null && scope.isObject())
                || (wanted != null && !user.roles().containsKey(wanted))) {
            return unauthorized(UNAUTHORIZED);
        }
        return grant(user, wanted, credential, end, how);
    }

    /** Null for none that there is. */
    private @Nullable String scope(JsonNode asked) {
        if (asked.path("system").path("all").asBoolean()) {
            return SYSTEM;
        }
        if (asked.path("domain").isObject()) {
            JsonNode domain = asked.path("domain");
            String id = domain.has("id")
                    ? domain.path("id").asText()
                    : directory.domainId(domain.path("name").asText());
            return id == null ? null : "domain/" + id;
        }
        JsonNode given = asked.path("project");
        JsonNode domain = given.path("domain");
        boolean inDefault = domain.path("id").asText().equals("default")
                || domain.path("name").asText().equals("Default");
        return given.has("id")
                ? given.path("id").asText()
                : inDefault ? projects.get(given.path("name").asText()) : null;
    }

    private Instant end() {
        return Instant.now().plusSeconds(tokenSeconds);
    }

    private Reply grant(User user, @Nullable String scope, @Nullable Credential credential, Instant end, String how) {
        return grant(user, scope, credential, end, how, null);
    }

    private Reply grant(
            User user,
            @Nullable String scope,
            @Nullable Credential credential,
            Instant end,
            String how,
            @Nullable Trust trust) {
        Set<String> roles = scope == null ? Set.of() : user.roles().get(scope);
        // as long as a Fernet token, and never the same twice
        String value = "gAAAAA" + tokenNumber.incrementAndGet() + "-"
                + (hex() + hex() + hex() + hex() + hex()).substring(0, 150);
        Token made = new Token(value, user, scope, roles, credential, end);
        tokens.put(value, made);
        Map<String, Object> domain = Map.of("id", "default", "name", "Default");
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("methods", List.of(how));
        token.put("user", Map.of("domain", domain, "id", user.id(), "name", user.name()));
        token.put("audit_ids", List.of(hex().substring(0, 22)));
        token.put("expires_at", TIME.format(end));
        token.put("issued_at", TIME.format(Instant.now()));
        String name = "";
        EmbeddedProjects.Project project = made.projectId() == null ? null : directory.get(made.projectId());
        String domainId = made.domainId();
        if (project != null) {
            name = project.name();
            String its = project.domainId();
            token.put(
                    "project",
                    Map.of(
                            "domain",
                            Map.of("id", its, "name", String.valueOf(directory.domainName(its))),
                            "id",
                            project.id(),
                            "name",
                            name));
            token.put("is_domain", false);
        } else if (domainId != null) {
            token.put("domain", Map.of("id", domainId, "name", String.valueOf(directory.domainName(domainId))));
        } else if (scope != null) {
            token.put("system", Map.of("all", true));
        }
        if (scope != null) {
            token.put(
                    "roles",
                    roles.stream().map(each -> Map.of("id", each, "name", each)).toList());
            token.put("catalog", catalog(name));
        }
        if (credential != null) {
            token.put(
                    "application_credential",
                    Map.of("id", credential.id(), "name", credential.name(), "restricted", true));
        }
        if (trust != null) {
            token.put(
                    "OS-TRUST:trust",
                    Map.of(
                            "id", trust.id(),
                            "impersonation", true,
                            "trustor_user", Map.of("id", trust.trustor().id()),
                            "trustee_user", Map.of("id", trust.trustee().id())));
        }
        return Reply.json(201, Map.of("token", token)).with("X-Subject-Token", value);
    }

    private List<Object> catalog(String project) {
        List<Object> catalog = new ArrayList<>();
        catalog.add(service("identity", "keystone", url));
        if (!project.equals("no-image")) {
            catalog.add(service("image", "glance", imageUrl));
        }
        return catalog;
    }

    private static Map<String, Object> service(String type, String name, String url) {
        List<Object> endpoints = new ArrayList<>();
        for (String each : List.of("public", "internal", "admin")) {
            endpoints.add(Map.of(
                    "id", hex(), "interface", each, "region_id", "RegionOne", "region", "RegionOne", "url", url));
        }
        return Map.of("endpoints", endpoints, "id", hex(), "type", type, "name", name);
    }

    private Reply unauthorized(String message) {
        return Reply.keystoneError(401, message).with("WWW-Authenticate", "Keystone uri=\"" + url + "\"");
    }

    private static String hex() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
