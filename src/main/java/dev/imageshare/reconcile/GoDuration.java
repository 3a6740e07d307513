package dev.imageshare.reconcile;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads durations as Go and so Kubernetes write them: {@code 10m}, {@code 1h30m}, {@code 0s}, {@code 1.5s}. */
public final class GoDuration {

    private static final Pattern WHOLE = Pattern.compile("([0-9]+(\\.[0-9]+)?(ms|s|m|h))+");
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)");
    private static final Map<String, BigDecimal> MILLIS = Map.of(
            "ms", BigDecimal.ONE,
            "s", BigDecimal.valueOf(1_000),
            "m", BigDecimal.valueOf(60_000),
            "h", BigDecimal.valueOf(3_600_000));

    private static final BigDecimal MAX_MILLIS = BigDecimal.valueOf(Long.MAX_VALUE, 6);

    private GoDuration() {}

    /** The duration, to the millisecond; empty if the text is none, or is longer than Go can say (292 years). */
    public static Optional<Duration> parse(String text) {
        if (text.length() > 32 || !WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        var sum = BigDecimal.ZERO;
        var part = PART.matcher(text);
        while (part.find()) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(MILLIS.getOrDefault(part.group(2), BigDecimal.ZERO)));
        }
        return sum.compareTo(MAX_MILLIS) > 0 ? Optional.empty() : Optional.of(Duration.ofMillis(sum.longValue()));
    }
}
