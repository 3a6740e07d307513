package dev.imageshare.openstack;

/** One cloud entry of one owner, logged in when first needed. May be used by many threads. */
public final class Cloud {
    private final Session session;

    Cloud(Session session) {
        this.session = session;
    }

    /** A new pass: it logs in again at most once after a 401. */
    public ImageClient newPass() {
        return new ImageClient(session);
    }

    Session session() {
        return session;
    }
}
