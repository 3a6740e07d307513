package dev.imageshare.openstack;

/** Keystone's answer about one project. */
public sealed interface ProjectAnswer {

    /** It exists, perhaps changed. */
    record Found(DirectoryProject project) implements ProjectAnswer {}

    /** 404: there is no project with that ID. */
    record NotFound() implements ProjectAnswer {}

    /**
     * 403: a reader of a domain gets it for a deleted project as well as for one of another domain. On its own it
     * proves nothing: the reader may have lost its role.
     */
    record Forbidden() implements ProjectAnswer {}
}
