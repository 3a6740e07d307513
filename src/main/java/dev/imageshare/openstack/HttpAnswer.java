package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A response's status and headers, and what can be read from its JSON. All of it is untrusted.
 *
 * @param error the body, if it may be an error's text; otherwise empty
 */
record HttpAnswer(Ask ask, int status, Headers headers, ByteString error) {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
    private static final int LONGEST_QUOTE = 512;
    private static final int LONGEST_NAME = 255;
    private static final Pattern LETTERS = Pattern.compile("[A-Za-z0-9]+");
    /** OpenStack's request IDs begin like this, and no token does. */
    private static final Pattern REQUEST_ID = Pattern.compile("req-[A-Za-z0-9-]{1,64}");

    private static final String PLAIN_TIME = "0000-00-00T00:00:00Z";
    private static final Instant YEAR_1 = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant YEAR_10000 =
            Instant.parse("9999-12-31T23:59:59Z").plusSeconds(1);
    /** For an error's text: short, without control characters. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxTokenCount(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** code, message and title. */
    private static final int ERROR_FIELDS = 3;

    private static final String REPEATS_SECRET = "(its own words repeat a secret)";

    /** A field that must be a string of 1 to 255 characters without control characters. */
    String name(JsonNode object, String field) {
        String text = text(object, field);
        if (text.codePointCount(0, text.length()) > LONGEST_NAME || text.chars().anyMatch(Character::isISOControl)) {
            throw malformed(field + " is too long or has a control character");
        }
        return text;
    }

    /** A field that must be a non-empty string. */
    String text(JsonNode object, String field) {
        String text = optionalText(object, field);
        if (text == null || text.isEmpty()) {
            throw malformed(field + " is missing");
        }
        return text;
    }

