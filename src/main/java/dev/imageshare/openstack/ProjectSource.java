package dev.imageshare.openstack;

/** Which of Keystone's projects are meant. */
public sealed interface ProjectSource {

    /**
     * All projects of a domain, as a reader of that domain or of the whole system may list them.
     *
     * @param domainId its ID, not its name
     */
    record Domain(String domainId) implements ProjectSource {}

    /**
     * All projects below one, at any depth, without that one itself. Any token of that project may ask for them, and is
     * given their IDs only.
     */
    record Parent(String projectId) implements ProjectSource {}

    /** All projects in which the user of the credentials has a role. */
    record Assigned() implements ProjectSource {}
}
