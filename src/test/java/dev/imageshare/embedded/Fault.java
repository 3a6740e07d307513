package dev.imageshare.embedded;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What can go wrong with a call. */
public sealed interface Fault {
    /** This answer, and the service never sees the call. */
    record Canned(int status, Map<String, String> headers, String body) implements Fault {}

    /** Carried out; of the answer's body only so many bytes arrive, then the connection ends. */
    record CutBody(int bytes) implements Fault {}

    /** Waits until released (or the service closes), then goes on as usual. */
    record Hang(CountDownLatch released) implements Fault {}

    /** The connection ends without an answer, before the call is carried out or after. */
    record Drop(boolean carriedOut) implements Fault {}

    static Fault canned(int status, String body) {
        return new Canned(status, Map.of("Content-Type", "application/json"), body);
    }
}
