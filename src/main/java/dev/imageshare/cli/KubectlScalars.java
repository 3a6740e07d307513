package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How kubectl, Argo CD and Flux read a plain YAML scalar. They use sigs.k8s.io/yaml, a fork of go-yaml 2, which is
 * neither YAML 1.1 nor 1.2: {@code y} is a boolean and {@code 0o17} a number, but {@code 1:30} and a date are strings.
 */
final class KubectlScalars {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Pattern NOT_IN_JSON = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    private static final Pattern INTEGER =
            Pattern.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))");
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final BigInteger UNSIGNED_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final BigInteger SIGNED_MIN = BigInteger.valueOf(Long.MIN_VALUE);

    private KubectlScalars() {}

    /**
     * The value of a scalar without quotes and without a tag.
     *
     * @throws Malformed if JSON has no such value, as for infinity
     */
    static JsonNode resolve(String text, int line) throws Malformed {
        if (NULL.contains(text)) {
            return JSON.nullNode();
        }
        if (TRUE.contains(text)) {
            return JSON.booleanNode(true);
        }
        if (FALSE.contains(text)) {
            return JSON.booleanNode(false);
        }
        if (NOT_IN_JSON.matcher(text).matches()) {
            throw new Malformed(line, text + " is a number that JSON doesn't have; put it in quotes");
        }
        return switch (text.charAt(0)) {
            case '.' -> NUMBER.matcher(text).matches() ? number(text) : JSON.textNode(text);
            case '+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> numeric(text);
            default -> JSON.textNode(text);
        };
    }

    private static JsonNode numeric(String text) {
        var plain = text.replace("_", "");
        var integer = INTEGER.matcher(plain);
        if (integer.matches()) {
            var digits = new String[] {integer.group(2), integer.group(3), integer.group(4), integer.group(5)};
            var radixes = new int[] {16, 2, 8, 10};
            for (int i = 0; i < digits.length; i++) {
                if (digits[i] != null) {
                    var value = new BigInteger(digits[i], radixes[i]);
                    var signed = integer.group(1).equals("-") ? value.negate() : value;
                    if (signed.compareTo(SIGNED_MIN) >= 0 && signed.compareTo(UNSIGNED_MAX) <= 0) {
                        return integer(signed);
                    }
                }
            }
        }
        return NUMBER.matcher(plain).matches() ? number(plain) : JSON.textNode(text);
    }

    private static JsonNode integer(BigInteger value) {
        return value.bitLength() < 32
                ? JSON.numberNode(value.intValue())
                : value.bitLength() < 64 ? JSON.numberNode(value.longValue()) : JSON.numberNode(value);
    }

    /** JSON doesn't distinguish 1 and 1.0, and on its way to the API server a whole number loses its decimal point. */
    private static JsonNode number(String text) {
        var value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            return JSON.textNode(text);
        }
        return value == Math.rint(value) && Math.abs(value) < 1L << 53
                ? integer(BigInteger.valueOf((long) value))
                : JSON.numberNode(value);
    }
}
