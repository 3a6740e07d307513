package dev.imageshare.openstack;

/** What Keystone says about one project. */
public sealed interface ProjectAnswer {

    /** It is there, perhaps changed. */
    record Found(DirectoryProject project) implements ProjectAnswer {}

    /** 404: there is none of that ID. */
    record NotFound() implements ProjectAnswer {}

    /**
     * 403: a reader of a domain gets it for a deleted project as well as for one of another domain. By itself it proves
     * nothing: the reader may have lost its role.
     */
    record Forbidden() implements ProjectAnswer {}
}
