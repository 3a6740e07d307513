package dev.imageshare.orc;

/** What a reference stands for, as far as can be told now. */
public sealed interface Referent {

    /** The ID in OpenStack. */
    record Resolved(String id) implements Referent {}

    /**
     * Nothing that can be told for certain.
     *
     * @param detail what the API server says of it; empty where the reason says it all
     */
    record Unresolved(Why why, String detail) implements Referent {
        Unresolved(Why why) {
            this(why, "");
        }
    }

    /** Why a reference stands for nothing. */
    enum Why {
        /** ORC's CRD is not installed. */
        NOT_INSTALLED,
        /** The operator may not read the kind. */
        FORBIDDEN,
        /** The API server doesn't answer, or fails. */
        UNREADABLE,
        /** Nobody asked: a plan without a cluster knows the files alone. */
        NOT_ASKED,
        /** There is no such object. */
        ABSENT,
        /** The object is being deleted, and what it stands for in OpenStack may be, too. */
        GOING,
        /** The object has no status.id yet, or no longer. */
        NO_ID
    }
}
