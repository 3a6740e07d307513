package dev.imageshare.share;

import dev.imageshare.reconcile.Mandate;

/** The mandate of a pass that may take access away. */
interface RemovalMandate extends Mandate {

    /**
     * Whether the API server says that the object and what it refers to are as this pass took them; false also if it can't be
     * asked. A watch can be behind.
     */
    boolean isConfirmed();
}
