package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import java.util.HashMap;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What is said of an ImageAcceptance beside its status: events, one a pass and kind, and lines of the log. */
final class AcceptanceEvents {

    private static final Logger LOG = LoggerFactory.getLogger(AcceptanceEvents.class);

    private final EventRecorder events;
    private final BiFunction<LoggingEventBuilder, ImageAcceptance, LoggingEventBuilder> about;

    /** @param about adds to a line of the log which object it is about */
    AcceptanceEvents(
            EventRecorder events, BiFunction<LoggingEventBuilder, ImageAcceptance, LoggingEventBuilder> about) {
        this.events = events;
        this.about = about;
    }

    /**
     * A pass has ended.
     *
     * @param acceptance with its new status
     * @param before the status as the pass found it
     */
    void looked(ImageAcceptance acceptance, ImageAcceptanceStatus before, AcceptanceOutcome outcome) {
        if (!outcome.answeredNow().isEmpty()) {
            events.record(
                    acceptance,
                    EventRecorder.Type.Normal,
                    "ImagesAnswered",
                    "Now " + acceptance.getSpec().memberStatus() + ": " + EventRecorder.names(outcome.answeredNow()));
        }
        answersOfOthers(acceptance, before, outcome);
        events.newProblems(acceptance, before.conditions(), outcome.problems());
        var told = Conditions.find(before.conditions(), Conditions.READY)
                .map(c -> c.message())
                .orElse("");
        outcome.notes().stream()
                .filter(note -> !told.contains(note.text()))
                .forEach(note -> warn(acceptance, note.reason(), note.text()));
        var conditions = acceptance.getStatus().conditions();
        if (!outcome.answeredNow().isEmpty() || !Objects.equals(before.conditions(), conditions)) {
            about.apply(outcome.problems().isEmpty() ? LOG.atInfo() : LOG.atWarn(), acceptance)
                    .addKeyValue("answered", outcome.answeredNow().size())
                    .log("{}", Conditions.readyText(conditions));
        } else {
            about.apply(LOG.atDebug(), acceptance).log("Nothing new");
        }
    }

    /** Answers that somebody gave by hand, and offers that were withdrawn. */
    private void answersOfOthers(ImageAcceptance acceptance, ImageAcceptanceStatus before, AcceptanceOutcome outcome) {
        if (outcome.offers() == null || before.images() == null) {
            return;
        }
        var old = new HashMap<String, OfferInfo>();
        before.images().forEach(offer -> old.put(offer.id(), offer));
        var answers = new TreeSet<String>();
        for (var offer : outcome.offers()) {
            var was = old.get(offer.id());
            if (was != null
                    && was.memberStatus() != offer.memberStatus()
                    && offer.memberStatus() != null
                    && !outcome.answeredNow().contains(offer.id())) {
                answers.add(offer.id() + " " + offer.memberStatus());
            }
        }
        if (!answers.isEmpty()) {
            events.record(acceptance, EventRecorder.Type.Normal, "AnswersChanged", EventRecorder.names(answers));
        }
    }

    private void warn(ImageAcceptance acceptance, String reason, String message) {
        events.record(acceptance, EventRecorder.Type.Warning, reason, message);
    }
}
