package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Placeholders that another tool replaces before the API server sees them: templates of Helm and others, Flux
 * variables, values encrypted by SOPS, paths of the Argo CD Vault Plugin.
 */
final class Placeholders {

    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{|\\{%");
    private static final Pattern VALUE =
            Pattern.compile("\\$\\{[A-Za-z_][A-Za-z0-9_]*([:=#%/^,-][^}]*)?}|ENC\\[AES256_GCM,|<path:[^>]+>");

    private Placeholders() {}

    /** Whether a text that can't be read may be a template. */
    static boolean mayBeIn(String text) {
        return TEMPLATE.matcher(text).find() || VALUE.matcher(text).find();
    }

    /** Whether an object of ours has one in a field that matters; annotations may contain anything. */
    static boolean areIn(JsonNode object) {
        var metadata = object.path("metadata");
        Predicate<String> any =
                text -> TEMPLATE.matcher(text).find() || VALUE.matcher(text).find();
        return object.has("sops")
                || hasText(object.path("spec"), any)
                || hasText(metadata.path("name"), any)
                || hasText(metadata.path("namespace"), any)
                || hasText(metadata.path("labels"), any)
                || hasText(metadata, text -> TEMPLATE.matcher(text).find());
    }

    private static boolean hasText(JsonNode tree, Predicate<String> test) {
        if (tree.isTextual()) {
            return test.test(tree.textValue());
        }
        for (var child : tree) {
            if (hasText(child, test)) {
                return true;
            }
        }
        return false;
    }
}
