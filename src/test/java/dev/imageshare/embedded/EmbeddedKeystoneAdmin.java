package dev.imageshare.embedded;

import dev.imageshare.embedded.EmbeddedKeystone.Credential;
import dev.imageshare.embedded.EmbeddedKeystone.User;
import dev.imageshare.embedded.EmbeddedProjects.Project;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The embedded Keystone's administrator, who can also have it answer as another release does, or wrongly. */
public final class EmbeddedKeystoneAdmin implements KeystoneAdmin {
    private static final String PASSWORD = "lab-user-secret";

    private final EmbeddedKeystone keystone;
    private final String authUrl;
    /** User by clouds.yaml. */
    private final Map<String, String> users = new HashMap<>();

    EmbeddedKeystoneAdmin(EmbeddedKeystone keystone, String authUrl) {
        this.keystone = keystone;
        this.authUrl = authUrl;
    }

    /** From now on it answers as this release does: 22 doesn't page, 27 and later do. */
    public void release(int newRelease) {
        keystone.administer(projects -> {
            projects.release(newRelease);
            return newRelease;
        });
    }

    /** From now on lists of projects are wrong in this way. */
    public void spoil(ListFault fault) {
        keystone.administer(projects -> {
            projects.spoil(fault);
            return fault;
        });
    }

    @Override
    public int release() {
        return keystone.administer(EmbeddedProjects::release);
    }

    @Override
    public String createDomain(String name) {
        return keystone.administer(projects -> projects.createDomain(name));
    }

    @Override
    public List<String> createProjects(String domainId, String name, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(createProject(domainId, null, name + "-" + i, List.of()));
        }
        return ids.stream().sorted().toList();
    }

    @Override
    public String createProject(String domainId, @Nullable String parentId, String name, List<String> tags) {
        String id = UUID.randomUUID().toString().replace("-", "");
        keystone.administer(projects -> {
            projects.put(new Project(id, name, domainId, parentId, true, tags));
            return id;
        });
        return id;
    }

    @Override
    public void setTags(String projectId, List<String> tags) {
        change(
                projectId,
                old -> new Project(old.id(), old.name(), old.domainId(), old.parentId(), old.enabled(), tags));
    }

    @Override
    public void setEnabled(String projectId, boolean enabled) {
        change(
                projectId,
                old -> new Project(old.id(), old.name(), old.domainId(), old.parentId(), enabled, old.tags()));
    }

    private void change(String projectId, UnaryOperator<Project> change) {
        keystone.administer(projects -> {
            Project old = Objects.requireNonNull(projects.get(projectId), "no project " + projectId);
            projects.put(change.apply(old));
            return old;
        });
    }

    @Override
    public void deleteProject(String projectId) {
        keystone.administer(projects -> {
            projects.delete(projectId);
            return projectId;
        });
    }

    @Override
    public String domainReader(String domainId) {
        return person("domain/" + domainId, "reader", "domain_id: " + domainId);
    }

    @Override
    public String systemReader() {
        return person("system", "reader", "system_scope: all");
    }

    @Override
    public String member(String projectId) {
        return person(projectId, "member", "project_id: " + projectId);
    }

    private String person(String in, String role, String scope) {
        String name = "made-" + UUID.randomUUID();
        User user = keystone.addUser(name, PASSWORD, in, role);
        String yaml = DirectoryEntry.ofPerson(authUrl, user.name(), PASSWORD, scope);
        users.put(yaml, name);
        return yaml;
    }

    @Override
    public String applicationCredential(String projectId) {
        String name = "made-" + UUID.randomUUID();
        keystone.addUser(name, PASSWORD, projectId, "member");
        Credential made = keystone.addCredential(name, name, null);
        String yaml = DirectoryEntry.ofCredential(authUrl, made.id(), made.secret());
        users.put(yaml, name);
        return yaml;
    }

    @Override
    public void takeRoles(String cloudsYaml) {
        keystone.takeRoles(Objects.requireNonNull(users.get(cloudsYaml), "not made here"));
    }
}
