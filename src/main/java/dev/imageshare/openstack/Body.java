package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.AnswerBudget.Lease;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.CharConversionException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a response as a stream. Of objects only the fields that this client knows are kept; the rest, most
 * of an image and of a catalog, is skipped. A connection that ends is an {@link IOException}, whatever was read before.
 */
final class Body {
    /** All fields that this client reads, at any level; others take no memory. */
    private static final Set<String> FIELDS = Set.of(
            "OS-TRUST:trust",
            "access",
            "access_token",
            "adminURL",
            "all",
            "catalog",
            "created_at",
            "domain",
            "domain_id",
            "enabled",
            "endpoints",
            "expires",
            "expires_at",
            "id",
            "id_token",
            "image_id",
            "interface",
            "internalURL",
            "issued_at",
            "links",
            "member_id",
            "name",
            "next",
            "owner",
            "project",
            "publicURL",
            "region",
            "region_id",
            "roles",
            "serviceCatalog",
            "status",
            "system",
            "tags",
            "tenant",
            "token",
            "token_endpoint",
            "truncated",
            "type",
            "updated_at",
            "url",
            "user",
            "versions",
            "visibility");

    /** The memory that a node and its place in its parent take, without its text. */
    private static final int NODE = 96;

    /**
     * Jackson interns the names that it has read, 6,000 at most. Glance's have 255 characters at most, so this takes at
     * most 2 MB for any input. Without it, and so without the byte-based parser, a resync of 20 members allocated a
     * third more. Text of more than 64 KiB is never kept here.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(256)
                    .maxStringLength(64 << 10)
                    .build())
            .build();

    private final HttpAnswer answer;
    private final InputStream in;
    private final AnswerLimits limits;
    private final Lease lease;

    /**
     * @param answer status and headers
     * @param in closed by the caller
     */
    Body(HttpAnswer answer, InputStream in, AnswerLimits limits, Lease lease) {
        this.answer = answer;
        this.in = in;
        this.limits = limits;
        this.lease = lease;
    }

    /** The result of parsing a body. */
    @FunctionalInterface
    interface Reading<T> {
        T of(HttpAnswer answer, Body body) throws IOException;
    }

    /**
     * A list in a body, and the fields next to it, except other lists.
     *
     * @param elements all of them, unless {@code enough} stopped the reading
     */
    record Listed<T>(List<T> elements, JsonNode others) {}

    /** The body, which must be a JSON object. */
    JsonNode object() throws IOException {
        return parse(limits.single(), parser -> {
            begin(parser);
            JsonNode object = object(parser);
            end(parser);
            return object;
        });
    }

    /**
     * The list in the body, which must be a JSON object.
     *
     * @param element what is kept of an element, or null for nothing
     * @param bytes the memory that it takes, approximately
     */
    <T> Listed<T> list(String field, Function<JsonNode, @Nullable T> element, ToLongFunction<T> bytes)
            throws IOException {
        return list(field, Set.of(), element, bytes, () -> false);
    }

