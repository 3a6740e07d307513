package dev.imageshare.openstack;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image as returned by the Image service.
 *
 * @param id a UUID
 * @param name may be empty (Glance's null), is not unique
 * @param owner the owner project's ID, or null: an image created with an unscoped token has none
 * @param visibility {@code shared}, {@code private}, {@code public} or {@code community}; only a shared image has
 *     members. An image that a Glance before API 2.5 calls private is shared, as it becomes when that Glance is
 *     upgraded
 * @param status {@code active}, {@code queued}, {@code deactivated} and so on
 * @param tags in the service's order
 * @param createdAt null if the service doesn't return it
 */
public record Image(
        String id,
        String name,
        @Nullable String owner,
        String visibility,
        String status,
        List<String> tags,
        @Nullable Instant createdAt) {
    public Image {
        tags = List.copyOf(tags);
    }

    Image visibleAs(String other) {
        return new Image(id, name, owner, other, status, tags, createdAt);
    }
}
