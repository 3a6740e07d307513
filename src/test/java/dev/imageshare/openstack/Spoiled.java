package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes bad input out of good: a few changes at random places, of the kinds that parsers have been broken by. */
public final class Spoiled {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Pieces that mean something to YAML, JSON, PEM, HTTP or to those who read them. */
    private static final List<String> PIECES = List.of(
            "",
            "null",
            "~",
            "[",
            "]",
            "{",
            "}",
            ":",
            ": ",
            ",",
            "- ",
            "&a ",
            "*a",
            "&a [*a]",
            "<<: ",
            "<<: *a\n",
            "? ",
            "\"",
            "'",
            "\n",
            "\r\n",
            "\r\n\r\n",
            "\t",
            "|\n",
            ">\n",
            "#",
            "%",
            "%YAML 1.1\n---\n",
            "---\n",
            "...\n",
            "!!int ",
            "!!binary ",
            "!!set ",
            "!!omap ",
            "!!timestamp 2001-01-01",
            "!!float .inf",
            "!!python/object:os.system ",
            "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1:1/\"]]]]",
            "!<tag:yaml.org,2002:str> ",
            "0",
            "-1",
            "1e999",
            "99999999999999999999",
            "true",
            "\u0000",
            "\u0007",
            "\u001b[31m",
            "\u0085",
            "\u2028",
            "\ufeff",
            "\ufffe",
            "\ud800",
            "\ud83d\ude00",
            "\u202e",
            "\\u0000",
            "\\ud800",
            "-----BEGIN CERTIFICATE-----\n",
            "-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\n",
            "http://user:word@host/",
            "file:///etc/passwd",
            "../../",
            "%2e%2e%2f");

    private final Random random;

    public Spoiled(Random random) {
        this.random = random;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** One to eight changes of a text. */
    public String text(String good) {
        String bad = good;
        for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
            int from = random.nextInt(bad.length() + 1);
            int to = from + random.nextInt(Math.min(bad.length() - from, 12) + 1);
            String gone = bad.substring(from, to);
            String rest = bad.substring(to);
            String begin = bad.substring(0, from);
            bad = switch (random.nextInt(9)) {
                case 0, 1, 2 -> begin + any(PIECES) + rest;
                case 3 -> begin + rest;
                case 4 -> begin + gone + gone + rest;
                case 5 -> begin + (char) random.nextInt(0x10000) + rest;
                case 6 -> begin + any(PIECES).repeat(1 + random.nextInt(200)) + rest;
                case 7 -> random.nextInt(4) == 0 ? begin : rest + begin;
                default -> {
                    int other = random.nextInt(bad.length() + 1);
                    yield begin
                            + bad.substring(Math.min(other, bad.length()), Math.min(bad.length(), other + 40))
                            + rest;
                }
            };
        }
        return bad;
    }

    /** One to four changes of bytes. */
    public byte[] bytes(byte[] good) {
        List<Byte> bad = new ArrayList<>(good.length);
        for (byte each : good) {
            bad.add(each);
        }
        for (int changes = 1 + random.nextInt(4); changes > 0 && !bad.isEmpty(); changes--) {
            int at = random.nextInt(bad.size());
            switch (random.nextInt(4)) {
                case 0 -> bad.set(at, (byte) random.nextInt(256));
                case 1 -> bad.set(at, (byte) (bad.get(at) ^ (1 << random.nextInt(8))));
                case 2 ->
                    bad.subList(at, Math.min(bad.size(), at + random.nextInt(16)))
                            .clear();
                default -> bad.add(at, (byte) random.nextInt(256));
            }
        }
        byte[] result = new byte[bad.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = bad.get(i);
        }
        return result;
    }

    /** One to three values of a JSON text are of another type or size, missing, or where they don't belong. */
    public String json(String good) {
        try {
            JsonNode tree = JSON.readTree(good);
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                List<ContainerNode<?>> places = new ArrayList<>();
                collect(tree, places);
                if (places.isEmpty()) {
                    break;
                }
                change(any(places), any(places));
            }
            return JSON.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> into) {
        if (node instanceof ContainerNode<?> container && !node.isEmpty()) {
            into.add(container);
        }
        node.forEach(child -> collect(child, into));
    }

    private void change(ContainerNode<?> place, ContainerNode<?> other) {
        if (place instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = any(names);
            switch (random.nextInt(4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(any(PIECES), object.get(name).deepCopy());
                default -> object.set(name, value(other));
            }
        } else if (place instanceof ArrayNode array) {
            switch (random.nextInt(4)) {
                case 0 -> array.remove(0);
                case 1 -> array.add(array.get(0).deepCopy());
                case 2 -> array.set(0, value(other));
                default -> array.add(value(other));
            }
        }
    }

    private JsonNode value(JsonNode other) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        return switch (random.nextInt(13)) {
            case 0 -> make.nullNode();
            case 1 -> make.objectNode();
            case 2 -> make.arrayNode();
            case 3 -> make.booleanNode(random.nextBoolean());
            case 4 -> make.numberNode(new BigInteger("9".repeat(1 + random.nextInt(400))));
            case 5 -> make.numberNode(new BigDecimal("1e" + random.nextInt(1_000_000)));
            case 6 -> make.textNode("");
            case 7 -> make.textNode(any(PIECES).repeat(1 + random.nextInt(2_000)));
            case 8 ->
                make.textNode(any(List.of(
                        "+1000000000-12-31T23:59:59.999999999Z",
                        "-1000000000-01-01T00:00:00Z",
                        "9999-12-31T23:59:60Z",
                        "2026-02-30T00:00:00Z",
                        "0000-00-00T00:00:00Z",
                        "1970-01-01T00:00:00+99:99")));
            case 9 ->
                make.textNode(any(List.of(
                        "ftp://127.0.0.1/",
                        "file:///etc/passwd",
                        "http://u:p@127.0.0.1/",
                        "http://",
                        "http://[::1",
                        "http://127.0.0.1:99999/",
                        "http://127.0.0.1/%",
                        "http://127.0.0.1/?a#b",
                        "http://a b/",
                        "//127.0.0.1/",
                        "http://\u00fc\u2603.example/{}|^`/",
                        "gopher:x")));
            case 10 -> deep(random.nextInt(200));
            case 11 -> make.textNode(any(PIECES));
            default -> other.deepCopy();
        };
    }

    private static JsonNode deep(int levels) {
        ArrayNode top = JsonNodeFactory.instance.arrayNode();
        ArrayNode at = top;
        for (int i = 0; i < levels; i++) {
            at = at.addArray();
        }
        return top;
    }
}
