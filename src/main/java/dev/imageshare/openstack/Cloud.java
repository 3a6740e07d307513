package dev.imageshare.openstack;

import java.util.function.BooleanSupplier;

/** One cloud entry of one owner, logged in on first use. May be used by many threads. */
public final class Cloud {
    private final Session session;
    private final ProjectLists lists;

    /** @param lists of the owner's namespace */
    Cloud(Session session, ProjectLists lists) {
        this.session = session;
        this.lists = lists;
    }

    /** Starts a pass that is never abandoned. */
    public ImageClient newPass() {
        return newPass(() -> true);
    }

    /**
     * Starts a pass: it logs in again at most once after a 401.
     *
     * @param current whether the pass is still current; checked before each write is sent
     */
    public ImageClient newPass(BooleanSupplier current) {
        check(Purpose.IMAGES);
        return new ImageClient(session, current);
    }

    /** Keystone's projects, for one pass. */
    public ProjectDirectory newDirectory() {
        check(Purpose.PROJECTS);
        return new ProjectDirectory(session, lists);
    }

    /**
     * Which project the entry is for. Logs in unless there is a token, and requests nothing else.
     *
     * @throws OpenStackException if the login fails
     */
    public ProvenProject prove() {
        check(Purpose.PROOF);
        return session.project();
    }

    private void check(Purpose purpose) {
        if (session.purpose() != purpose) {
            throw new IllegalStateException("this session is for " + session.purpose() + ", not for " + purpose);
        }
    }

    Session session() {
        return session;
    }
}
