package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus.GrantedImage;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one pass over a request.
 *
 * @param project which project asks, as this pass proved it; null if it didn't
 * @param verdict what was decided
 * @param images that are shared with the project; null if nobody who asks may know
 * @param problems why the request isn't Ready; empty if the project has access
 * @param notes what the message tells besides
 */
record RequestOutcome(
        @Nullable ProvenProject project,
        AccessVerdict verdict,
        @Nullable List<GrantedImage> images,
        List<Problem> problems,
        List<String> notes) {

    RequestOutcome {
        images = images == null ? null : List.copyOf(images);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    /** A pass that ended with a problem before anything was decided. */
    static RequestOutcome failed(Problem problem) {
        return new RequestOutcome(null, new AccessVerdict.Undecided(), null, List.of(problem), List.of());
    }
}
