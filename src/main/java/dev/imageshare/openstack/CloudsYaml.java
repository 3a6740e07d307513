package dev.imageshare.openstack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The text of a clouds.yaml, and its entries. Uses SnakeYAML directly, since Jackson's tree model doesn't support
 * anchors, which people use.
 */
final class CloudsYaml {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_.@ -]{1,64}");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private CloudsYaml() {}

    static Map<?, ?> entry(String text, String cloudName) {
        return entry(section(load(text), "clouds"), cloudName);
    }

    /** A mapping of entries by name, such as the one under {@code clouds}; empty if there is none. */
    static Map<?, ?> section(@Nullable Object root, String name) {
        return root instanceof Map<?, ?> map && map.get(name) instanceof Map<?, ?> found ? found : Map.of();
    }

    static Map<?, ?> entry(Map<?, ?> clouds, String cloudName) {
        if (clouds.isEmpty()) {
            throw new OpenStackException(
                    Kind.INVALID_CONFIG, "clouds.yaml has no entries: put them under the top-level key clouds");
        }
        if (clouds.containsKey(cloudName) && !(clouds.get(cloudName) instanceof Map)) {
            throw new OpenStackException(
                    Kind.INVALID_CONFIG, "clouds.yaml's entry " + shown(cloudName) + " must be a mapping");
        }
        if (!(clouds.get(cloudName) instanceof Map<?, ?> entry)) {
            String names = clouds.entrySet().stream()
                    .filter(e -> e.getValue() instanceof Map)
                    .map(e -> e.getKey())
                    // something that isn't a name, such as a whole mapping, can contain a password
                    .filter(key ->
                            key instanceof String name && NAME.matcher(name).matches())
                    .map(String::valueOf)
                    .limit(20)
                    .collect(Collectors.joining(", "));
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml has no entry " + shown(cloudName) + "; it has: " + (names.isEmpty() ? "none" : names));
        }
        return entry;
    }

    static @Nullable Object load(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        options.setNestingDepthLimit(20);
        DumperOptions unused = new DumperOptions();
        Yaml yaml = new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new AsTyped());
        try {
            return yaml.load(text);
        } catch (MarkedYAMLException e) {
            // its message quotes the lines around the problem, and those can contain a password
            Mark mark = e.getProblemMark();
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml is not valid YAML"
                            + (mark == null
                                    ? ""
                                    : " at line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                            + " (a syntax error, a key given twice, or an unknown alias or tag)");
        } catch (RuntimeException | StackOverflowError e) {
            // the latter for a key that is, or contains, itself
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml can't be read as YAML: it is too long, nested too deeply, has too many aliases, or an"
                            + " unknown tag or character");
        }
    }

    /** A clouds.json, to which YAML's rules don't apply: it can have tabs. Scalars are kept as typed here as well. */
    static @Nullable Object loadJson(String text) {
        try {
            return plain(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml is not valid JSON at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr());
        }
    }

    private static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(field -> map.put(field.getKey(), plain(field.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        }
        return node.isNull() || node.isMissingNode() ? null : node.asText();
    }

    /** An entry's name for a message. */
    static String shown(String name) {
        String oneLine = name.replaceAll("\\p{Cntrl}", "?");
        return oneLine.length() > 64 ? oneLine.substring(0, 64) + "…" : oneLine;
    }

    /** A scalar is kept as typed: a password of 0123, 1e5 or yes means exactly that. */
    private static final class AsTyped extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
