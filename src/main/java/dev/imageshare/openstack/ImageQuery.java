package dev.imageshare.openstack;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which images to list. Everything that is set must match exactly and case-sensitively.
 *
 * @param owner the owner project's ID, or null for any
 * @param name the whole name, or null for any
 * @param tags the image must have all of them
 * @param visibility as the Image service spells it, or null for all that the project sees
 * @param memberStatus {@code pending}, {@code accepted}, {@code rejected} or {@code all}; null: of the images shared
 *     with the project, Glance shows only the accepted ones
 * @param hidden true: only images with {@code os_hidden}, which are in no other list, but can be used by their ID
 */
public record ImageQuery(
        @Nullable String owner,
        @Nullable String name,
        List<String> tags,
        @Nullable String visibility,
        @Nullable String memberStatus,
        boolean hidden) {

    public ImageQuery {
        tags = List.copyOf(tags);
    }

    /** Images that this project owns, of any visibility. */
    public static ImageQuery ownedBy(String projectId) {
        return new ImageQuery(projectId, null, List.of(), null, null, false);
    }

    /** Shared images with this answer of the caller's project, and the shared images that it owns itself. */
    public static ImageQuery sharedWithMe(MemberStatus answer) {
        return new ImageQuery(null, null, List.of(), "shared", answer.name(), false);
    }

    /** Shared images with any answer of the caller's project, and the shared images that it owns itself. */
    public static ImageQuery sharedWithMe() {
        return new ImageQuery(null, null, List.of(), "shared", "all", false);
    }

    /** The same, of this owner only. */
    public ImageQuery from(String projectId) {
        return new ImageQuery(projectId, name, tags, visibility, memberStatus, hidden);
    }

    /** The same, with this name only. */
    public ImageQuery named(String exactName) {
        return new ImageQuery(owner, exactName, tags, visibility, memberStatus, hidden);
    }

    /** The same, also with all of these tags. */
    public ImageQuery tagged(List<String> more) {
        List<String> all = new ArrayList<>(tags);
        all.addAll(more);
        return new ImageQuery(owner, name, all, visibility, memberStatus, hidden);
    }

    /** The same, of the hidden images. */
    public ImageQuery onlyHidden() {
        return new ImageQuery(owner, name, tags, visibility, memberStatus, true);
    }

    /** The same, with this visibility only. */
    public ImageQuery visibleAs(String exactly) {
        return new ImageQuery(owner, name, tags, exactly, memberStatus, hidden);
    }

    /**
     * Whether an image matches, as far as the image itself shows. A service on MariaDB compares names and tags
     * case-insensitively.
     */
    boolean matches(Image image) {
        return (owner == null || owner.equals(image.owner()))
                && (name == null || name.equals(image.name()))
                && (visibility == null || visibility.equals(image.visibility()))
                && image.tags().containsAll(tags);
    }
}
