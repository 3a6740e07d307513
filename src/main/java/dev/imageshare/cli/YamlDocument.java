package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * One document of a YAML file, typed as kubectl types it, and the line of each of its fields.
 *
 * @param tree the document
 * @param lines a field's line, by a path such as {@code spec.members[1].projectID}; the document's own is at ""
 */
record YamlDocument(JsonNode tree, Map<String, Integer> lines) {

    private static final int MAX_CHARACTERS = 64 << 20;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String ITEMS = "items";
    /** The path of an item, or of what is in it. */
    private static final Pattern ITEM = Pattern.compile(ITEMS + "\\[(\\d{1,7})]\\.?(.*)", Pattern.DOTALL);

    /** A file that is no YAML; the line is 0 if it isn't known. */
    static final class Malformed extends Exception {
        final int line;

        Malformed(int line, String message) {
            super(message);
            this.line = line;
        }

        @Override
        public String getMessage() {
            return Objects.requireNonNull(super.getMessage());
        }
    }

    /** All documents of a text; empty ones are left out. */
    static List<YamlDocument> all(String text) throws Malformed {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(1_000);
        var unused = new DumperOptions();
        var yaml = new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new KubectlTypes());
        var documents = new ArrayList<YamlDocument>();
        try {
            for (var node : yaml.composeAll(new java.io.StringReader(text))) {
                var lines = new HashMap<String, Integer>();
                var tree = new Reader(lines).read(node, "", 0);
                if (!tree.isNull()) {
                    documents.add(new YamlDocument(tree, lines));
                }
            }
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            throw new Malformed(mark == null ? 0 : mark.getLine() + 1, "not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new Malformed(0, "not valid YAML: " + firstLine(String.valueOf(e.getMessage())));
        }
        return documents;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** The line of a field, or of what it would be in. */
    int line(String path) {
        for (var at = path; !at.isEmpty(); at = parent(at)) {
            var line = lines.get(at);
            if (line != null) {
                return line;
            }
        }
        return lines.getOrDefault("", 0);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }

    /** The objects of a List, in order. */
    List<YamlDocument> items() {
        var parts = new ArrayList<YamlDocument>();
        tree.path(ITEMS).forEach(item -> parts.add(new YamlDocument(item, new HashMap<>())));
        lines.forEach((path, line) -> {
            var item = ITEM.matcher(path);
            if (item.matches()) {
                parts.get(Integer.parseInt(item.group(1))).lines.put(item.group(2), line);
            }
        });
        return parts;
    }

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static final class Reader {

        private static final int MAX_DEPTH = 100;
        /** Aliases of aliases can make a short text very long. */
        private static final int MAX_NODES = 2_000_000;

        private final Map<String, Integer> lines;
        private int nodes;

        Reader(Map<String, Integer> lines) {
            this.lines = lines;
        }

        JsonNode read(Node node, String path, int depth) throws Malformed {
            var line = node.getStartMark().getLine() + 1;
            if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
                throw new Malformed(line, "nested too deeply, or too long");
            }
            lines.putIfAbsent(path, line);
            if (node instanceof MappingNode mapping) {
                var object = JSON.objectNode();
                mapping(mapping, object, path, depth);
                return object;
            }
            if (node instanceof SequenceNode sequence) {
                var array = JSON.arrayNode();
                for (var item : sequence.getValue()) {
                    array.add(read(item, path + "[" + array.size() + "]", depth + 1));
                }
                return array;
            }
            return scalar((ScalarNode) node, line);
        }

        private void mapping(MappingNode mapping, ObjectNode object, String path, int depth) throws Malformed {
            var given = new HashSet<String>();
            for (var entry : mapping.getValue()) {
                var line = entry.getKeyNode().getStartMark().getLine() + 1;
                if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                    throw new Malformed(line, "not valid YAML: a key must be text");
                }
                if (key.getTag().equals(Tag.MERGE)) {
                    merge(entry.getValueNode(), object, path, depth, line);
                    continue;
                }
                var child = child(path, key.getValue());
                if (!given.add(key.getValue())) {
                    throw new Malformed(line, "not valid YAML: the key " + key.getValue() + " is given twice");
                }
                lines.put(child, line);
                object.set(key.getValue(), read(entry.getValueNode(), child, depth + 1));
            }
        }

        /** What is merged in counts where nothing else is said, wherever the merge stands. */
        private void merge(Node from, ObjectNode object, String path, int depth, int line) throws Malformed {
            if (from instanceof SequenceNode several) {
                for (var each : several.getValue()) {
                    merge(each, object, path, depth, line);
                }
                return;
            }
            if (!(read(from, path, depth + 1) instanceof ObjectNode merged)) {
                throw new Malformed(line, "not valid YAML: << merges mappings only");
            }
            merged.properties().forEach(each -> {
                if (!object.has(each.getKey())) {
                    object.set(each.getKey(), each.getValue());
                }
            });
        }

        private static JsonNode scalar(ScalarNode node, int line) throws Malformed {
            var text = node.getValue();
            var tag = node.getTag();
            if (tag.equals(Tag.NULL)) {
                return JSON.nullNode();
            }
            if (tag.equals(Tag.BOOL)) {
                return JSON.booleanNode(text.matches("(?i)true|yes|on"));
            }
            try {
                if (tag.equals(Tag.INT)) {
                    return integer(text.replace("_", ""));
                }
                if (tag.equals(Tag.FLOAT)) {
                    return JSON.numberNode(Double.parseDouble(text.replace("_", "")
                            .replaceFirst("(?i)^\\+?\\.inf$", "Infinity")
                            .replaceFirst("(?i)^-\\.inf$", "-Infinity")
                            .replaceFirst("(?i)^\\.nan$", "NaN")));
                }
            } catch (NumberFormatException e) {
                throw new Malformed(line, "not valid YAML: " + text + " is no number");
            }
            return JSON.textNode(text);
        }

        private static JsonNode integer(String text) {
            var sign = text.startsWith("-") ? "-" : "";
            var digits = text.replaceFirst("^[-+]", "");
            var value = digits.startsWith("0x")
                    ? new BigInteger(sign + digits.substring(2), 16)
                    : digits.startsWith("0b")
                            ? new BigInteger(sign + digits.substring(2), 2)
                            : digits.length() > 1 && digits.startsWith("0")
                                    ? new BigInteger(sign + digits.substring(1), 8)
                                    : new BigInteger(sign + digits);
            return value.bitLength() < 32
                    ? JSON.numberNode(value.intValue())
                    : value.bitLength() < 64 ? JSON.numberNode(value.longValue()) : JSON.numberNode(value);
        }
    }

    /** As SnakeYAML, but 1e5 is a number without a point as well, and a date or 1:30 is text. */
    private static final class KubectlTypes extends Resolver {
        private static final Pattern NUMBER = Pattern.compile(
                "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
        private static final Pattern INTEGER =
                Pattern.compile("[-+]?(0b[0-1_]+|0[0-7_]*|[1-9][0-9_]*|0x[0-9a-fA-F_]+)");

        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
            addImplicitResolver(Tag.INT, INTEGER, "-+0123456789");
            addImplicitResolver(Tag.FLOAT, NUMBER, "-+0123456789.");
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
