package dev.imageshare.openstack;

import java.util.function.BooleanSupplier;

/** One cloud entry of one owner, logged in when first needed. May be used by many threads. */
public final class Cloud {
    private final Session session;

    Cloud(Session session) {
        this.session = session;
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
        return new ImageClient(session, current);
    }

    Session session() {
        return session;
    }
}
