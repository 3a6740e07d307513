package dev.imageshare.membership;

import java.util.Optional;

/**
 * How many members one pass may remove without approval.
 *
 * @param value a number of members, or a percentage
 * @param percent whether {@code value} is a percentage, from 0 to 100
 */
public record RemovalLimit(int value, boolean percent) {

    private static final int MOST_DIGITS = 9;

    public RemovalLimit {
        if (value < 0 || (percent && value > 100)) {
            throw new IllegalArgumentException("not a limit: " + value + (percent ? "%" : ""));
        }
    }

    /** Reads {@code 5} or {@code 25%}; empty if it is neither. */
    public static Optional<RemovalLimit> parse(String text) {
        var percent = text.endsWith("%");
        var digits = percent ? text.substring(0, text.length() - 1) : text;
        return isNumber(digits) && (!percent || digits.length() < 3 || digits.equals("100"))
                ? Optional.of(new RemovalLimit(Integer.parseInt(digits), percent))
                : Optional.empty();
    }

    /** This number of members; empty if it is less than 0 or has more than nine digits, which {@link #parse} doesn't read. */
    public static Optional<RemovalLimit> number(int members) {
        return members < 0 || members > 999_999_999 ? Optional.empty() : Optional.of(new RemovalLimit(members, false));
    }

    private static boolean isNumber(String text) {
        for (var i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MOST_DIGITS;
    }

    /** The number of removals allowed when {@code removable} members are present that may be removed; percentages round up. */
    public int of(int removable) {
        return percent ? Math.toIntExact(((long) removable * value + 99) / 100) : value;
    }

    /** Whether no removal at all is allowed, however many members there are. */
    public boolean holdsAll() {
        return value == 0;
    }

    @Override
    public String toString() {
        return percent ? value + "%" : Integer.toString(value);
    }
}
