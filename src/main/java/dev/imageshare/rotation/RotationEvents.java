package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What is said of an ImageShareSet beside its status: events, one a pass and kind, and lines of the log. */
final class RotationEvents {

    private static final Logger LOG = LoggerFactory.getLogger(RotationEvents.class);

    private final EventRecorder events;
    private final BiFunction<LoggingEventBuilder, ImageShareSet, LoggingEventBuilder> about;

    /** @param about adds to a line of the log which object it is about */
    RotationEvents(EventRecorder events, BiFunction<LoggingEventBuilder, ImageShareSet, LoggingEventBuilder> about) {
        this.events = events;
        this.about = about;
    }

    /**
     * A pass has decided.
     *
     * @param set with its new status
     * @param before the status as the pass found it
     */
    void looked(ImageShareSet set, ImageShareSetStatus before, RotationOutcome outcome) {
        var plan = outcome.plan();
        if (plan != null && !set.getSpec().suspend()) {
            moves(set, before, plan);
        }
        events.newProblems(set, before.conditions(), outcome.problems());
        log(set, before, outcome);
    }

    private void moves(ImageShareSet set, ImageShareSetStatus before, RotationPlan plan) {
        var were = new HashSet<String>();
        var wereCurrent = new HashSet<String>();
        requireNonNullElse(before.images(), List.<RotatedImage>of()).forEach(image -> {
            were.add(image.share());
            if (image.phase() == ImagePhase.Current) {
                wereCurrent.add(image.share());
            }
        });
        record(
                set,
                "ImagesJoined",
                "New in the set: ",
                plan.images().stream()
                        .filter(image -> !were.contains(image.share()))
                        .map(RotationEvents::named)
                        .toList());
        record(
                set,
                "ImagesCurrent",
                "The newest of their families: ",
                plan.images().stream()
                        .filter(image -> image.phase() == ImagePhase.Current && were.contains(image.share()))
                        .filter(image -> !wereCurrent.contains(image.share()))
                        .map(RotationEvents::named)
                        .toList());
        record(
                set,
                "ImagesSuperseded",
                "Beyond spec.images.keep, and retiring after " + retireAfter(set) + ": ",
                plan.superseded().stream().map(RotationEvents::named).toList());
        record(set, "ImagesRetired", "Retired as planned: ", plan.retired());
        record(set, "ImagesLeft", "No longer selected by the set: ", plan.left());
        record(set, "ImagesGone", "The images were deleted: ", plan.gone());
    }

    private static String retireAfter(ImageShareSet set) {
        return String.valueOf(requireNonNull(set.getSpec().images()).retireAfter());
    }

    private static String named(RotatedImage image) {
        return image.id() + (image.name() == null ? "" : " \"" + image.name() + "\"") + " (" + image.cloud() + ")";
    }

    private void record(ImageShareSet set, String reason, String introduction, Collection<String> names) {
        if (!names.isEmpty()) {
            events.record(set, EventRecorder.Type.Normal, reason, introduction + EventRecorder.names(names));
        }
    }

    private void log(ImageShareSet set, ImageShareSetStatus before, RotationOutcome outcome) {
        var plan = outcome.plan();
        var isChanged = plan != null && !set.getSpec().suspend() && !plan.isSettled();
        if (isChanged || !Objects.equals(before.conditions(), set.getStatus().conditions())) {
            about.apply(outcome.problems().isEmpty() ? LOG.atInfo() : LOG.atWarn(), set)
                    .addKeyValue("made", plan == null ? 0 : plan.create().size())
                    .addKeyValue("changed", plan == null ? 0 : plan.rewrite().size())
                    .addKeyValue("deleted", plan == null ? 0 : plan.delete().size())
                    .log("{}", Conditions.readyText(set.getStatus().conditions()));
        } else {
            about.apply(LOG.atDebug(), set).log("Nothing new");
        }
    }
}
