package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** Detects objects that were probably meant to be ours, and would otherwise be ignored as other kinds. */
final class NearMiss {

    static final String GROUP = "imageshare.dev";
    static final String VERSION = GROUP + "/v1alpha1";
    static final List<String> KINDS = List.of(
            "ImageShare",
            "ImageAcceptance",
            "ProjectSet",
            "ImageShareSet",
            "ImageNotifier",
            "ImageAccessRequest",
            "ImageAccessDecision");

    private NearMiss() {}

    /** What is wrong with a document that isn't in our group; empty if it isn't meant to be ours. */
    static Optional<String> in(JsonNode document) {
        if (document.isArray()) {
            for (var item : document) {
                if (isOurs(item) || in(item).isPresent()) {
                    return Optional.of(
                            "is a list, which kubectl doesn't accept; put the objects one after another, separated by"
                                    + " lines with ---");
                }
            }
            return Optional.empty();
        }
        var version = ManifestDocument.text(document.path("apiVersion"));
        var kind = ManifestDocument.text(document.path("kind"));
        var slash = version.indexOf('/');
        var group = slash < 0 ? "" : version.substring(0, slash);
        if (Spelling.isNear(group, GROUP) || version.equals(GROUP)) {
            return Optional.of("apiVersion must be " + VERSION + ", but is " + version);
        }
        var meant = kind(kind, group.isEmpty());
        if (meant.isPresent()) {
            return Optional.of(
                    version.isEmpty()
                            ? "apiVersion is missing; it must be " + VERSION
                            : "is of kind " + kind + ", but of " + version + "; apiVersion must be " + VERSION);
        }
        if ((kind.isEmpty() || version.isEmpty())
                && document.at("/spec/cloudCredentialsRef").isObject()) {
            return Optional.of((kind.isEmpty() ? "kind" : "apiVersion") + " is missing; apiVersion must be " + VERSION
                    + " and kind " + kinds());
        }
        return Optional.empty();
    }

    /** Our kinds, one of which is meant; for messages. */
    static String kinds() {
        var last = KINDS.size() - 1;
        return String.join(", ", KINDS.subList(0, last)) + " or " + KINDS.get(last);
    }

    static boolean isOurs(JsonNode document) {
        return ManifestDocument.text(document.path("apiVersion")).startsWith(GROUP + "/");
    }

    /** The kind of ours that was meant. Another group may have a kind with a similar name. */
    static Optional<String> kind(String given, boolean withTypos) {
        return KINDS.stream()
                .filter(known -> known.equalsIgnoreCase(given)
                        || (known + "s").equalsIgnoreCase(given)
                        || (withTypos && Spelling.isNear(given, known)))
                .findFirst();
    }
}
