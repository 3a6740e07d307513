package dev.imageshare.openstack;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * Keystone's projects as one login sees them, for one pass. May be used by many threads. Every call throws {@link
 * OpenStackException}.
 */
public final class ProjectDirectory {
    private final Session session;

    ProjectDirectory(Session session) {
        this.session = session;
    }

    /**
     * The projects of a source. One that Keystone refuses to list, with 403 in the middle too, is an exception; a list in
     * which projects may be missing says so.
     *
     * @param keep which projects are asked for; quick, and without side effects
     * @param maxAge how long before this pass a list may have been read, for this or another pass of the same credentials,
     *     to serve this one too; zero: no list from before this pass
     */
    public ProjectList list(ProjectSource source, Predicate<DirectoryProject> keep, Duration maxAge) {
        throw new UnsupportedOperationException("in the next commits");
    }

    /** One project as Keystone describes it now. */
    public ProjectAnswer project(String projectId) {
        throw new UnsupportedOperationException("in the next commits");
    }

    /**
     * Names who asks: a hash of the user, what the token is for, and its roles. What another reader doesn't list has not
     * left. Logs in if need be.
     */
    public String reader() {
        throw new UnsupportedOperationException("in the next commits");
    }

    /** The origin of the Keystone that is asked, as {@link SameClouds} takes it: {@code https://host:port}. */
    public String cloud() {
        throw new UnsupportedOperationException("in the next commits");
    }
}