    /**
     * @param also fields of an element to keep in addition to the usual ones
     * @param enough asked before each element; true: the rest of the body is not read
     */
    <T> Listed<T> list(
            String field,
            Set<String> also,
            Function<JsonNode, @Nullable T> element,
            ToLongFunction<T> bytes,
            BooleanSupplier enough)
            throws IOException {
        return parse(limits.list(), parser -> {
            begin(parser);
            List<T> elements = null;
            ObjectNode others = JsonNodeFactory.instance.objectNode();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals(field)) {
                    if (elements != null) {
                        throw givenTwice(name);
                    }
                    elements = new ArrayList<>();
                    if (!elements(parser, field, also, element, bytes, elements, enough)) {
                        return new Listed<>(List.copyOf(elements), others);
                    }
                } else if (FIELDS.contains(name) && value != JsonToken.START_ARRAY) {
                    set(others, name, value(parser));
                } else {
                    parser.skipChildren();
                }
            }
            if (elements == null) {
                throw answer.malformed(field + " is not a list");
            }
            end(parser);
            return new Listed<>(List.copyOf(elements), others);
        });
    }

    /**
     * The keys of the objects nested in a field of an object in the body: {@code {"project": {"subtree": {"a": {"b":
     * null}, "c": null}}}} has a, b and c.
     *
     * @param object the object's name in the body
     * @param field in it; null for no keys
     * @param element what is kept of a key, or null for nothing
     * @param bytes the memory that it takes, approximately
     * @return with the object's strings and booleans next to that field
     */
    <T> Listed<T> keys(String object, String field, Function<String, @Nullable T> element, ToLongFunction<T> bytes)
            throws IOException {
        return parse(limits.list(), parser -> {
            begin(parser);
            Listed<T> found = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (!name.equals(object)) {
                    parser.skipChildren();
                } else if (found != null) {
                    throw givenTwice(name);
                } else if (value != JsonToken.START_OBJECT) {
                    throw answer.malformed(object + " is not an object");
                } else {
                    found = keysOf(parser, field, element, bytes);
                }
            }
            if (found == null) {
                throw answer.malformed(object + " is missing");
            }
            end(parser);
            return found;
        });
    }

    private <T> Listed<T> keysOf(
            JsonParser parser, String field, Function<String, @Nullable T> element, ToLongFunction<T> bytes)
            throws IOException {
        List<T> elements = null;
        ObjectNode others = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals(field)) {
                if (elements != null) {
                    throw givenTwice(name);
                }
                elements = new ArrayList<>();
                if (value == JsonToken.START_OBJECT) {
                    nestedKeys(parser, field, element, bytes, elements);
                } else if (value != JsonToken.VALUE_NULL) {
                    throw answer.malformed(field + " is not an object");
                }
            } else if (FIELDS.contains(name) && value.isScalarValue()) {
                set(others, name, scalar(parser));
            } else {
                parser.skipChildren();
            }
        }
        if (elements == null) {
            throw answer.malformed(field + " is missing");
        }
        return new Listed<>(List.copyOf(elements), others);
    }

    /** At any depth that the parser accepts. */
    private <T> void nestedKeys(
            JsonParser parser,
            String field,
            Function<String, @Nullable T> element,
            ToLongFunction<T> bytes,
            List<T> into)
            throws IOException {
        for (int depth = 1; depth > 0; ) {
            switch (parser.nextToken()) {
                case END_OBJECT -> depth--;
                case FIELD_NAME -> {
                    T made = element.apply(parser.currentName());
                    if (made != null) {
                        use(bytes.applyAsLong(made));
                        into.add(made);
                    }
                    JsonToken value = parser.nextToken();
                    if (value == JsonToken.START_OBJECT) {
                        depth++;
                    } else if (value != JsonToken.VALUE_NULL) {
                        throw answer.malformed(field + " contains something other than objects");
                    }
                }
                default -> throw answer.malformed(field + " is not an object");
            }
        }
    }

    private interface Parsing<T> {
        T by(JsonParser parser) throws IOException;
    }

    private <T> T parse(long longest, Parsing<T> parsing) throws IOException {
        try (JsonParser parser = JSON.createParser(new Bounded(in, answer, longest))) {
            return parsing.by(parser);
        } catch (JsonProcessingException | CharConversionException e) {
            throw answer.malformed("its body is not a JSON object");
        }
    }

    private void begin(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw answer.malformed("its body is not a JSON object");
        }
    }

    /** Reads to the end of the connection: a response that is truncated after its JSON is still truncated. */
    private void end(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw answer.malformed("there is data after its body");
        }
    }

    /** Reads them into a list; false if there were enough before the last one. */
    private <T> boolean elements(
            JsonParser parser,
            String field,
            Set<String> also,
            Function<JsonNode, @Nullable T> element,
            ToLongFunction<T> bytes,
            List<T> into,
            BooleanSupplier enough)
            throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw answer.malformed(field + " is not a list");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (enough.getAsBoolean()) {
                return false;
            }
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw answer.malformed(field + " has an element that is not an object");
            }
            long before = lease.used();
            T made = element.apply(object(parser, also));
            lease.backTo(before);
            if (made != null) {
                use(bytes.applyAsLong(made));
                into.add(made);
            }
        }
        return true;
    }

    private ObjectNode object(JsonParser parser) throws IOException {
        return object(parser, Set.of());
    }

    private ObjectNode object(JsonParser parser, Set<String> also) throws IOException {
        use(NODE);
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (FIELDS.contains(name) || also.contains(name)) {
                set(object, name, value(parser));
            } else {
                parser.skipChildren();
            }
        }
        return object;
    }

    private ArrayNode array(JsonParser parser) throws IOException {
        use(NODE);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    private JsonNode value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            default -> scalar(parser);
        };
    }

    /** The value of a number is never needed, but it must not look like a string, a boolean or an absent field. */
    private JsonNode scalar(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            use(NODE);
            return JsonNodeFactory.instance.nullNode();
        }
        if (token != JsonToken.VALUE_STRING) {
            use(NODE);
            return token.isBoolean()
                    ? JsonNodeFactory.instance.booleanNode(token == JsonToken.VALUE_TRUE)
                    : JsonNodeFactory.instance.numberNode(0);
        }
        String text = parser.getText();
        use(NODE + 2L * text.length());
        return JsonNodeFactory.instance.textNode(text);
    }

    /** A key given twice is rejected, since it isn't clear which of the two is meant. */
    private void set(ObjectNode object, String name, JsonNode value) {
        if (object.replace(name, value) != null) {
            throw givenTwice(name);
        }
    }

    private OpenStackException givenTwice(String name) {
        return answer.malformed(name + " is given twice");
    }

    private void use(long bytes) {
        if (lease.used() + bytes > limits.kept()) {
            throw answer.tooLarge("more than " + limits.kept() + " bytes of it would have to be kept");
        }
        if (!lease.use(bytes)) {
            throw answer.failure(
                    Kind.OVERLOADED,
                    "the response was not read: other large responses are being read, in this namespace or overall,"
                            + " and there is no memory for another one; the operator retries later");
        }
    }

    /** Ends when more is read than is allowed. */
    private static final class Bounded extends FilterInputStream {
        private final HttpAnswer answer;
        private final long longest;
        private long left;

        Bounded(InputStream in, HttpAnswer answer, long longest) {
            super(in);
            this.answer = answer;
            this.longest = longest;
            this.left = longest;
        }

        @Override
        public int read() throws IOException {
            throw new UnsupportedOperationException("a parser reads in blocks");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) {
                left -= read;
                if (left < 0) {
                    throw answer.tooLarge("it has more than " + longest + " bytes");
                }
            }
            return read;
        }
    }
}
