package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okhttp3.Headers;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A whole answer, and what can be read out of it. Nothing in it is trusted. */
record Answer(Ask ask, int status, Headers headers, ByteString body) {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
    private static final int LONGEST_QUOTE = 512;
    private static final int LONGEST_NAME = 255;
    private static final Pattern LETTERS = Pattern.compile("[A-Za-z0-9]+");
    /** OpenStack's begin so, and no token does. */
    private static final Pattern REQUEST_ID = Pattern.compile("req-[A-Za-z0-9-]{1,64}");

    private static final String PLAIN_TIME = "0000-00-00T00:00:00Z";
    private static final Instant YEAR_1 = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant YEAR_10000 =
            Instant.parse("9999-12-31T23:59:59Z").plusSeconds(1);
    /** A key given twice, or something after the value, is refused: which of the two is meant can't be known. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            // a tree takes many times the text that it is made of
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(32)
                                    .maxTokenCount(2_000_000)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final ObjectReader ELEMENT = JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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

    /**
     * A list in the body, which must be a JSON object, and that object's other fields but for lists and objects.
     *
     * @param elements none is missing
     */
    record Listed<T>(List<T> elements, JsonNode others) {}

    /** Reads a list element by element: it may be long, and the tree of the whole takes many times its text. */
    <T> Listed<T> list(String field, Function<JsonNode, T> element) {
        try (JsonParser parser = JSON.createParser(new Buffer().write(body).inputStream())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("its body is not a JSON object");
            }
            List<T> elements = null;
            ObjectNode others = JSON.createObjectNode();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals(field)) {
                    elements = elements(parser, field, element);
                } else if (value.isScalarValue()) {
                    others.set(name, ELEMENT.readTree(parser));
                } else {
                    parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw malformed("something follows its body");
            }
            if (elements == null) {
                throw malformed(field + " is not a list");
            }
            return new Listed<>(elements, others);
        } catch (IOException e) {
            throw malformed("its body is not a JSON object");
        }
    }

    private <T> List<T> elements(JsonParser parser, String field, Function<JsonNode, T> element) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed(field + " is not a list");
        }
        List<T> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw malformed(field + " has an element that is not an object");
            }
            elements.add(element.apply(ELEMENT.readTree(parser)));
        }
        return elements;
    }

    /** A field that must be text of 1 to 255 characters, none of which breaks a line or a terminal. */
    String name(JsonNode object, String field) {
        String text = text(object, field);
        if (text.codePointCount(0, text.length()) > LONGEST_NAME || text.chars().anyMatch(Character::isISOControl)) {
            throw malformed(field + " is too long or has a control character");
        }
        return text;
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
        String text = value.textValue();
        if (hasHalfCharacter(text)) {
            throw malformed(field + " is not Unicode"); // it could be sent nowhere as it is
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

    /** A time. Glance writes them in one way, forty in a list of twenty members, and Java's own parser is slow at them. */
    Instant time(JsonNode object, String field) {
        try {
            Instant time = instant(text(object, field));
            if (!time.isBefore(YEAR_1) && time.isBefore(YEAR_10000)) {
                return time;
            }
        } catch (DateTimeException e) {
            // told below
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
                + (hint.isEmpty() ? "" : " (" + withoutSecrets(hint) + ")") + " [request " + requestId() + "]";
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
        String text = repeatsSecret(plain) ? "(its own words repeat a secret)" : withoutSecrets(plain);
        return text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE - 1) + "…" : text;
    }

    /** Neither what was sent, in any of the ways in which it may be repeated, nor the token that came, nor any Fernet token. */
    private String withoutSecrets(String text) {
        String shown = text;
        for (String secret : ask.secrets()) {
            for (String form : forms(secret)) {
                shown = shown.replace(form, "***");
            }
        }
        for (String token : headers.values("X-Subject-Token")) {
            shown = token.isBlank() ? shown : shown.replace(token.strip(), "***");
        }
        return shown.replaceAll("gAAAA[A-Za-z0-9_=-]{20,}", "***");
    }

    /** Whether a text still has a secret in it, whose letters are escaped in some way, perhaps more than once. */
    private boolean repeatsSecret(String text) {
        for (String secret : ask.secrets()) {
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

    /** The service's own ID of the request, or the one sent. */
    String requestId() {
        String given = headers.get("X-Openstack-Request-Id");
        return given != null && REQUEST_ID.matcher(given).matches() ? given : ask.requestId();
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
                : Instant.parse(text);
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
        return !text.startsWith("24", 11) && !text.startsWith("60", 17); // which the parser knows what to make of
    }

    private static int digits(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
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
