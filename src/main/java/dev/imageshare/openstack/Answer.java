package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import okhttp3.Headers;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A whole answer, and what can be read out of it. Nothing in it is trusted. */
record Answer(Ask ask, int status, Headers headers, ByteString body) {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
    private static final int LONGEST_QUOTE = 512;
    /** A key given twice, or something after the value, is refused: which of the two is meant can't be known. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The body, which must be a JSON object. */
    JsonNode json() {
        JsonNode tree = tree();
        if (tree == null || !tree.isObject()) {
            throw malformed("its body is not a JSON object");
        }
        return tree;
    }

    private @Nullable JsonNode tree() {
        try {
            return JSON.readTree(body.toByteArray());
        } catch (IOException e) {
            return null;
        }
    }

    /** A field that must be text and not empty. */
    String text(JsonNode object, String field) {
        String text = optionalText(object, field);
        if (text == null || text.isEmpty()) {
            throw malformed(field + " is missing");
        }
        return text;
    }

    /** A field that is text, null or absent. */
    @Nullable
    String optionalText(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw malformed(field + " is not text");
        }
        return value.textValue();
    }

    Instant time(JsonNode object, String field) {
        try {
            return Instant.parse(text(object, field));
        } catch (DateTimeException e) {
            throw malformed(field + " is not a time");
        }
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
        return failure(Kind.MALFORMED_ANSWER, "an answer that can't be used: " + why);
    }

    /** The failure, with the service's own text if there is one. */
    OpenStackException failure(Kind kind, String hint) {
        String text = quote();
        boolean unknown = ask.write()
                && switch (kind) {
                    case SERVER_ERROR, MALFORMED_ANSWER, ANSWER_TOO_LARGE, TIMEOUT -> true;
                    default -> false;
                };
        String message = ask + " answered " + status + (text == null ? "" : ": " + text)
                + (hint.isEmpty() ? "" : " (" + hint + ")") + " [request " + requestId() + "]";
        return new OpenStackException(kind, message, status, requestId(), retryAfter(), unknown);
    }

    /** Whether the error is told as Keystone or Glance tell it, not by something in between. */
    boolean fromOpenStack() {
        return quote() != null;
    }

    boolean says(String text) {
        return text.equals(quote());
    }

    /** Keystone: {@code {"error": {"message": ..}}}; Glance: {@code {"message": .., "code": "409 Conflict"}}, with HTML in it. */
    private @Nullable String quote() {
        JsonNode tree = status < 400 ? null : tree();
        if (tree == null) {
            return null;
        }
        JsonNode keystone = tree.path("error");
        JsonNode message = keystone.isObject() ? keystone.path("message") : tree.path("message");
        JsonNode code = keystone.isObject() ? keystone.path("code") : tree.path("code");
        if (!message.isTextual() || !code.asText().startsWith(Integer.toString(status))) {
            return null;
        }
        String raw = withoutSecrets(message.textValue());
        String plain = raw.substring(0, Math.min(raw.length(), 8 * LONGEST_QUOTE))
                .replaceAll("<[^<>]{0,200}>", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#x27;", "'")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        String text = withoutSecrets(plain);
        return text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE - 1) + "…" : text;
    }

    /** Neither what was sent nor any Fernet token. */
    private String withoutSecrets(String text) {
        String shown = text;
        for (String secret : ask.secrets()) {
            shown = shown.replace(secret, "***");
        }
        return shown.replaceAll("gAAAA[A-Za-z0-9_=-]{20,}", "***");
    }

    /** The service's own ID of the request, or the one sent. */
    String requestId() {
        String given = headers.get("X-Openstack-Request-Id");
        return given != null && given.matches("[A-Za-z0-9._-]{1,128}") ? given : ask.requestId();
    }

    /** Seconds or an HTTP date, the latter by the service's own clock where it tells it. */
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
            Instant until = httpDate(given);
            if (until == null) {
                return null;
            }
            String date = headers.get("Date");
            Instant now = date == null ? null : httpDate(date);
            wait = Duration.between(now == null ? Instant.now() : now, until);
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
    }

    private static @Nullable Instant httpDate(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Never the body nor the headers: they can hold a token. */
    @Override
    public String toString() {
        return ask + " answered " + status;
    }
}
