package dev.imageshare.share;

import java.time.Duration;

/**
 * What an administrator sets for all ImageShares.
 *
 * @param parallelism calls at once for one image, 1 or more
 * @param massDeletionLimit how many objects of one namespace may be deleted at once without a person's approval, 0 or more
 * @param massDeletionTotal how many objects of five and more namespaces may be, to which no namespace counts for more than
 *     its own limit, 0 or more
 * @param massDeletionSettle how long a deletion waits for others to show, where there are more objects than a limit
 * @param expiryNotice how long before an access ends an event says so; zero: none does
 */
public record ShareSettings(
        int parallelism,
        int massDeletionLimit,
        int massDeletionTotal,
        Duration massDeletionSettle,
        Duration expiryNotice) {

    public static ShareSettings defaults() {
        return new ShareSettings(8, 10, 50, Duration.ofSeconds(5), Duration.ofDays(7));
    }
}
