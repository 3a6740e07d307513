package dev.imageshare.notifier;

import dev.imageshare.notifier.Outbox.Parcel;

/** Takes messages. */
interface Receiver {

    /**
     * Hands a message over, in a minute at most; on a thread that may wait.
     *
     * @return what became of it; what goes wrong outside of this process is never an exception
     */
    Receipt send(Parcel parcel);
}
