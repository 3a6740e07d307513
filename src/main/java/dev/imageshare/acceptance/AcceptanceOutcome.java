package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a live object found and did. A pass that ended early leaves the rest unknown.
 *
 * @param project the project that answers; null if the pass didn't get that far
 * @param offers what the project is offered, any number; null if the pass didn't see it
 * @param toAnswer what a preview would answer, with the answer so far
 * @param changed the images whose answer was as declared when the status was written, and is another one
 * @param answeredNow the images that this pass answered
 * @param problems what keeps the object from being Ready; none if it is
 * @param notes what Ready's message says in addition
 */
record AcceptanceOutcome(
        @Nullable ProjectInfo project,
        @Nullable List<OfferInfo> offers,
        List<OfferInfo> toAnswer,
        Set<String> changed,
        Set<String> answeredNow,
        List<Problem> problems,
        List<Note> notes) {

    /**
     * Something to tell that doesn't keep the object from being Ready.
     *
     * @param reason the event's, in CamelCase
     * @param text for people
     */
    record Note(String reason, String text) {}

    /** A pass that found nothing out. */
    static AcceptanceOutcome failed(Problem problem) {
        return failed(null, null, problem);
    }

    /** A pass that ended before it could answer. */
    static AcceptanceOutcome failed(@Nullable ProjectInfo project, @Nullable List<OfferInfo> offers, Problem problem) {
        return new AcceptanceOutcome(project, offers, List.of(), Set.of(), Set.of(), List.of(problem), List.of());
    }
}
