package dev.imageshare.openstack;

/** Selects among Keystone's projects. */
public sealed interface ProjectSource {

    /**
     * All projects of a domain, which a reader of that domain or of the whole system may list.
     *
     * @param domainId its ID, not its name
     */
    record Domain(String domainId) implements ProjectSource {}

    /**
     * All projects below one, at any depth, without the project itself. Any token of that project may list them, and
     * gets only their IDs.
     */
    record Parent(String projectId) implements ProjectSource {}

    /** All projects in which the credentials' user has a role. */
    record Assigned() implements ProjectSource {}
}
