package dev.imageshare.openstack;

/**
 * What an entry is used for. Each purpose has a session of its own, since a token for one may not be valid for the
 * other.
 */
public enum Purpose {
    /** Images and their members: requires a project, and an Image service in its catalog. */
    IMAGES,
    /**
     * Keystone's lists of projects: a token scoped to a domain or the system is sufficient, and no catalog is needed.
     */
    PROJECTS,
    /** Which project the entry is for: requires a project, and nothing but a token is requested. */
    PROOF
}