    /** A field that is a string, null or absent. */
    @Nullable
    String optionalText(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw malformed(field + " is not a string");
        }
        String text = value.textValue();
        if (hasHalfCharacter(text)) {
            throw malformed(field + " is not valid Unicode"); // it couldn't be sent back unchanged
        }
        return text;
    }

    private static boolean hasHalfCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /**
     * A time. Glance always uses the same format, forty times in a list of twenty members, and Java's own parser is
     * slow.
     */
    Instant time(JsonNode object, String field) {
        return time(text(object, field), field);
    }

    /** A time as RFC 3339 in UTC, which is what Glance sends: writing it anew took 6 % of a quiet look's CPU. */
    String timeText(JsonNode object, String field) {
        String given = text(object, field);
        Instant time = time(given, field);
        return isPlainTime(given) ? given : time.toString();
    }

    private Instant time(String given, String field) {
        try {
            Instant time = instant(given);
            if (!time.isBefore(YEAR_1) && time.isBefore(YEAR_10000)) {
                return time;
            }
        } catch (DateTimeException e) {
            // reported below
        }
        throw malformed(field + " is not a time");
    }

    List<JsonNode> objects(JsonNode object, String field) {
        JsonNode array = object.path(field);
        if (!array.isArray()) {
            throw malformed(field + " is not a list");
        }
        List<JsonNode> found = new ArrayList<>(array.size());
        for (JsonNode each : array) {
            if (!each.isObject()) {
                throw malformed(field + " has an element that is not an object");
            }
            found.add(each);
        }
        return found;
    }

    OpenStackException malformed(String why) {
        return failure(Kind.MALFORMED_ANSWER, "a response that can't be used: " + why);
    }

    HttpAnswer with(ByteString itsError) {
        return new HttpAnswer(ask, status, headers, itsError);
    }

    OpenStackException tooLarge(String why) {
        return failure(Kind.ANSWER_TOO_LARGE, "the response is too large: " + why);
    }

    /**
     * The failure, with the service's own text if there is one.
     *
     * @param hint our own text; anything in it from the service must have gone through {@link #quoted}
     */
    OpenStackException failure(Kind kind, String hint) {
        String text = quote();
        boolean unknown = ask.write()
                && switch (kind) {
                    case SERVER_ERROR, MALFORMED_ANSWER, ANSWER_TOO_LARGE, OVERLOADED, TIMEOUT -> true;
                    default -> false;
                };
        String requestId = requestId();
        // that the request succeeded for the service isn't the problem
        String message = (kind.isAboutEntry() && !ask.source().isEmpty() ? ask.source() + ": " : "")
                + ask
                + (status < 300
                        ? ": " + hint
                        : " answered " + status + (text == null ? "" : ": " + text)
                                + (hint.isEmpty() ? "" : " (" + hint + ")"))
                + (requestId == null ? "" : " [request " + requestId + "]");
        return new OpenStackException(kind, message, status, requestId, retryAfter(), unknown);
    }

    /** Whether the error has Keystone's or Glance's format, rather than that of something in between. */
    boolean fromOpenStack() {
        return errorText() != null;
    }

    boolean hasError(String text) {
        return text.equals(errorText());
    }

    /** The {@code error} of OAuth 2.0, normally a code; empty if there is none. */
    String oauthError() {
        JsonNode tree = tree();
        return tree == null ? "" : tree.path("error").asText("");
    }

    /** The error's text, made safe for a message. */
    private @Nullable String quote() {
        String text = errorText();
        if (text == null) {
            return null;
        }
        String shown = quoted(text);
        return shown.length() > LONGEST_QUOTE ? shown.substring(0, LONGEST_QUOTE - 1) + "…" : shown;
    }

    /**
     * Keystone: {@code {"error": {"code": 401, "message": .., "title": ..}}}; Glance: {@code {"message": .., "code":
     * "409 Conflict", "title": ..}}, containing HTML. Only these formats, without other fields: other services,
     * including the Kubernetes API server, have errors that look similar, and not everybody may read those.
     */
    private @Nullable String errorText() {
        JsonNode tree = status < 400 ? null : tree();
        if (tree == null) {
            return null;
        }
        JsonNode keystone = tree.path("error");
        JsonNode found = keystone.isObject() ? keystone : tree;
        JsonNode code = found.path("code");
        int fields = found.size();
        boolean genuine;
        if (keystone.isObject()) {
            genuine = tree.size() == 1 && code.isInt() && code.intValue() == status;
            fields -= found.path("identity").isObject() ? 1 : 0; // the methods that it allows
        } else {
            genuine = code.isTextual() && code.textValue().startsWith(status + " ");
        }
        if (!genuine
                || fields != ERROR_FIELDS
                || !found.path("message").isTextual()
                || !found.path("title").isTextual()) {
            return null;
        }
        String raw = found.path("message").textValue();
        return raw.substring(0, Math.min(raw.length(), 8 * LONGEST_QUOTE))
                .replaceAll("<[^<>]{0,200}>", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#x27;", "'")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
    }

    private @Nullable JsonNode tree() {
        try {
            return JSON.readTree(error.toByteArray());
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * A text of the service, made safe for a message. If it repeats a secret, it is dropped completely: a text with
     * single letters masked would reveal them.
     */
    String quoted(String text) {
        return repeatsSecret(text) ? REPEATS_SECRET : text.replaceAll("gAAAA[A-Za-z0-9_=-]{20,}", "***");
    }

    /**
     * Whether a text contains a secret that was sent, or the token that was received, in any form in which it may be
     * repeated, such as with escaped letters, perhaps more than once.
     */
    private boolean repeatsSecret(String text) {
        for (String token : headers.values("X-Subject-Token")) {
            if (!token.isBlank() && text.contains(token.strip())) {
                return true;
            }
        }
        for (String secret : ask.secrets()) {
            if (forms(secret).stream().anyMatch(text::contains)) {
                return true;
            }
            String letters = LETTERS.matcher(secret)
                    .results()
                    .limit(3)
                    .map(MatchResult::group)
                    .collect(Collectors.joining(".{1,24}?"));
            if (letters.contains(".") && Pattern.compile(letters).matcher(text).find()) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> forms(String secret) {
        String json = JSON.getNodeFactory().textNode(secret).toString();
        Set<String> forms = new LinkedHashSet<>();
        forms.add(secret);
        forms.add(json.substring(1, json.length() - 1));
        forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        forms.add(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        return forms;
    }

    /**
     * The service's own ID of the request, under which its log has it; null if it returns none, since then no log needs
     * to have one.
     */
    @Nullable
    String requestId() {
        String given = headers.get("X-Openstack-Request-Id");
        return given != null && REQUEST_ID.matcher(given).matches() && !repeatsSecret(given) ? given : null;
    }

    /** Where the response redirects to, for a message; null if that isn't a URL. Redirects are never followed. */
    @Nullable
    String redirection() {
        String given = headers.get("Location");
        HttpUrl to = given == null || status < 300 || status >= 400
                ? null
                : ask.url().resolve(given);
        if (to == null) {
            return null;
        }
        String shown = to.newBuilder()
                .username("")
                .password("")
                .query(null)
                .fragment(null)
                .build()
                .toString();
        return shown.length() > LONGEST_NAME ? null : quoted(shown);
    }

    /** Seconds or an HTTP date, the latter by the service's own clock if it sends it. */
    @Nullable
    Duration retryAfter() {
        String value = headers.get("Retry-After");
        if (value == null) {
            return null;
        }
        String given = value.strip();
        Duration wait;
        if (given.matches("\\d+")) {
            wait = given.length() > 6 ? LONGEST_RETRY_AFTER : Duration.ofSeconds(Long.parseLong(given));
        } else {
            Instant until = ServerClock.httpDate(given);
            if (until == null) {
                return null;
            }
            wait = Duration.between(serverTime(), until);
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
    }

    /** The service's own clock if it sends it, otherwise this machine's. */
    Instant serverTime() {
        String date = headers.get("Date");
        Instant serverTime = date == null ? null : ServerClock.httpDate(date);
        return serverTime == null ? Instant.now() : serverTime;
    }

    static Instant instant(String text) {
        return isPlainTime(text)
                ? LocalDateTime.of(
                                digits(text, 0, 4),
                                digits(text, 5, 7),
                                digits(text, 8, 10),
                                digits(text, 11, 13),
                                digits(text, 14, 16),
                                digits(text, 17, 19))
                        .toInstant(ZoneOffset.UTC)
                : Instant.parse(
                        // the format of issued_at in Keystone v2.0
                        text.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+") ? text + "Z" : text);
    }

    private static boolean isPlainTime(String text) {
        if (text.length() != PLAIN_TIME.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (PLAIN_TIME.charAt(i) == '0' ? c < '0' || c > '9' : c != PLAIN_TIME.charAt(i)) {
                return false;
            }
        }
        return !text.startsWith("24", 11) && !text.startsWith("60", 17); // which the parser can read
    }

    private static int digits(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /** Never the body or the headers: they can contain a token. */
    @Override
    public String toString() {
        return ask + " answered " + status;
    }
}
