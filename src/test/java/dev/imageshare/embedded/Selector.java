package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Label and field selectors, as the query of a list or watch has them. */
final class Selector {

    private static final Pattern LABEL = Pattern.compile("\\G\\s*(?<not>!?)\\s*(?<key>[A-Za-z0-9./_-]+)\\s*"
            + "(?:(?<operator>==|=|!=)\\s*(?<value>[A-Za-z0-9._-]*)|(?<set>in|notin)\\s*\\((?<values>[^)]*)\\))?"
            + "\\s*(?:,|$)");
    private static final Pattern FIELD =
            Pattern.compile("\\G(?<path>[A-Za-z0-9._-]+)(?<operator>==|=|!=)(?<value>(?:\\\\.|[^,\\\\])*)(?:,|$)");

    private static final Set<String> OF_ALL_KINDS = Set.of("metadata.name", "metadata.namespace");

    private Selector() {}

    /** Takes the texts of the query; null or blank selects everything. Custom kinds are selected by two fields only. */
    static Predicate<JsonNode> of(ResourceType type, String labels, String fields) {
        var terms = new ArrayList<Predicate<JsonNode>>();
        if (labels != null && !labels.isBlank()) {
            parse(LABEL, labels, matcher -> terms.add(label(matcher)));
        }
        if (fields != null && !fields.isBlank()) {
            parse(FIELD, fields, matcher -> terms.add(field(type, matcher)));
        }
        return object -> terms.stream().allMatch(term -> term.test(object));
    }

    private static void parse(Pattern pattern, String text, Consumer<Matcher> term) {
        var matcher = pattern.matcher(text);
        int end = 0;
        while (end < text.length() && matcher.find()) {
            term.accept(matcher);
            end = matcher.end();
        }
        if (end < text.length()) {
            throw ApiFailure.badRequest("unable to parse requirement: \"" + text + "\"");
        }
    }

    private static Predicate<JsonNode> label(Matcher term) {
        var key = term.group("key");
        if (term.group("set") != null) {
            List<String> values = Arrays.stream(term.group("values").split(","))
                    .map(String::trim)
                    .toList();
            var in = term.group("set").equals("in");
            return object -> values.contains(labelOf(object, key)) == in;
        }
        if (term.group("operator") != null) {
            var value = term.group("value");
            var equal = !term.group("operator").equals("!=");
            return object -> value.equals(labelOf(object, key)) == equal;
        }
        var present = term.group("not").isEmpty();
        return object -> (labelOf(object, key) != null) == present;
    }

    private static String labelOf(JsonNode object, String key) {
        return object.path("metadata").path("labels").path(key).asText(null);
    }

    private static Predicate<JsonNode> field(ResourceType type, Matcher term) {
        if (type.isCustom() && !OF_ALL_KINDS.contains(term.group("path"))) {
            throw ApiFailure.badRequest("field label not supported: " + term.group("path"));
        }
        var path = term.group("path").split("\\.");
        var value = term.group("value").replaceAll("\\\\(.)", "$1");
        var equal = !term.group("operator").equals("!=");
        return object -> {
            var node = object;
            for (var name : path) {
                node = node.path(name);
            }
            return node.asText().equals(value) == equal;
        };
    }
}
