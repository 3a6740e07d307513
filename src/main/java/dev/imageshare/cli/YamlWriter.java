package dev.imageshare.cli;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Writes YAML with comments, in which every YAML parser reads each string as a string: SnakeYAML's writer, and its node
 * tree.
 */
final class YamlWriter {

    private static final int LONGEST_LINE = 120;
    /** For other characters of Unicode, parsers differ in what ends a line. */
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]*");

    /** A mapping under construction; fields keep their order. */
    static final class Mapping {
        private final List<NodeTuple> fields = new ArrayList<>();
        private List<CommentLine> comments = new ArrayList<>();

        /** Put on a line of its own before the next field. */
        Mapping comment(String text) {
            comments.add(line(text, CommentType.BLOCK));
            return this;
        }

        /** A string, quoted if a parser could read it as something else. */
        Mapping put(String name, String text) {
            var isPlain = PRINTABLE.matcher(text).matches();
            return put(name, scalar(text, isPlain ? ScalarStyle.PLAIN : ScalarStyle.DOUBLE_QUOTED));
        }

        Mapping putQuoted(String name, String text) {
            return put(name, scalar(text, ScalarStyle.DOUBLE_QUOTED));
        }

        /**
         * @param comment follows the value; empty for none
         */
        Mapping putQuoted(String name, String text, String comment) {
            var value = scalar(text, ScalarStyle.DOUBLE_QUOTED);
            if (!comment.isEmpty()) {
                value.setInLineComments(List.of(line(comment, CommentType.IN_LINE)));
            }
            return put(name, value);
        }

        Mapping put(String name, Mapping mapping) {
            return put(name, mapping.node());
        }

        Mapping put(String name, List<Mapping> items) {
            var nodes = items.stream().<Node>map(Mapping::node).toList();
            return put(name, new SequenceNode(Tag.SEQ, nodes, nodes.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK));
        }

        private Mapping put(String name, Node value) {
            var key = scalar(name, ScalarStyle.PLAIN);
            key.setBlockComments(comments);
            comments = new ArrayList<>();
            fields.add(new NodeTuple(key, value));
            return this;
        }

        private Node node() {
            return new MappingNode(Tag.MAP, fields, FlowStyle.BLOCK);
        }
    }

    Mapping mapping() {
        return new Mapping();
    }

    List<Mapping> list() {
        return new ArrayList<>();
    }

    private static ScalarNode scalar(String text, ScalarStyle style) {
        return new ScalarNode(Tag.STR, text, null, null, style);
    }

    private static CommentLine line(String text, CommentType type) {
        var printable = text.codePoints()
                .map(c -> StreamReader.isPrintable(c) && !isLineEnd(c) ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
        return new CommentLine(null, null, " " + printable, type);
    }

    /** In some YAML versions, these end a comment. */
    private static boolean isLineEnd(int c) {
        return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029' || c == '\uFEFF';
    }

    /** The document, ending in a line end. */
    String write(Mapping document) {
        var options = new DumperOptions();
        options.setProcessComments(true);
        options.setSplitLines(false);
        options.setWidth(LONGEST_LINE);
        options.setIndent(2);
        options.setIndicatorIndent(2);
        options.setIndentWithIndicator(true);
        options.setAllowUnicode(false);
        options.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
        var yaml = new Yaml(
                new SafeConstructor(new LoaderOptions()),
                new Representer(options),
                options,
                new LoaderOptions(),
                new AnyYaml());
        var text = new StringWriter();
        yaml.serialize(document.node(), text);
        return text.toString();
    }

    /**
     * Resolves everything that YAML 1.1, YAML 1.2 or kubectl could read as something other than a string; the writer
     * then quotes it.
     */
    private static final class AnyYaml extends Resolver {
        private static final Pattern NOT_TEXT =
                Pattern.compile("[-+.0-9].*|(?i:y|n|yes|no|on|off|true|false|null|nan|inf|~)|=|<<", Pattern.DOTALL);

        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.NULL, Pattern.compile(""), null);
            addImplicitResolver(Tag.INT, NOT_TEXT, null);
        }
    }
}
