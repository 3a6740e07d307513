package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus.GrantedImage;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Derives a request's status from a pass's outcome and the status before. Pure. */
final class RequestStatus {

    static final String APPROVED = "Approved";
    static final String DENIED = "Denied";

    /** Entries of at most a kilobyte each. */
    static final int MAX_IMAGES = 200;

    private static final ImageAccessRequestStatus EMPTY =
            new ImageAccessRequestStatus(null, null, null, null, null, null, null);

    private RequestStatus() {}

    /** The request's status; an empty one if it has none. */
    static ImageAccessRequestStatus before(ImageAccessRequest request) {
        return request.getStatus() == null ? EMPTY : request.getStatus();
    }

    /** @param stalled whether the grace period of the reason is over */
    static ImageAccessRequestStatus of(
            ImageAccessRequest request, RequestOutcome outcome, boolean stalled, Instant now) {
        var before = before(request);
        var generation = request.getMetadata().getGeneration();
        var conditions = new Conditions(before.conditions(), generation, now)
                .ready(outcome.problems(), Reason.Synced, () -> inOrder(request, outcome), outcome.notes(), stalled);
        if (outcome.verdict() instanceof AccessVerdict.Granted granted && !granted.hasEnded(now)) {
            conditions.set(
                    APPROVED,
                    Condition.Status.True,
                    APPROVED,
                    Objects.requireNonNullElse(granted.message(), "Approved."));
        }
        if (outcome.verdict() instanceof AccessVerdict.Denied denied) {
            conditions.set(
                    DENIED, Condition.Status.True, DENIED, Objects.requireNonNullElse(denied.message(), "Denied."));
        }
        var images = outcome.images();
        return new ImageAccessRequestStatus(
                generation,
                project(
                        before.projectID(),
                        outcome.project() == null ? null : outcome.project().id()),
                outcome.project() == null || outcome.project().name() == null || isOther(before, outcome)
                        ? before.projectName()
                        : FieldRules.clipped(outcome.project().name(), FieldRules.MAX_NAME),
                outcome.verdict() instanceof AccessVerdict.Granted granted && granted.end() != null
                        ? granted.end().truncatedTo(ChronoUnit.SECONDS).toString()
                        : null,
                images == null ? null : images.stream().limit(MAX_IMAGES).toList(),
                images == null ? null : Integer.valueOf(images.size()),
                conditions.build());
    }

    /** The first project that was proven stays the request's. */
    private static @Nullable String project(@Nullable String before, @Nullable String proven) {
        return before != null ? before : proven;
    }

    private static boolean isOther(ImageAccessRequestStatus before, RequestOutcome outcome) {
        return before.projectID() != null
                && outcome.project() != null
                && !before.projectID().equals(outcome.project().id());
    }

    private static String inOrder(ImageAccessRequest request, RequestOutcome outcome) {
        var set = Objects.requireNonNull(request.getSpec().projectSetRef());
        var images = Objects.requireNonNullElse(outcome.images(), List.<GrantedImage>of())
                .size();
        var end = outcome.verdict() instanceof AccessVerdict.Granted granted && granted.end() != null
                ? " until " + granted.end().truncatedTo(ChronoUnit.SECONDS)
                : "";
        return "The project is in ProjectSet " + set.namespace() + "/" + set.name() + end + ". "
                + (images == 0
                        ? "No image is shared with it yet."
                        : images + (images == 1 ? " image is" : " images are")
                                + " shared with it. To accept them, create an ImageAcceptance that names their owner.");
    }
}
