package dev.imageshare.share;

import java.time.Duration;

/**
 * What an administrator sets for all ImageShares.
 *
 * @param parallelism calls at once for one image, 1 or more
 * @param massDeletionLimit how many objects may be deleted at once without a person's approval, 0 or more
 * @param massDeletionSettle how long a deletion waits for others to show, where there are more objects than the limit
 */
public record ShareSettings(int parallelism, int massDeletionLimit, Duration massDeletionSettle) {

    public static ShareSettings defaults() {
        return new ShareSettings(8, 10, Duration.ofSeconds(5));
    }
}
