package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The administrator of the real Keystone that {@code openstack-lab.sh} has started. What it makes is deleted at the end. */
final class RealKeystoneAdmin implements KeystoneAdmin {
    private static final String PASSWORD = "lab-user-secret";
    /** Makes and deletes projects by the thousand, which takes Keystone a minute. */
    private static final Path SCRIPT = Path.of("src", "test", "openstack", "projects.py");

    private final Calls calls;
    private final Path database;
    private final String authUrl;
    private final int release;
    private final Consumer<Runnable> undo;
    private final Map<String, String> roles = new HashMap<>();
    /** What takes a role from the user of a clouds.yaml. */
    private final Map<String, String> assignments = new HashMap<>();

    /** Calls Keystone. */
    @FunctionalInterface
    interface Calls {
        /**
         * As the administrator, or as a new user.
         *
         * @param login the body of that user's login; null for the administrator
         * @return null if the answer has no body
         */
        @Nullable
        JsonNode call(@Nullable Object login, String method, String path, @Nullable Object body);
    }

    RealKeystoneAdmin(Calls calls, Path root, String authUrl, int release, Consumer<Runnable> undo) {
        this.calls = calls;
        this.database = root.resolve("keystone").resolve("keystone.db");
        this.authUrl = authUrl;
        this.release = release;
        this.undo = undo;
        Objects.requireNonNull(admin("GET", "/roles", null))
                .path("roles")
                .forEach(role ->
                        roles.put(role.path("name").asText(), role.path("id").asText()));
    }

    private @Nullable JsonNode admin(String method, String path, @Nullable Object body) {
        return calls.call(null, method, path, body);
    }

    private String create(String path, String kind, Map<String, Object> body) {
        String id = Objects.requireNonNull(admin("POST", path, Map.of(kind, body)))
                .path(kind)
                .path("id")
                .asText();
        if (id.isEmpty()) {
            throw new AssertionError("Keystone made no " + kind + " " + body);
        }
        return id;
    }

    @Override
    public int release() {
        return release;
    }

    @Override
    public String createDomain(String name) {
        String id = create("/domains", "domain", Map.of("name", name + "-" + UUID.randomUUID()));
        undo.accept(() -> script("delete", id));
        return id;
    }

    @Override
    public List<String> createProjects(String domainId, String name, int count) {
        return script("create", domainId, name, Integer.toString(count));
    }

    private List<String> script(String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString(), database.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " failed");
            }
            return told.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String createProject(String domainId, @Nullable String parentId, String name, List<String> tags) {
        Map<String, Object> body = new HashMap<>(Map.of("name", name, "domain_id", domainId, "tags", tags));
        if (parentId != null) {
            body.put("parent_id", parentId);
        }
        return create("/projects", "project", body);
    }

    @Override
    public void setTags(String projectId, List<String> tags) {
        admin("PUT", "/projects/" + projectId + "/tags", Map.of("tags", tags));
    }

    @Override
    public void setEnabled(String projectId, boolean enabled) {
        admin("PATCH", "/projects/" + projectId, Map.of("project", Map.of("enabled", enabled)));
    }

    @Override
    public void deleteProject(String projectId) {
        admin("DELETE", "/projects/" + projectId, null);
    }

    @Override
    public String domainReader(String domainId) {
        return person("/domains/" + domainId, "reader", "domain_id: " + domainId);
    }

    @Override
    public String systemReader() {
        return person("/system", "reader", "system_scope: all");
    }

    @Override
    public String member(String projectId) {
        return person("/projects/" + projectId, "member", "project_id: " + projectId);
    }

    private String user(String name) {
        String id = create("/users", "user", Map.of("name", name, "domain_id", "default", "password", PASSWORD));
        undo.accept(() -> admin("DELETE", "/users/" + id, null));
        return id;
    }

    private String assign(String in, String userId, String role) {
        String assignment = in + "/users/" + userId + "/roles/" + roles.get(role);
        admin("PUT", assignment, null);
        return assignment;
    }

    private String person(String in, String role, String scope) {
        String name = "made-" + UUID.randomUUID();
        String assignment = assign(in, user(name), role);
        String yaml = DirectoryEntry.ofPerson(authUrl, name, PASSWORD, scope);
        assignments.put(yaml, assignment);
        return yaml;
    }

    @Override
    public String applicationCredential(String projectId) {
        String name = "made-" + UUID.randomUUID();
        String user = user(name);
        String assignment = assign("/projects/" + projectId, user, "member");
        Object login = Map.of(
                "identity",
                Map.of(
                        "methods",
                        List.of("password"),
                        "password",
                        Map.of("user", Map.of("id", user, "password", PASSWORD))),
                "scope",
                Map.of("project", Map.of("id", projectId)));
        String path = "/users/" + user + "/application_credentials";
        JsonNode made = Objects.requireNonNull(
                        calls.call(login, "POST", path, Map.of("application_credential", Map.of("name", name))))
                .path("application_credential");
        // not with its user: that leaves its roles behind, and the next one of that number in SQLite can't be made then
        undo.accept(
                () -> calls.call(null, "DELETE", path + "/" + made.path("id").asText(), null));
        String yaml = DirectoryEntry.ofCredential(
                authUrl, made.path("id").asText(), made.path("secret").asText());
        assignments.put(yaml, assignment);
        return yaml;
    }

    @Override
    public void takeRoles(String cloudsYaml) {
        admin("DELETE", Objects.requireNonNull(assignments.get(cloudsYaml), "not made here"), null);
    }
}
