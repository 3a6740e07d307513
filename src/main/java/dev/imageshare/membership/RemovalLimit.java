package dev.imageshare.membership;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How many members one pass may remove without approval.
 *
 * @param value a number of members, or a percentage
 * @param percent whether {@code value} is a percentage, from 0 to 100
 */
public record RemovalLimit(int value, boolean percent) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})|(100|\\d{1,2})%");

    public RemovalLimit {
        if (value < 0 || (percent && value > 100)) {
            throw new IllegalArgumentException("not a limit: " + value + (percent ? "%" : ""));
        }
    }

    /** Reads {@code 5} or {@code 25%}; empty if it is neither. */
    public static Optional<RemovalLimit> parse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var percent = matcher.group(2) != null;
        return Optional.of(new RemovalLimit(Integer.parseInt(percent ? matcher.group(2) : matcher.group(1)), percent));
    }

    /** The number of removals allowed when {@code removable} members are present that may be removed; percentages round up. */
    public int of(int removable) {
        return percent ? Math.toIntExact(((long) removable * value + 99) / 100) : value;
    }

    @Override
    public String toString() {
        return percent ? value + "%" : Integer.toString(value);
    }
}
