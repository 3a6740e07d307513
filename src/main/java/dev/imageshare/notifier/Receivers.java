package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.reconcile.ProblemException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Knows what takes the messages of a notifier. */
interface Receivers {

    /**
     * A notifier's receiver.
     *
     * @param version changes with its Secrets and its spec
     * @param contacts who is told
     * @param receiver makes it, on a thread that may wait
     * @param most notices that a message has room for
     */
    record Ready(String version, Contacts contacts, Supplier<Receiver> receiver, int most) {}

    /**
     * The receiver of a notifier whose spec passed the rules.
     *
     * @throws ProblemException {@code CredentialsNotFound} or {@code CredentialsInvalid}; the message says what to do
     */
    Ready of(ImageNotifier notifier);

    /** Calls back with namespace and name of a Secret that may make another one of a receiver; call it once, first. */
    void onChange(BiConsumer<String, String> listener);
}
