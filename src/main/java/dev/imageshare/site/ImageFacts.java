package dev.imageshare.site;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image says of itself by its properties, for people. The texts are its owner's.
 *
 * @param built a date, or what the owner wrote instead of one
 * @param created when Glance got it, RFC 3339
 * @param endOfLife until when it is kept up: a date, or what the owner wrote instead of one
 */
public record ImageFacts(
        @Nullable String family,
        @Nullable String version,
        @Nullable String built,
        @Nullable String created,
        @Nullable String endOfLife,
        @Nullable String architecture,
        @Nullable String description,
        List<String> tags) {

    static final ImageFacts NONE = new ImageFacts(null, null, null, null, null, null, null, List.of());

    private static final int LONGEST = 500;

    /** Such as {@code ubuntu-24.04-20260107}, {@code debian 13 (2026-01-07)} and {@code rocky-9.5_20260107.1}. */
    private static final Pattern DATE_AT_END = Pattern.compile(
            "[-_. (]+(?:v|build)?(?:19|20)\\d{2}[-.]?(?:0[1-9]|1[0-2])(?:[-.]?[0-3]\\d)?(?:[-._T]?\\d{1,6})?\\)?$");

    public ImageFacts {
        tags = List.copyOf(tags);
    }

    /** Which of an image's properties says what. */
    public enum ImageFact {
        family("image_family"),
        version("os_version"),
        built("image_build_date"),
        endOfLife("provided_until"),
        architecture("architecture"),
        description("image_description");

        private final String property;

        ImageFact(String property) {
            this.property = property;
        }

        /** The property's name where nobody says another. */
        public String property() {
            return property;
        }
    }

    /**
     * @param names the properties' names
     * @param properties the image's, by name
     */
    static ImageFacts of(
            Map<ImageFact, String> names,
            Map<String, String> properties,
            @Nullable Instant created,
            List<String> tags) {
        return new ImageFacts(
                text(names, properties, ImageFact.family),
                text(names, properties, ImageFact.version),
                text(names, properties, ImageFact.built),
                created == null ? null : created.toString(),
                text(names, properties, ImageFact.endOfLife),
                text(names, properties, ImageFact.architecture),
                text(names, properties, ImageFact.description),
                tags);
    }

    private static @Nullable String text(Map<ImageFact, String> names, Map<String, String> properties, ImageFact fact) {
        var value = properties.get(names.getOrDefault(fact, fact.property));
        if (value == null || value.isBlank()) {
            return null;
        }
        return value.length() <= LONGEST ? value.strip() : value.strip().substring(0, LONGEST) + "…";
    }

    /** The day from which its age counts: when it was built, else when Glance got it. Empty if neither is a date. */
    Optional<LocalDate> day() {
        return date(built).or(() -> date(created));
    }

    /** The last day, if it is a date. */
    Optional<LocalDate> end() {
        return date(endOfLife);
    }

    /** A date, or the date of a time in UTC. */
    static Optional<LocalDate> date(@Nullable String text) {
        if (text == null || text.length() < 10) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    text.length() == 10
                            ? LocalDate.parse(text)
                            : OffsetDateTime.parse(text.replace(' ', 'T'))
                                    .withOffsetSameInstant(ZoneOffset.UTC)
                                    .toLocalDate());
        } catch (DateTimeException e) {
            return Optional.empty(); // what people write there instead, such as "none"
        }
    }

    /** A name without the date that images of one family differ by. */
    static String withoutDate(String name) {
        var stem = DATE_AT_END.matcher(name).replaceFirst("");
        return stem.isEmpty() ? name : stem;
    }
}
