package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.Memory;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pass saw of its image. One that ended early leaves the rest unknown.
 *
 * @param read the image as it was read; null if it wasn't
 * @param info the image, proven to be owned; null if the pass didn't get that far
 * @param listed the image's members; null if there is no good list
 * @param problem what ended the look early; null if nothing did
 */
record ImageLook(
        @Nullable Image read,
        @Nullable ImageInfo info,
        @Nullable ListedMembers listed,
        @Nullable Problem problem) {

    /**
     * A good list of members.
     *
     * @param members one entry a project
     * @param memory what the status remembers of this image
     */
    record ListedMembers(CloudImage at, List<Member> members, Memory memory) {
        ImageKey key() {
            return at.image();
        }

        Set<String> projects() {
            return MemberWriter.projects(members);
        }
    }

    /** The list; only of a look that nothing ended early. */
    ListedMembers requireListed() {
        return Objects.requireNonNull(listed);
    }

    /** As this one, but ended by a problem. */
    ImageLook endedBy(Problem why) {
        return new ImageLook(read, info, listed, why);
    }
}
