package dev.imageshare.notifier;

import java.time.Duration;
import java.util.Set;

/**
 * What holds for all ImageNotifiers.
 *
 * @param smtpPorts where mail servers may listen
 * @param interval at most one message a recipient in this time; what comes meanwhile is told together; positive
 * @param expiryNotice how long before an access ends the project is told; zero: it isn't
 */
public record NotifierSettings(Set<Integer> smtpPorts, Duration interval, Duration expiryNotice) {

    private static final int LOOKS_AN_INTERVAL = 20;
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(100);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

    public NotifierSettings {
        smtpPorts = Set.copyOf(smtpPorts);
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("the interval must be positive");
        }
    }

    /** Mail's own ports (relay, submission with TLS from the beginning, submission), ten minutes, and a week. */
    public static NotifierSettings defaults() {
        return new NotifierSettings(Set.of(25, 465, 587), Duration.ofMinutes(10), Duration.ofDays(7));
    }

    /** How often ImageShares are looked at: 20 times an interval, between a tenth of a second and half a minute. */
    Duration look() {
        var look = interval.dividedBy(LOOKS_AN_INTERVAL);
        return look.compareTo(SHORTEST_LOOK) < 0
                ? SHORTEST_LOOK
                : look.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : look;
    }

    /** How long a first notice waits for others: half a look. */
    Duration settle() {
        return look().dividedBy(2);
    }
}
