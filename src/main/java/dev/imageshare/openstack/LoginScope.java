package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * The scope that an entry's login requests; empty for an application credential or a token, which has a scope of its
 * own.
 *
 * @param projectId takes precedence over the name
 * @param domainId of the project's name; without a project, the domain that the login is for
 * @param domainName the same, by name
 * @param isSystem whether it is for the whole system, and then for nothing else
 */
record LoginScope(
        @Nullable String projectId,
        @Nullable String projectName,
        @Nullable String domainId,
        @Nullable String domainName,
        @Nullable String trustId,
        boolean isSystem) {

    static final LoginScope OWN = new LoginScope(null, null, null, null, null, false);
    static final LoginScope SYSTEM = new LoginScope(null, null, null, null, null, true);

    static LoginScope ofProject(String id) {
        return new LoginScope(id, null, null, null, null, false);
    }

    static LoginScope ofNamedProject(String name, @Nullable String domainId, @Nullable String domainName) {
        return new LoginScope(null, name, domainId, domainName, null, false);
    }

    static LoginScope ofDomain(@Nullable String id, @Nullable String name) {
        return new LoginScope(null, null, id, name, null, false);
    }

    static LoginScope ofTrust(String id) {
        return new LoginScope(null, null, null, null, id, false);
    }

    /** Whether it is for a domain, without a project. */
    boolean isDomain() {
        return projectId == null && projectName == null && (domainId != null || domainName != null);
    }

    /**
     * Whether a token has this scope; parts of its project or domain that it doesn't include can't be compared. IDs and
     * names are compared case-insensitively: MariaDB treats them as equal, and returns them as they are stored.
     */
    boolean isOf(JsonNode token) {
        JsonNode project = token.path("project");
        if (equals(OWN)) {
            return true;
        }
        if (isSystem) {
            return token.path("system").path("all").booleanValue();
        }
        if (isDomain()) {
            JsonNode domain = token.path("domain");
            return domain.isObject() && agrees(domainId, domain.path("id")) && agrees(domainName, domain.path("name"));
        }
        if (!project.isObject()) {
            return false;
        }
        if (trustId != null) {
            return trustId.equalsIgnoreCase(
                    token.path("OS-TRUST:trust").path("id").asText());
        }
        if (projectId != null) {
            return projectId.equalsIgnoreCase(project.path("id").asText());
        }
        JsonNode domain = project.path("domain");
        return agrees(projectName, project.path("name"))
                && agrees(domainId, domain.path("id"))
                && agrees(domainName, domain.path("name"));
    }

    private static boolean agrees(@Nullable String requested, JsonNode actual) {
        return requested == null || !actual.isTextual() || requested.equalsIgnoreCase(actual.textValue());
    }

    /** For a message. */
    String what() {
        String of = trustId != null ? "trust" : isDomain() ? "domain" : "project";
        return isSystem ? "of the whole system, which the entry names" : "of the " + of + " that the entry names";
    }
}
