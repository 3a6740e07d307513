package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** What is said of an ImageShare beside its status: events, one a pass and kind, and lines of the log. */
final class ShareEvents {

    private static final Logger LOG = LoggerFactory.getLogger(ShareEvents.class);

    private final EventRecorder events;
    private final Duration notice;
    private final BiFunction<LoggingEventBuilder, ImageShare, LoggingEventBuilder> about;

    /**
     * @param notice how long before an access ends is said so; zero: it isn't
     * @param about adds to a line of the log which object it is about
     */
    ShareEvents(
            EventRecorder events,
            Duration notice,
            BiFunction<LoggingEventBuilder, ImageShare, LoggingEventBuilder> about) {
        this.events = events;
        this.notice = notice;
        this.about = about;
    }

    /**
     * A pass over a live object has ended.
     *
     * @param share with its new status
     * @param before the status as the pass found it
     * @param called what people call projects, by ID
     * @param since when the object was looked at before
     */
    void looked(
            ImageShare share,
            ImageShareStatus before,
            ShareOutcome outcome,
            Map<String, String> called,
            Instant since,
            Instant now) {
        if (!outcome.addedNow().isEmpty()) {
            record(share, EventRecorder.Type.Normal, "MembersAdded", "Added " + named(outcome.addedNow(), called));
        }
        revoked(share, outcome.removedNow(), called);
        ends(share, before, outcome, since, now);
        answers(share, before);
        var changed =
                !Objects.equals(before.observedGeneration(), share.getMetadata().getGeneration());
        if (changed && !outcome.suspectNames().isEmpty()) {
            record(
                    share,
                    EventRecorder.Type.Warning,
                    "NotAProjectID",
                    "These don't look like project IDs, so they probably share with nobody: "
                            + EventRecorder.names(outcome.suspectNames()));
        }
        outcome.problems().stream()
                .filter(p -> p.reason() != Reason.Progressing)
                .filter(p -> isNew(p, before, outcome))
                .forEach(p ->
                        record(share, EventRecorder.Type.Warning, p.reason().name(), p.message()));
        var conditions = share.getStatus().conditions();
        if (!outcome.addedNow().isEmpty()
                || !outcome.removedNow().isEmpty()
                || !Objects.equals(before.conditions(), conditions)) {
            log(outcome.problems().isEmpty() ? LOG.atInfo() : LOG.atWarn(), share)
                    .addKeyValue("added", outcome.addedNow().size())
                    .addKeyValue("removed", outcome.removedNow().size())
                    .log("{}", Conditions.readyText(conditions));
        } else {
            log(LOG.atDebug(), share).log("Nothing new");
        }
    }

    private static boolean isNew(Problem problem, ImageShareStatus before, ShareOutcome outcome) {
        if (problem.reason() == Reason.RemovalHeld || problem.reason() == Reason.ClaimUnproven) {
            var held = before.plan() == null ? null : before.plan().hash();
            return outcome.plan() == null || !outcome.plan().hash().equals(held);
        }
        return !Conditions.has(before.conditions(), Conditions.READY, problem.reason());
    }

    /** Says what ends soon, once, and what has ended. */
    private void ends(ImageShare share, ImageShareStatus before, ShareOutcome outcome, Instant since, Instant now) {
        var declaration = outcome.declaration();
        if (declaration == null || declaration.ends().isEmpty()) {
            return;
        }
        var over = new TreeSet<>(outcome.removedNow());
        over.retainAll(declaration.ended());
        if (!over.isEmpty()) {
            record(
                    share,
                    EventRecorder.Type.Normal,
                    "AccessEnded",
                    "Access has ended as declared by expiresAt: " + EventRecorder.names(over));
        }
        if (notice.isZero()) {
            return;
        }
        var known = ShareStatus.ends(before);
        var soon = new TreeSet<String>();
        for (var project : declaration.projects()) {
            var end = declaration.ends().get(project);
            if (end != null
                    && !end.minus(notice).isAfter(now)
                    && (end.minus(notice).isAfter(since) || !end.equals(known.get(project)))) {
                soon.add(project + " at " + end);
            }
        }
        if (!soon.isEmpty()) {
            record(
                    share,
                    EventRecorder.Type.Normal,
                    "AccessEnding",
                    "Access ends soon: " + EventRecorder.names(soon) + ". To extend it, set a later expiresAt.");
        }
    }

    private void answers(ImageShare share, ImageShareStatus before) {
        var old = new HashMap<String, MemberInfo>();
        if (before.members() != null) {
            before.members().forEach(m -> old.put(m.projectID(), m));
        }
        var answers = new TreeSet<String>();
        if (share.getStatus() != null && share.getStatus().members() != null) {
            for (var member : share.getStatus().members()) {
                var was = old.get(member.projectID());
                if (was != null && was.status() != null && member.status() != null && was.status() != member.status()) {
                    answers.add(member.projectID() + " " + member.status());
                }
            }
        }
        if (!answers.isEmpty()) {
            record(share, EventRecorder.Type.Normal, "AnswersChanged", EventRecorder.names(answers));
        }
    }

    /**
     * These lost their access; nothing is said of none.
     *
     * @param called what people call projects, by ID
     */
    void revoked(ImageShare share, Collection<String> members, Map<String, String> called) {
        if (!members.isEmpty()) {
            record(share, EventRecorder.Type.Normal, "MembersRemoved", "Removed " + named(members, called));
        }
    }

    private static String named(Collection<String> projects, Map<String, String> called) {
        return EventRecorder.namesInEvent(
                projects.stream().map(id -> ProjectText.of(id, called)).toList());
    }

    /** These keep their access although the object goes; nothing is said of none. */
    void kept(ImageShare share, Set<String> members, String because) {
        if (!members.isEmpty()) {
            record(
                    share,
                    EventRecorder.Type.Normal,
                    "MembersKept",
                    "Keep their access, since " + because + ": " + EventRecorder.names(members));
        }
    }

    /** A deletion waits; said once for each reason and generation. */
    void waits(ImageShare share, ImageShareStatus before, Problem problem) {
        var isNew = Conditions.find(before.conditions(), Conditions.READY)
                .filter(c -> c.reason().equals(problem.reason().name()))
                .filter(c -> c.observedGeneration() == share.getMetadata().getGeneration())
                .isEmpty();
        if (problem.reason() != Reason.Progressing && isNew) {
            record(share, EventRecorder.Type.Warning, problem.reason().name(), problem.message());
            log(LOG.atWarn(), share).log("Deletion is waiting: {}: {}", problem.reason(), problem.message());
        }
    }

    /** The object is released. */
    void deleted(ImageShare share, int removed) {
        log(LOG.atInfo(), share).addKeyValue("removed", removed).log("Deleted");
    }

    /** Only an administrator can say whether two URLs are one cloud. */
    void isElsewhere(ImageShare share) {
        var message = "Another namespace shares an image of this ID, owner and region in a cloud at another URL. If"
                + " both URLs are one cloud, have the operator's administrator set --same-cloud; until then neither"
                + " object heeds what the other declares.";
        record(share, EventRecorder.Type.Warning, "CloudAtAnotherURL", message);
        log(LOG.atWarn(), share).log(message);
    }

    private void record(ImageShare share, EventRecorder.Type type, String reason, String message) {
        events.record(share, type, reason, message);
    }

    /** A line of the log that says which object and image it is about. */
    LoggingEventBuilder log(LoggingEventBuilder line, ImageShare share) {
        var status = share.getStatus();
        return about.apply(line, share)
                .addKeyValue(
                        "image",
                        status == null || status.image() == null
                                ? null
                                : status.image().id());
    }
}
