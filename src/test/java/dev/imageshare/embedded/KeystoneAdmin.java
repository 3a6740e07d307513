package dev.imageshare.embedded;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cloud's administrator does with domains, projects and their readers, at a real Keystone or the embedded one. */
public interface KeystoneAdmin {

    /** What can be wrong with a list of projects; only the embedded Keystone can do it at will. */
    enum ListFault {
        NONE,
        /** After 1,000 projects it ends, and doesn't say so. */
        CUT_WITHOUT_A_SIGN,
        /** Every page but the first is empty. */
        EMPTY_PAGE,
        /** A project is left out of each page after it was read. */
        SHRINKING_PAGE,
        /** Each page is the first one. */
        REPEATED_MARKER,
        /** Every page but the first is refused. */
        FORBIDDEN_IN_THE_MIDDLE
    }

    /** Keystone's major version, such as 22 (Zed). */
    int release();

    /** Gives its ID. */
    String createDomain(String name);

    /**
     * Projects of a domain, called {@code NAME-0} and so on; gives their IDs in ascending order.
     *
     * @param count at once; many are quick
     */
    List<String> createProjects(String domainId, String name, int count);

    /**
     * A project; gives its ID.
     *
     * @param parentId the project above it; null: it is at the top of its domain
     */
    String createProject(String domainId, @Nullable String parentId, String name, List<String> tags);

    void setTags(String projectId, List<String> tags);

    void setEnabled(String projectId, boolean enabled);

    void deleteProject(String projectId);

    /** A clouds.yaml with the entry {@code directory}, of a new user that has the role reader in the domain. */
    String domainReader(String domainId);

    /** The same, of one that has the role reader in the system. */
    String systemReader();

    /** The same, of one that has the role member in the project. */
    String member(String projectId);

    /** The same, of an application credential that such a user made. */
    String applicationCredential(String projectId);

    /** The user of such a clouds.yaml has no role any more; its tokens end. */
    void takeRoles(String cloudsYaml);
}
