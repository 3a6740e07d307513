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
 * What a server's answers say of the time: the {@code Date} header (RFC 9110) of the last one that had it. May be used by many
 * threads. To take a header in costs nothing; it is read when somebody asks.
 */
public final class ServerClock {

    private final LongSupplier nanoTime;
    private volatile @Nullable Heard heard;

    private record Heard(String date, long at) {}

    /**
     * One that has heard nothing yet.
     *
     * @param nanoTime a clock that only goes forward, as {@link System#nanoTime()}
     */
    public ServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Notes what an answer said of the time.
     *
     * @param date the header's value; null if the answer had none, as uWSGI's
     */
    public void answered(@Nullable String date) {
        if (date != null) {
            heard = new Heard(date, nanoTime.getAsLong());
        }
    }

    /**
     * How far this server's clock is ahead of another one; negative: behind it.
     *
     * @param now what the other clock says now
     * @return empty if the server never said what time it is
     */
    public Optional<Duration> aheadOf(Instant now) {
        var last = heard;
        if (last == null) {
            return Optional.empty();
        }
        var then = now.minusNanos(nanoTime.getAsLong() - last.at());
        return Optional.ofNullable(httpDate(last.date())).map(date -> Duration.between(then, date));
    }

    /** An IMF-fixdate, in seconds; null if it is none. */
    static @Nullable Instant httpDate(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
