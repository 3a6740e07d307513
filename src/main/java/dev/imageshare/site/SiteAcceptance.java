package dev.imageshare.site;

import org.jspecify.annotations.Nullable;

/**
 * One ImageAcceptance.
 *
 * @param project the ID of the project that answers; null while its credentials weren't seen to work
 * @param answer the answer that it gives
 * @param answers counts of the images that it names or matches
 * @param reason, message, since, lastLook as an ImageShare's
 */
public record SiteAcceptance(
        String namespace,
        String name,
        @Nullable String project,
        String answer,
        Health health,
        String reason,
        String message,
        @Nullable String since,
        @Nullable String lastLook,
        int offered,
        Answers answers) {

    /** As {@code namespace/name}. */
    public String title() {
        return namespace + "/" + name;
    }
}
