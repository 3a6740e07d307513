package dev.imageshare.reconcile;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads durations as Go and so Kubernetes write them: {@code 10m}, {@code 1h30m}, {@code 0s}, {@code 1.5s}. */
public final class GoDuration {

    private static final int LONGEST = 32;
    private static final BigDecimal SECOND = BigDecimal.valueOf(1_000);
    private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000);
    private static final BigDecimal HOUR = BigDecimal.valueOf(3_600_000);
    private static final BigDecimal MAX_MILLIS = BigDecimal.valueOf(Long.MAX_VALUE, 6);

    private GoDuration() {}

    /** The duration, to the millisecond; empty if the text is none, or is longer than Go can say (292 years). */
    public static Optional<Duration> parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return Optional.empty();
        }
        var sum = BigDecimal.ZERO;
        var at = 0;
        while (at < text.length()) {
            var end = endOfNumber(text, at);
            var unit = unit(text, end);
            if (end == at || unit == null) {
                return Optional.empty();
            }
            sum = sum.add(new BigDecimal(text.substring(at, end)).multiply(unit));
            at = end + (text.startsWith("ms", end) ? 2 : 1);
        }
        return sum.compareTo(MAX_MILLIS) > 0 ? Optional.empty() : Optional.of(Duration.ofMillis(sum.longValue()));
    }

    /** Where digits end, and a fraction if one follows. */
    private static int endOfNumber(String text, int begin) {
        var whole = endOfDigits(text, begin);
        if (whole == begin || whole == text.length() || text.charAt(whole) != '.') {
            return whole;
        }
        var end = endOfDigits(text, whole + 1);
        return end == whole + 1 ? whole : end;
    }

    private static int endOfDigits(String text, int begin) {
        var at = begin;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /** The milliseconds of the unit that is there; null for none. */
    private static @Nullable BigDecimal unit(String text, int at) {
        if (text.startsWith("ms", at)) {
            return BigDecimal.ONE;
        }
        if (at == text.length()) {
            return null;
        }
        return switch (text.charAt(at)) {
            case 's' -> SECOND;
            case 'm' -> MINUTE;
            case 'h' -> HOUR;
            default -> null;
        };
    }
}
