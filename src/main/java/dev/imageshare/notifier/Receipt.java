package dev.imageshare.notifier;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of a message.
 *
 * @param outcome what to do next
 * @param message why it was not taken, for people; what the receiver said is not quoted
 * @param retryAfter how long the receiver asked to be left alone
 * @param reply what the receiver said; only for who has the rights to the Secret, never written anywhere
 */
record Receipt(Result outcome, String message, Optional<Duration> retryAfter, String reply) {

    enum Result {
        TAKEN,
        /** This message, or this recipient, is refused for good. */
        REFUSED,
        /** The recipient may be tried again later; others are not affected. */
        RECIPIENT_LATER,
        /** The receiver may be tried again later, for everybody. */
        LATER,
        /** The receiver is gone for good; nothing is sent there until the Secret changes. */
        GONE
    }

    static Receipt taken(String reply) {
        return new Receipt(Result.TAKEN, "", Optional.empty(), reply);
    }

    static Receipt of(Result outcome, String message) {
        return new Receipt(outcome, message, Optional.empty(), "");
    }

    Receipt replied(String reply) {
        return new Receipt(outcome, message, retryAfter, reply);
    }

    /** Never the reply. */
    @Override
    public String toString() {
        return "Receipt[" + outcome + ", " + message + "]";
    }
}
