package dev.imageshare.openstack;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server's clock, according to the {@code Date} header (RFC 9110) of the last response that had one. May be used by
 * many threads. Storing a header costs nothing; it is parsed on demand.
 */
public final class ServerClock {

    private final LongSupplier nanoTime;
    private volatile @Nullable Heard heard;

    private record Heard(String date, long at) {}

    /**
     * A clock without a header so far.
     *
     * @param nanoTime a monotonic clock, like {@link System#nanoTime()}
     */
    public ServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Stores a response's header.
     *
     * @param date the header's value; null if the response had none, such as uWSGI's
     */
    public void answered(@Nullable String date) {
        if (date != null) {
            heard = new Heard(date, nanoTime.getAsLong());
        }
    }

    /**
     * How far this server's clock is ahead of another one; negative: behind it.
     *
     * @param now the other clock's time now
     * @return empty if the server never sent its time
     */
    public Optional<Duration> aheadOf(Instant now) {
        var last = heard;
        if (last == null) {
            return Optional.empty();
        }
        var then = now.minusNanos(nanoTime.getAsLong() - last.at());
        return Optional.ofNullable(httpDate(last.date())).map(date -> Duration.between(then, date));
    }

    /** An IMF-fixdate, in seconds; null if it isn't one. */
    static @Nullable Instant httpDate(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
