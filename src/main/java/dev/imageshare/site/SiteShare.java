package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One ImageShare.
 *
 * @param imageFile the page of its image; null while it has found none
 * @param image what it names: the image's name or ID, or the filter's name
 * @param reason the condition Ready's; empty before the first look
 * @param message the condition Ready's, for people
 * @param since when Ready last changed, RFC 3339
 * @param lastLook when the member list was last compared with the declaration, RFC 3339; null before the first look
 * @param answers the status' own exact counts
 * @param desired how many projects it declares
 * @param held members whose removal waits for a person's approval
 * @param approval the command that approves it; null if nothing is held
 */
public record SiteShare(
        String namespace,
        String name,
        @Nullable String imageFile,
        String image,
        Health health,
        String reason,
        String message,
        @Nullable String since,
        @Nullable String lastLook,
        Answers answers,
        int desired,
        boolean managed,
        boolean deleting,
        List<String> held,
        @Nullable String approval) {

    public SiteShare {
        held = List.copyOf(held);
    }

    /** As {@code namespace/name}. */
    public String title() {
        return namespace + "/" + name;
    }
}
