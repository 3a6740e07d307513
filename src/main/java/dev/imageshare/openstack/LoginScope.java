package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What an entry says that its login is for; all null for an application credential or a token, which has a project of its
 * own.
 *
 * @param projectId comes before the name
 * @param domainId of the project's name
 * @param domainName of the project's name
 */
record LoginScope(
        @Nullable String projectId,
        @Nullable String projectName,
        @Nullable String domainId,
        @Nullable String domainName,
        @Nullable String trustId) {

    static final LoginScope OWN = new LoginScope(null, null, null, null, null);

    static LoginScope ofTrust(String id) {
        return new LoginScope(null, null, null, null, id);
    }

    /**
     * Whether a token is for this; what it doesn't tell can't be compared. IDs and names differ without case: MariaDB takes
     * them for equal, and tells them as they are stored.
     */
    boolean isOf(JsonNode token) {
        JsonNode project = token.path("project");
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

    private static boolean agrees(@Nullable String said, JsonNode told) {
        return said == null || !told.isTextual() || said.equalsIgnoreCase(told.textValue());
    }

    /** For a message. */
    String what() {
        return trustId != null ? "of the trust that the entry names" : "of the project that the entry names";
    }
}
