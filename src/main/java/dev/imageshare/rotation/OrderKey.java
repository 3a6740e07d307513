package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShareSetSpec.OrderType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A value by which the images of a family follow each other; a greater one is newer. Each type has its grammar, and a text
 * outside it is no value: {@code 2027-13-01} must not count as older than all.
 *
 * @param parts compared one by one; missing ones are 0
 */
record OrderKey(List<BigDecimal> parts) implements Comparable<OrderKey> {

    private static final int LONGEST = 64;

    /** A date, with both hyphens or none, and perhaps a time; one without an offset is UTC's. */
    private static final Pattern DATE = Pattern.compile("(\\d{4})(-?)(\\d{2})\\2(\\d{2})"
            + "(?:[T ](\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?(Z|[+-]\\d{2}:?\\d{2})?)?");

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");
    private static final Pattern VERSION = Pattern.compile("[vV]?\\d{1,30}([.-]\\d{1,30}){0,15}");

    OrderKey {
        parts = List.copyOf(parts);
    }

    static OrderKey of(Instant time) {
        return new OrderKey(
                List.of(BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), 9))));
    }

    /** Reads a value; empty if it isn't one of this type. */
    static Optional<OrderKey> read(String text, OrderType type) {
        var value = text.strip();
        if (value.isEmpty() || value.length() > LONGEST) {
            return Optional.empty();
        }
        return switch (type) {
            case Date -> date(value).map(OrderKey::of);
            case Number ->
                NUMBER.matcher(value).matches()
                        ? Optional.of(new OrderKey(List.of(new BigDecimal(value))))
                        : Optional.empty();
            case Version -> VERSION.matcher(value).matches() ? Optional.of(version(value)) : Optional.empty();
        };
    }

    private static OrderKey version(String value) {
        var parts = new ArrayList<BigDecimal>();
        for (var part : value.replaceFirst("^[vV]", "").split("[.-]", -1)) {
            parts.add(new BigDecimal(part));
        }
        return new OrderKey(parts);
    }

    private static Optional<Instant> date(String value) {
        var found = DATE.matcher(value);
        if (!found.matches()) {
            return Optional.empty();
        }
        try {
            var day = LocalDate.of(number(found.group(1)), number(found.group(3)), number(found.group(4)));
            if (found.group(5) == null) {
                return Optional.of(day.atStartOfDay(ZoneOffset.UTC).toInstant());
            }
            var nanos = found.group(8) == null ? 0 : number((found.group(8) + "000000000").substring(0, 9));
            var time = LocalTime.of(
                    number(found.group(5)),
                    number(found.group(6)),
                    found.group(7) == null ? 0 : number(found.group(7)),
                    nanos);
            var offset = found.group(9) == null ? ZoneOffset.UTC : ZoneOffset.of(found.group(9));
            return Optional.of(OffsetDateTime.of(day, time, offset).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }

    @Override
    public int compareTo(OrderKey other) {
        for (var i = 0; i < Math.max(parts.size(), other.parts.size()); i++) {
            var order = part(i).compareTo(other.part(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private BigDecimal part(int i) {
        return i < parts.size() ? parts.get(i) : BigDecimal.ZERO;
    }
}
