package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How values are written on a page, for the templates. */
public final class PageText {

    /** What a time in a status looks like; what looks otherwise is shown as it is. */
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?Z");

    private static final int DAY = 10;
    private static final int MINUTE = 16;

    private PageText() {}

    /**
     * A foreign text that can't change what stands around it: characters that turn the direction of writing and control
     * characters are made visible. Markup is for the template to escape.
     */
    public static String text(String foreign) {
        for (int i = 0; i < foreign.length(); i++) {
            if (isTurning(foreign.charAt(i))) {
                return visible(foreign);
            }
        }
        return foreign;
    }

    private static String visible(String foreign) {
        var text = new StringBuilder(foreign.length());
        for (int i = 0; i < foreign.length(); i++) {
            var c = foreign.charAt(i);
            text.append(isTurning(c) ? '\ufffd' : c);
        }
        return text.toString();
    }

    private static boolean isTurning(char c) {
        return c < ' '
                || (c >= 0x7f && c <= 0x9f)
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069')
                || c == '\u200e'
                || c == '\u200f'
                || c == '\u061c'
                || c == '\u2028'
                || c == '\u2029';
    }

    /** Such as {@code 2026-01-07 09:12 UTC}; a dash for null. */
    public static String time(@Nullable String rfc3339) {
        return rfc3339 != null && TIME.matcher(rfc3339).matches() ? minute(rfc3339) + " UTC" : orDash(rfc3339);
    }

    /** Such as {@code 2026-01-07 09:12}, for a column whose head says that it is UTC; a dash for null. */
    public static String minute(@Nullable String rfc3339) {
        return rfc3339 != null && TIME.matcher(rfc3339).matches()
                ? rfc3339.substring(0, DAY) + " " + rfc3339.substring(DAY + 1, MINUTE)
                : orDash(rfc3339);
    }

    /** To the second, since two looks can be in one minute. */
    public static String time(Instant instant) {
        var text = instant.truncatedTo(ChronoUnit.SECONDS).toString();
        return text.substring(0, DAY) + " " + text.substring(DAY + 1, text.length() - 1) + " UTC";
    }

    /** The date alone, of a time in UTC; a dash for null. */
    public static String day(@Nullable String rfc3339) {
        return rfc3339 != null && TIME.matcher(rfc3339).matches() ? rfc3339.substring(0, DAY) : orDash(rfc3339);
    }

    /** The text, or a dash where there is none. */
    public static String orDash(@Nullable String text) {
        return text == null || text.isEmpty() ? "–" : text(text);
    }

    /** Whole days up to the moment; empty if the text is no time, or one to come. */
    public static Optional<Long> days(@Nullable String rfc3339, Instant asOf) {
        if (rfc3339 == null || !TIME.matcher(rfc3339).matches()) {
            return Optional.empty();
        }
        try {
            var days = Instant.parse(rfc3339).until(asOf, ChronoUnit.DAYS);
            return days < 0 ? Optional.empty() : Optional.of(days);
        } catch (DateTimeParseException e) {
            return Optional.empty(); // such as a 30th of February
        }
    }

    /** Whole days from a date up to the moment, less than 0 for one to come. */
    static long days(LocalDate from, Instant asOf) {
        return from.until(asOf.atZone(ZoneOffset.UTC).toLocalDate(), ChronoUnit.DAYS);
    }

    /** What a membership is called. */
    public static String label(SiteMember member) {
        var answer = label(member.answer()) + (member.gone() ? ", not in Keystone" : "");
        if (member.held()) {
            return answer + ", removal held";
        }
        return member.isUndeclared() ? answer + ", undeclared" : answer;
    }

    /** What an answer is called. */
    public static String label(@Nullable MemberAnswer answer) {
        return answer == null ? "not yet a member" : answer.name();
    }

    /** The classes of a membership's cell. */
    public static String css(SiteMember member) {
        var answer = (member.answer() == null ? "absent" : member.answer().name()) + (member.gone() ? " gone" : "");
        if (member.held()) {
            return answer + " held";
        }
        return member.isUndeclared() ? answer + " undeclared" : answer;
    }

    /** Such as {@code 100,000}. */
    public static String number(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** To a tenth. */
    public static double percent(int part, int all) {
        return Math.round(1000.0 * part / all) / 10.0;
    }

    /** Such as {@code 1 image} and {@code 2 images}. */
    public static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** A value as it stands in a URL's query. */
    public static String query(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** A text that a shell takes as one word and as nothing else. */
    public static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:@=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
