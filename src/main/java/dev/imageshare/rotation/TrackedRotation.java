package dev.imageshare.rotation;

import dev.imageshare.reconcile.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What this process remembers of one ImageShareSet between passes, besides when the next is due. */
final class TrackedRotation extends Schedule {

    /** While ImageShares come to be in order, each asks for a pass: lists of a moment ago will do for them. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    private record Read(Instant at, CloudReading reading) {}

    private final Map<String, Read> readings = new HashMap<>();

    /** What was read of a cloud a moment ago, if it was complete. */
    Optional<CloudReading> reading(String cloud, Instant now) {
        return Optional.ofNullable(readings.get(cloud))
                .filter(read -> !read.at.isAfter(now) && read.at.plus(FRESH).isAfter(now))
                .map(Read::reading);
    }

    void remember(CloudReading reading, Instant now) {
        if (reading.isComplete()) {
            readings.put(reading.cloud(), new Read(now, reading));
        }
    }

    /** The next pass lists anew. */
    void forgetReadings() {
        readings.clear();
    }
}
