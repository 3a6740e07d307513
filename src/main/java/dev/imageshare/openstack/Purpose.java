package dev.imageshare.openstack;

/** What an entry is used for. Each has a session of its own, since a token that is good for one may be of no use for the other. */
public enum Purpose {
    /** Images and their members: needs a project, and its catalog an Image service. */
    IMAGES,
    /** Keystone's lists of projects: a token of a domain or of the system will do too, and no catalog is needed. */
    PROJECTS
}
