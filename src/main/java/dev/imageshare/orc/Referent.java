package dev.imageshare.orc;

/** What a reference resolves to, as far as is known now. */
public sealed interface Referent {

    /** The ID in OpenStack. */
    record Resolved(String id) implements Referent {}

    /**
     * Nothing that is certain.
     *
     * @param detail the API server's message; empty if the reason is sufficient
     */
    record Unresolved(Why why, String detail) implements Referent {
        Unresolved(Why why) {
            this(why, "");
        }
    }

    /** Why a reference can't be resolved. */
    enum Why {
        /** ORC's CRD is not installed. */
        NOT_INSTALLED,
        /** The operator may not read the kind. */
        FORBIDDEN,
        /** The API server doesn't respond, or fails. */
        UNREADABLE,
        /** Not requested: a plan without a cluster only knows the files. */
        NOT_ASKED,
        /** The object doesn't exist. */
        ABSENT,
        /** The object is being deleted, and its OpenStack resource may be, too. */
        GOING,
        /** The object has no status.id yet, or no longer. */
        NO_ID
    }
}
