package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Reads one YAML document with SnakeYAML's grammar and kubectl's types ({@link KubectlScalars}). */
final class YamlReader {

    private static final int MAX_CHARACTERS = 64 << 20;
    private static final int MAX_DEPTH = 100;
    /** Aliases of aliases can turn a short text into a very long one. */
    private static final int MAX_NODES = 2_000_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** The tag of a scalar without quotes and without a tag of its own. */
    private static final Tag PLAIN = new Tag("!plain");

    private final Map<String, Integer> lines = new HashMap<>();
    private int nodes;

    private YamlReader() {}

    /** The document; empty if there is nothing in it. */
    static Optional<ManifestDocument> read(String text) throws Malformed {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setMaxAliasesForCollections(1_000);
        var unused = new DumperOptions();
        var yaml = new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new Untyped());
        try {
            var all = yaml.composeAll(new StringReader(text)).iterator();
            if (!all.hasNext()) {
                return Optional.empty();
            }
            var reader = new YamlReader();
            var tree = reader.read(all.next(), "", 0);
            if (all.hasNext()) {
                throw new Malformed(
                        all.next().getStartMark().getLine() + 1,
                        "kubectl does not read what follows '...'; put '---' before it");
            }
            return tree.isNull() ? Optional.empty() : Optional.of(new ManifestDocument(tree, reader.lines));
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            throw new Malformed(mark == null ? 0 : mark.getLine() + 1, "not valid YAML: " + e.getProblem());
        } catch (ReaderException e) {
            throw new Malformed(
                    lineAt(text, e.getPosition()),
                    "not valid YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            throw new Malformed(0, "not valid YAML: " + firstLine(String.valueOf(e.getMessage())));
        }
    }

    private static int lineAt(String text, int codePoint) {
        return 1
                + (int) text.codePoints()
                        .limit(codePoint)
                        .filter(c -> c == '\n')
                        .count();
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private JsonNode read(Node node, String path, int depth) throws Malformed {
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
            if (isMerge(entry.getKeyNode())) {
                merge(entry.getValueNode(), object, path, depth, line);
                continue;
            }
            var key = key(entry.getKeyNode(), line);
            var child = ManifestDocument.child(path, key);
            if (!given.add(key)) {
                throw new Malformed(line, "not valid YAML: the key " + key + " is given twice");
            }
            lines.put(child, line);
            object.set(key, read(entry.getValueNode(), child, depth + 1));
        }
    }

    private static String key(Node node, int line) throws Malformed {
        if (node instanceof ScalarNode scalar) {
            var key = scalar(scalar, line);
            if (!key.isNull()) {
                return key.asText();
            }
        }
        throw new Malformed(line, "not valid YAML: a key must be a string");
    }

    private static boolean isMerge(Node key) {
        return key instanceof ScalarNode scalar
                && (key.getTag().equals(Tag.MERGE)
                        || (key.getTag().equals(PLAIN) && scalar.getValue().equals("<<")));
    }

    /**
     * Merged keys come after explicit ones. If the order matters, kubectl uses the merge and kustomize the mapping, so
     * this is rejected.
     */
    private void merge(Node from, ObjectNode object, String path, int depth, int line) throws Malformed {
        var merged = JSON.objectNode();
        collect(from, merged, path, depth, line);
        for (var each : merged.properties()) {
            var before = object.get(each.getKey());
            if (before != null && !before.equals(each.getValue())) {
                throw new Malformed(
                        line,
                        "<< has another " + each.getKey()
                                + " than what stands before it, which kubectl and kustomize read differently; put << first");
            }
            object.set(each.getKey(), each.getValue());
        }
    }

    /** Of several mappings the first one takes precedence. */
    private void collect(Node from, ObjectNode merged, String path, int depth, int line) throws Malformed {
        if (from instanceof SequenceNode several) {
            for (var each : several.getValue()) {
                collect(each, merged, path, depth, line);
            }
            return;
        }
        if (!(read(from, path, depth + 1) instanceof ObjectNode one)) {
            throw new Malformed(line, "not valid YAML: << merges mappings only");
        }
        one.properties().forEach(each -> {
            if (!merged.has(each.getKey())) {
                merged.set(each.getKey(), each.getValue());
            }
        });
    }

    private static JsonNode scalar(ScalarNode node, int line) throws Malformed {
        var text = node.getValue();
        var tag = node.getTag();
        if (tag.equals(PLAIN)) {
            return KubectlScalars.resolve(text, line);
        }
        if (tag.equals(Tag.BINARY)) {
            try {
                return JSON.textNode(new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new Malformed(line, "not valid YAML: a !!binary must be base64");
            }
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT) || tag.equals(Tag.BOOL) || tag.equals(Tag.NULL)) {
            var value = KubectlScalars.resolve(text, line);
            if (tag.equals(Tag.BOOL) ? value.isBoolean() : tag.equals(Tag.NULL) ? value.isNull() : value.isNumber()) {
                return value;
            }
            throw new Malformed(line, "not valid YAML: " + text + " is not what its tag " + tag + " says");
        }
        return JSON.textNode(text);
    }

    /** Leaves the type of a plain scalar to {@link KubectlScalars}. */
    private static final class Untyped extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            // None: see resolve.
        }

        @Override
        public Tag resolve(NodeId kind, String value, boolean implicit) {
            return kind == NodeId.scalar && implicit ? PLAIN : super.resolve(kind, value, implicit);
        }
    }
}
