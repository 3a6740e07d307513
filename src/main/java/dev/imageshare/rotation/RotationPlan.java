package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.CloudState;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.HeldShares;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImageCounts;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ReleasedShare;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.reconcile.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which images a set shares after a pass, and what is to be done for that. Computed without I/O and without a clock of its own:
 * the same input gives the same plan.
 *
 * @param selection a hash of spec.images
 * @param clouds what the status says of each cloud, in the spec's order
 * @param images those that are shared, by cloud and family, the newest first
 * @param summary counts over {@code images}
 * @param create images that have no ImageShare yet
 * @param rewrite ImageShares that aren't as the template says, or that the set is to own; none is being deleted
 * @param release ImageShares that the set lets go: in the status before they are deleted
 * @param delete those of {@code release} that are still to be deleted
 * @param held deletions that wait for a person; null if there are none
 * @param superseded the images whose time to retire began with this pass
 * @param retired those of {@code delete} that go as planned, by name
 * @param left those of {@code delete} that go since the set no longer means them, by name
 * @param gone those of {@code delete} whose image was deleted, by name
 * @param unproven images that a complete list doesn't show, and that have to be asked about before anything is concluded
 * @param untilRetirement when the next ImageShare is due to retire; empty if none is
 * @param problems what keeps the set from being Ready, apart from {@code held}
 * @param notes what Ready's message tells besides
 */
record RotationPlan(
        String selection,
        List<CloudState> clouds,
        List<RotatedImage> images,
        ImageCounts summary,
        List<RotatedImage> create,
        List<RotatedImage> rewrite,
        List<ReleasedShare> release,
        List<ImageShare> delete,
        @Nullable HeldShares held,
        List<RotatedImage> superseded,
        List<String> retired,
        List<String> left,
        List<String> gone,
        List<CloudImageId> unproven,
        Optional<Instant> untilRetirement,
        List<Problem> problems,
        List<String> notes) {

    RotationPlan {
        clouds = List.copyOf(clouds);
        images = List.copyOf(images);
        create = List.copyOf(create);
        rewrite = List.copyOf(rewrite);
        release = List.copyOf(release);
        delete = List.copyOf(delete);
        superseded = List.copyOf(superseded);
        retired = List.copyOf(retired);
        left = List.copyOf(left);
        gone = List.copyOf(gone);
        unproven = List.copyOf(unproven);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    static RotationPlan of(RotationInput input) {
        return new RotationPlanner(input).plan();
    }

    /** Whether all clouds were seen whole. */
    boolean isComplete() {
        return clouds.stream().allMatch(CloudState::complete);
    }

    /** Whether there is nothing to write but the status. */
    boolean isSettled() {
        return create.isEmpty() && rewrite.isEmpty() && delete.isEmpty();
    }
}
