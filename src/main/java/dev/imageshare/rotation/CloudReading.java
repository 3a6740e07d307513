package dev.imageshare.rotation;

import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.ProjectScope;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The images of one cloud, as a pass saw them.
 *
 * @param cloud its name in the spec
 * @param scope whose images they are, and where; null if the login failed
 * @param images those that the filter means, hidden ones too; none if the list isn't complete
 * @param doubt why the list isn't complete; null if it is
 */
record CloudReading(
        String cloud,
        @Nullable ProjectScope scope,
        List<ImageDetails> images,
        @Nullable Problem doubt) {

    CloudReading {
        images = List.copyOf(images);
    }

    static CloudReading of(String cloud, ProjectScope scope, List<ImageDetails> images) {
        return new CloudReading(cloud, scope, images, null);
    }

    static CloudReading failed(String cloud, @Nullable ProjectScope scope, Problem doubt) {
        return new CloudReading(cloud, scope, List.of(), doubt);
    }

    boolean isComplete() {
        return doubt == null;
    }
}
