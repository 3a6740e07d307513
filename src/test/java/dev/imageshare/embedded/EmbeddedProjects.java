package dev.imageshare.embedded;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keystone's domains and projects, and its lists of them, as its release 22 answers or as 27 and later do: each row of what
 * was seen on the real ones. Under its owner's lock.
 */
final class EmbeddedProjects {
    /** {@code max_db_limit}. */
    private static final int MOST = 1_000;

    private static final int FIRST_THAT_PAGES = 27;
    /** How many {@link KeystoneAdmin.ListFault#CUT_WITHOUT_A_SIGN} leaves. */
    private static final int CUT = 1_000;

    record Project(
            String id,
            String name,
            String domainId,
            @Nullable String parentId,
            boolean enabled,
            List<String> tags) {}

    /** Domains by ID. */
    private final Map<String, String> domains = new LinkedHashMap<>(Map.of("default", "Default"));

    private final Map<String, Project> projects = new LinkedHashMap<>();
    private int release = FIRST_THAT_PAGES;
    private KeystoneAdmin.ListFault fault = KeystoneAdmin.ListFault.NONE;

    void release(int newRelease) {
        release = newRelease;
    }

    int release() {
        return release;
    }

    void spoil(KeystoneAdmin.ListFault newFault) {
        fault = newFault;
    }

    String createDomain(String name) {
        String id = UUID.randomUUID().toString().replace("-", "");
        domains.put(id, name);
        return id;
    }

    @Nullable
    String domainName(String id) {
        return domains.get(id);
    }

    @Nullable
    String domainId(String name) {
        return domains.entrySet().stream()
                .filter(each -> each.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    void put(Project project) {
        projects.put(project.id(), project);
    }

    @Nullable
    Project get(String id) {
        return projects.get(id);
    }

    void delete(String id) {
        projects.remove(id);
    }

    /** Of {@code GET /v3/auth/projects}. */
    Reply assigned(Set<String> ids, String url) {
        List<Map<String, Object>> found = projects.values().stream()
                .filter(each -> ids.contains(each.id()) && each.enabled())
                .map(EmbeddedProjects::shown)
                .toList();
        return Reply.json(200, Map.of("projects", found, "links", links(url + "/auth/projects", null)));
    }

    /** Of {@code GET /v3/projects/ID}. */
    Reply show(Project project, boolean subtreeAsIds) {
        Map<String, Object> shown = shown(project);
        if (subtreeAsIds) {
            shown.put("subtree", below(project.id()));
        }
        return Reply.json(200, Map.of("project", shown));
    }

    /** Null for none. */
    private @Nullable Map<String, Object> below(String id) {
        Map<String, Object> children = new LinkedHashMap<>();
        projects.values().stream()
                .filter(each -> id.equals(each.parentId()))
                .forEach(child -> children.put(child.id(), below(child.id())));
        return children.isEmpty() ? null : children;
    }

    /**
     * Of {@code GET /v3/projects}.
     *
     * @param ownDomain the token's; null: any
     */
    Reply list(Incoming in, @Nullable String ownDomain, String url) {
        Map<String, List<String>> query = in.parameters();
        String domain = first(query, "domain_id");
        String name = first(query, "name");
        String marker = first(query, "marker");
        String limit = first(query, "limit");
        Predicate<Project> inDatabase =
                each -> (domain == null || each.domainId().equals(domain))
                        && (name == null || each.name().equals(name));
        if (marker != null && fault == KeystoneAdmin.ListFault.FORBIDDEN_IN_THE_MIDDLE) {
            return Reply.keystoneError(
                    403, "You are not authorized to perform the requested action: identity:list_projects.");
        }
        List<Project> found =
                new ArrayList<>(projects.values().stream().filter(inDatabase).toList());
        boolean truncated = false;
        if (release >= FIRST_THAT_PAGES) {
            found.sort(Comparator.comparing(Project::id));
            if (fault == KeystoneAdmin.ListFault.CUT_WITHOUT_A_SIGN) {
                found = found.subList(0, Math.min(CUT, found.size()));
            }
            if (marker != null && projects.get(marker) == null) {
                return Reply.keystoneError(404, "Marker " + marker + " could not be found.");
            }
            if (marker != null && fault != KeystoneAdmin.ListFault.REPEATED_MARKER) {
                found = found.stream()
                        .filter(each -> each.id().compareTo(marker) > 0)
                        .toList();
            }
            int size = Math.min(limit == null ? MOST : Integer.parseInt(limit), MOST);
            truncated = limit != null && found.size() >= size; // also where nothing follows
            found = found.subList(0, Math.min(size, found.size()));
        }
        if (marker != null && fault == KeystoneAdmin.ListFault.EMPTY_PAGE) {
            found = List.of();
            truncated = false;
        }
        if (fault == KeystoneAdmin.ListFault.SHRINKING_PAGE && found.size() > 2) {
            found = new ArrayList<>(found);
            found.remove(2);
        }
        String next = truncated && !found.isEmpty()
                ? url + "/projects?" + in.query() + "&marker="
                        + found.get(found.size() - 1).id()
                : null;
        // policies and tags are looked at when the page has been read
        List<String> tags = List.of(
                first(query, "tags") == null
                        ? new String[0]
                        : first(query, "tags").split(","));
        List<Map<String, Object>> shown = found.stream()
                .filter(each -> ownDomain == null || each.domainId().equals(ownDomain))
                .filter(each -> each.tags().containsAll(tags))
                .map(EmbeddedProjects::shown)
                .toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("projects", shown);
        answer.put("links", links(url + "/projects" + (in.query() == null ? "" : "?" + in.query()), next));
        if (truncated) {
            answer.put("truncated", true);
        }
        return Reply.json(200, answer);
    }

    private static @Nullable String first(Map<String, List<String>> query, String name) {
        return query.containsKey(name) ? query.get(name).get(0) : null;
    }

    private static Map<String, Object> links(String self, @Nullable String next) {
        Map<String, Object> links = new LinkedHashMap<>();
        links.put("next", next);
        links.put("self", self);
        links.put("previous", null);
        return links;
    }

    private static Map<String, Object> shown(Project project) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", project.id());
        shown.put("name", project.name());
        shown.put("domain_id", project.domainId());
        shown.put("description", "");
        shown.put("enabled", project.enabled());
        shown.put("parent_id", project.parentId() == null ? project.domainId() : project.parentId());
        shown.put("is_domain", false);
        shown.put("tags", project.tags());
        shown.put("options", Map.of());
        return shown;
    }
}
