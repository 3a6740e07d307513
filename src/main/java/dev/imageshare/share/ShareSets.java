package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import java.util.Optional;

/** The ImageShareSets that made ImageShares of their namespace, as this process knows them. */
public interface ShareSets {

    /** Where the kind isn't installed. */
    ShareSets NOT_SERVED = new ShareSets() {
        @Override
        public Optional<ImageShareSpec> wanted(ImageShare share) {
            return Optional.empty();
        }

        @Override
        public boolean isUndecided(ImageShare share) {
            return false;
        }

        @Override
        public boolean hasReleased(ImageShare share) {
            return false;
        }

        @Override
        public void looked(ImageShare share, boolean gone) {}
    };

    /** What a live set says that the object's spec shall be, if it wants the image, whatever the object itself says. */
    Optional<ImageShareSpec> wanted(ImageShare share);

    /**
     * Whether the set that made the object has not looked at its images since it was edited, or since it lost its status: whether it
     * wants the image is not known yet.
     */
    boolean isUndecided(ImageShare share);

    /** Whether a set let the object go: its deletion was judged there. */
    boolean hasReleased(ImageShare share);

    /**
     * The object had a pass, or is gone. Quick.
     *
     * @param gone whether there is no such object any more
     */
    void looked(ImageShare share, boolean gone);
}
