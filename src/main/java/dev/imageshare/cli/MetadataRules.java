package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.cli.CrdSchema.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** An API server's rules for an object's metadata. */
final class MetadataRules {

    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;
    private static final int MAX_ANNOTATIONS_BYTES = 256 << 10;

    private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern SUBDOMAIN = Pattern.compile(DNS_LABEL + "(\\." + DNS_LABEL + ")*");
    private static final Pattern NAMESPACE = Pattern.compile(DNS_LABEL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

    private final CrdSchema schema = CrdSchema.ofMetadata();

    /** The errors in the metadata; empty if there are none. */
    List<Violation> check(JsonNode metadata) {
        if (metadata.isMissingNode() || metadata.isNull()) {
            return List.of(new Violation("metadata.name", "is missing"));
        }
        var given = withoutNulls(metadata);
        var violations = new ArrayList<>(schema.check(given, "metadata"));
        if (violations.isEmpty()) {
            name(given, violations);
            keys(given.path("labels"), "metadata.labels", false, violations);
            given.path("labels").properties().forEach(label -> labelValue(label, violations));
            keys(given.path("annotations"), "metadata.annotations", true, violations);
            annotationsSize(given.path("annotations"), violations);
            finalizers(given.path("finalizers"), violations);
            ownerReferences(given.path("ownerReferences"), violations);
        }
        return violations;
    }

    /** For an API server a null is an absent field, and for a label the empty string. */
    private static JsonNode withoutNulls(JsonNode value) {
        if (value instanceof ObjectNode object) {
            var given = object.objectNode();
            object.properties().forEach(each -> {
                if (!each.getValue().isNull()) {
                    given.set(each.getKey(), withoutNulls(each.getValue()));
                }
            });
            return given;
        }
        if (value instanceof ArrayNode array) {
            var given = array.arrayNode();
            array.forEach(item -> given.add(withoutNulls(item)));
            return given;
        }
        return value;
    }

    private static void name(JsonNode metadata, List<Violation> violations) {
        var name = metadata.path("name").asText();
        if (name.isEmpty()) {
            violations.add(new Violation("metadata.name", "is missing"));
        } else if (!isName(name)) {
            violations.add(new Violation("metadata.name", nameRule()));
        }
        var namespace = metadata.path("namespace").asText();
        if (!namespace.isEmpty() && !isNamespace(namespace)) {
            violations.add(new Violation(
                    "metadata.namespace",
                    "must be a name of at most 63 lower case letters, digits and - (RFC 1123 label)"));
        }
        var prefix = metadata.path("generateName").asText();
        if (!prefix.isEmpty() && !isName(prefix.replaceFirst("-$", "a"))) {
            violations.add(new Violation("metadata.generateName", nameRule()));
        }
    }

    private static String nameRule() {
        return "must be a name of at most 253 lower case letters, digits, - and ., in which each part between dots"
                + " begins and ends with a letter or digit (RFC 1123 subdomain)";
    }

    static boolean isNamespace(String name) {
        return name.length() <= MAX_LABEL && NAMESPACE.matcher(name).matches();
    }

    private static boolean isName(String name) {
        return name.length() <= MAX_NAME && SUBDOMAIN.matcher(name).matches();
    }

    /**
     * @param anyCase whether capitals in a prefix are treated as lower case
     */
    private static void keys(JsonNode map, String path, boolean anyCase, List<Violation> violations) {
        map.properties().stream()
                .map(Map.Entry::getKey)
                .forEach(key -> qualified(anyCase ? key.toLowerCase(Locale.ROOT) : key)
                        .ifPresent(rule -> violations.add(
                                new Violation(ManifestDocument.child(path, key), "is not a valid key: " + rule))));
    }

    /** Why the text isn't a qualified name, such as {@code example.org/team}. */
    private static Optional<String> qualified(String key) {
        var slash = key.indexOf('/');
        var prefix = slash < 0 ? Optional.<String>empty() : Optional.of(key.substring(0, slash));
        var word = key.substring(slash + 1);
        if (prefix.isPresent() && !isName(prefix.get())) {
            return Optional.of("the part before the / must be a DNS name in lower case");
        }
        return word.length() <= MAX_LABEL && WORD.matcher(word).matches()
                ? Optional.empty()
                : Optional.of("it needs 1 to 63 letters, digits, -, _ and ., the first and the last a letter or digit");
    }

    private static void labelValue(Map.Entry<String, JsonNode> label, List<Violation> violations) {
        var value = label.getValue().asText();
        if (!value.isEmpty()
                && (value.length() > MAX_LABEL || !WORD.matcher(value).matches())) {
            violations.add(new Violation(
                    ManifestDocument.child("metadata.labels", label.getKey()),
                    "is not a valid label value: it may have at most 63 letters, digits, -, _ and ., the first and the"
                            + " last a letter or digit; put other text into an annotation"));
        }
    }

    private static void annotationsSize(JsonNode annotations, List<Violation> violations) {
        var bytes = annotations.properties().stream()
                .mapToLong(each -> bytes(each.getKey()) + bytes(each.getValue().asText()))
                .sum();
        if (bytes > MAX_ANNOTATIONS_BYTES) {
            violations.add(new Violation(
                    "metadata.annotations",
                    "have " + bytes + " bytes; at most " + MAX_ANNOTATIONS_BYTES + " are allowed"));
        }
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void finalizers(JsonNode finalizers, List<Violation> violations) {
        var all = new HashSet<String>();
        for (int i = 0; i < finalizers.size(); i++) {
            var name = finalizers.get(i).asText();
            all.add(name);
            var path = "metadata.finalizers[" + i + "]";
            qualified(name).ifPresent(rule -> violations.add(new Violation(path, "is not a valid finalizer: " + rule)));
        }
        if (all.contains("orphan") && all.contains("foregroundDeletion")) {
            violations.add(new Violation("metadata.finalizers", "may have orphan or foregroundDeletion, not both"));
        }
    }

    private static void ownerReferences(JsonNode owners, List<Violation> violations) {
        var controllers = 0;
        for (int i = 0; i < owners.size(); i++) {
            var owner = owners.get(i);
            var path = "metadata.ownerReferences[" + i + "]";
            controllers += owner.path("controller").asBoolean() ? 1 : 0;
            var version = owner.path("apiVersion").asText();
            if (!version.matches("[^/]+(/[^/]+)?")) {
                violations.add(new Violation(path + ".apiVersion", "must be a group and version, such as apps/v1"));
            }
            if (version.equals("v1") && owner.path("kind").asText().equals("Event")) {
                violations.add(new Violation(path + ".kind", "may not be Event: an Event can't own anything"));
            }
        }
        if (controllers > 1) {
            violations.add(new Violation(
                    "metadata.ownerReferences", "has several with controller: true; only one is allowed"));
        }
    }
}
