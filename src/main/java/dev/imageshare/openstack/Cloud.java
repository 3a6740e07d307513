package dev.imageshare.openstack;

import java.util.function.BooleanSupplier;

/** One cloud entry of one owner, logged in when first needed. May be used by many threads. */
public final class Cloud {
    private final Session session;
    private final ProjectLists lists;

    /** @param lists of the owner's namespace */
    Cloud(Session session, ProjectLists lists) {
        this.session = session;
        this.lists = lists;
    }

    /** A new pass that nothing ends early. */
    public ImageClient newPass() {
        return newPass(() -> true);
    }

    /**
     * A new pass: it logs in again at most once after a 401.
     *
     * @param current whether what the pass set out to do is still to be done; asked before each write leaves
     */
    public ImageClient newPass(BooleanSupplier current) {
        check(Purpose.IMAGES);
        return new ImageClient(session, current);
    }

    /** Keystone's projects, for a new pass. */
    public ProjectDirectory newDirectory() {
        check(Purpose.PROJECTS);
        return new ProjectDirectory(session, lists);
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
