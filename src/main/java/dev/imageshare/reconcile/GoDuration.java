package dev.imageshare.reconcile;

import java.time.Duration;
import java.util.Optional;

/** Reads durations as Go and so Kubernetes write them: {@code 10m}, {@code 1h30m}, {@code 0s}, {@code 1.5s}. */
public final class GoDuration {

    private static final int LONGEST = 32;
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;

    private GoDuration() {}

    /** The duration, to the millisecond; empty if the text is none, or is longer than Go can say (292 years). */
    public static Optional<Duration> parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return Optional.empty();
        }
        var nanos = 0L;
        var at = 0;
        try {
            while (at < text.length()) {
                var end = endOfNumber(text, at);
                var unit = unit(text, end);
                if (end == at || unit == 0) {
                    return Optional.empty();
                }
                nanos = Math.addExact(nanos, nanos(text.substring(at, end), unit));
                at = end + (unit == MILLISECOND ? 2 : 1);
            }
        } catch (ArithmeticException | NumberFormatException e) {
            return Optional.empty(); // more than 64 bits
        }
        return Optional.of(Duration.ofMillis(nanos / MILLISECOND));
    }

    private static long nanos(String number, long unit) {
        var point = number.indexOf('.');
        var whole = Math.multiplyExact(Long.parseLong(point < 0 ? number : number.substring(0, point)), unit);
        if (point < 0) {
            return whole;
        }
        var sum = whole;
        var part = unit;
        for (var i = point + 1; i < number.length(); i++) {
            part /= 10;
            sum = Math.addExact(sum, part * (number.charAt(i) - '0'));
        }
        return sum;
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

    /** The nanoseconds of the unit that is there; 0 for none. */
    private static long unit(String text, int at) {
        if (text.startsWith("ms", at)) {
            return MILLISECOND;
        }
        if (at == text.length()) {
            return 0;
        }
        return switch (text.charAt(at)) {
            case 's' -> SECOND;
            case 'm' -> MINUTE;
            case 'h' -> HOUR;
            default -> 0;
        };
    }
}
