package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.reconcile.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** What a pass has found and done so far; a pass that ends early leaves the rest unknown. */
final class AcceptanceOutcome {

    /**
     * Something to tell that doesn't keep the object from being Ready.
     *
     * @param reason the event's, in CamelCase
     * @param text for people
     */
    record Note(String reason, String text) {}

    /** The project that answers; null if this pass didn't get that far. */
    @Nullable
    ProjectInfo project;

    /** What the project is offered, of any number; null if this pass didn't see it. */
    @Nullable
    List<OfferInfo> offers;

    /** What keeps the object from being Ready; none: it is. */
    final List<Problem> problems = new ArrayList<>();

    /** What Ready's message tells besides. */
    final List<Note> notes = new ArrayList<>();

    /** What a preview would answer, with the answer so far. */
    final List<OfferInfo> toAnswer = new ArrayList<>();

    /** The images whose answer was as declared when the status was written, and is another one. */
    final Set<String> changed = new TreeSet<>();

    /** The images that this pass answered. */
    final Set<String> answeredNow = new ConcurrentSkipListSet<>();
}
