package dev.imageshare.embedded;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What can go wrong with a call. */
public sealed interface Fault {
    /** This answer, and the service never sees the call. */
    record Canned(int status, Map<String, String> headers, String body) implements Fault {}

    /** Carried out; of the answer's body only so many bytes arrive, then the connection ends. */
    record CutBody(int bytes) implements Fault {}

    /** Carried out; the second half of the answer's body comes when released (or the service closes). */
    record SlowBody(CountDownLatch released) implements Fault {}

    /** Waits until released (or the service closes), then goes on as usual, whether or not anybody still waits for it. */
    record Hang(CountDownLatch released) implements Fault {}

    /** The connection ends without an answer, before the call is carried out or after. */
    record Drop(boolean carriedOut) implements Fault {}

    /** The connection ends, and nothing listens there until the service is started again. */
    record Down() implements Fault {}

    /** A read is answered as it was before its answer last changed. */
    record Stale() implements Fault {}

    /** The call's token ends before the call is looked at. */
    record TokenEnds() implements Fault {}

    static Fault canned(int status, String body) {
        return new Canned(status, Map.of("Content-Type", "application/json"), body);
    }
}
