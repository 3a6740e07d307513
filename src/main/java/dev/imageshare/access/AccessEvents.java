package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import java.util.Objects;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Reports about a request beside its status: events, and log lines. */
final class AccessEvents {

    private static final Logger LOG = LoggerFactory.getLogger(AccessEvents.class);

    private final EventRecorder events;
    private final BiFunction<LoggingEventBuilder, ImageAccessRequest, LoggingEventBuilder> about;

    /** @param about adds the object to a log line */
    AccessEvents(EventRecorder events, BiFunction<LoggingEventBuilder, ImageAccessRequest, LoggingEventBuilder> about) {
        this.events = events;
        this.about = about;
    }

    /**
     * A pass has ended.
     *
     * @param request with its new status
     * @param before the status before the pass
     */
    void looked(ImageAccessRequest request, ImageAccessRequestStatus before, RequestOutcome outcome) {
        var after = RequestStatus.before(request);
        if (isNew(RequestStatus.APPROVED, before, after)) {
            events.record(request, EventRecorder.Type.Normal, "AccessApproved", text(RequestStatus.APPROVED, after));
        }
        if (isNew(RequestStatus.DENIED, before, after)) {
            events.record(request, EventRecorder.Type.Warning, "AccessDenied", text(RequestStatus.DENIED, after));
        }
        events.newProblems(request, before.conditions(), outcome.problems());
        if (Objects.equals(before.conditions(), after.conditions())) {
            about.apply(LOG.atDebug(), request).log("Nothing new");
        } else {
            about.apply(outcome.problems().isEmpty() ? LOG.atInfo() : LOG.atWarn(), request)
                    .addKeyValue("project", after.projectID())
                    .log("{}", Conditions.readyText(after.conditions()));
        }
    }

    private static boolean isNew(String type, ImageAccessRequestStatus before, ImageAccessRequestStatus after) {
        return Conditions.find(after.conditions(), type).isPresent()
                && Conditions.find(before.conditions(), type).isEmpty();
    }

    private static String text(String type, ImageAccessRequestStatus status) {
        return Conditions.find(status.conditions(), type)
                .map(condition -> condition.message())
                .orElse("");
    }
}
