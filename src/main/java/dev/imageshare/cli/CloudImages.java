package dev.imageshare.cli;

import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ImageQuery;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The images owned by one project, and their members. */
final class CloudImages {

    /**
     * One image.
     *
     * @param hidden whether lists leave it out; it can still be used by its ID
     * @param members one entry per project, by the project's ID; null for an image that isn't shared, whose members
     *     Glance doesn't return
     */
    record Owned(Image image, boolean hidden, @Nullable List<Member> members) {}

    private CloudImages() {}

    private static List<Image> list(ImageClient client, @Nullable String visibility, boolean hidden) {
        var owner = client.scope().projectId();
        var query = ImageQuery.ownedBy(owner);
        if (visibility != null) {
            query = query.visibleAs(visibility);
        }
        return client.images(hidden ? query.onlyHidden() : query).stream()
                .filter(image -> owner.equals(image.owner()))
                .toList();
    }

    /** An image from a list, whose members aren't read yet. */
    record FoundImage(ImageClient client, Image image, boolean hidden) {

        /** Empty if the image was deleted after it was listed. */
        Optional<Owned> read() {
            if (!isShared(image)) {
                return Optional.of(new Owned(image, hidden, null));
            }
            try {
                return Optional.of(new Owned(image, hidden, Member.distinct(client.members(image.id()))));
            } catch (OpenStackException e) {
                return switch (e.kind()) {
                    case NOT_FOUND -> Optional.empty();
                    // Glance's answer for an image that is no longer shared, and for a policy that hides members.
                    case FORBIDDEN -> Optional.of(new Owned(unshared(e), hidden, null));
                    default -> throw e;
                };
            }
        }

        private Image unshared(OpenStackException refused) {
            var now = client.image(image.id());
            if (isShared(now)) {
                throw refused;
            }
            return now;
        }

        private static boolean isShared(Image image) {
            return image.visibility().equals("shared");
        }
    }

    /**
     * All images of the client's project, including hidden ones.
     *
     * @param visibility only those with this one; null for any
     */
    static List<FoundImage> listed(ImageClient client, @Nullable String visibility) {
        var all = new ArrayList<FoundImage>();
        for (var hidden : List.of(false, true)) {
            list(client, visibility, hidden).forEach(image -> all.add(new FoundImage(client, image, hidden)));
        }
        return all;
    }

    /** Oldest first. */
    static Comparator<Image> byAge() {
        return Comparator.comparing((Image image) -> Objects.requireNonNullElse(image.createdAt(), Instant.MAX))
                .thenComparing(Image::id);
    }
}
