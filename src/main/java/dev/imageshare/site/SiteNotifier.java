package dev.imageshare.site;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.reconcile.Conditions;
import org.jspecify.annotations.Nullable;

/**
 * One ImageNotifier.
 *
 * @param reason, message, since as an ImageShare's
 * @param sent messages that its receiver took
 * @param failed messages that were given up
 * @param lastSent when the receiver last took one, RFC 3339; null if it never did
 */
public record SiteNotifier(
        String namespace,
        String name,
        Health health,
        String reason,
        String message,
        @Nullable String since,
        long sent,
        long failed,
        @Nullable String lastSent) {

    /** What the object says. */
    static SiteNotifier of(ImageNotifier notifier) {
        var status = notifier.getStatus();
        var conditions = status == null ? null : status.conditions();
        var ready = Conditions.find(conditions, Conditions.READY);
        return new SiteNotifier(
                notifier.getMetadata().getNamespace(),
                notifier.getMetadata().getName(),
                Health.of(
                        conditions,
                        status == null ? null : status.observedGeneration(),
                        notifier.getMetadata().getGeneration()),
                ready.map(Condition::reason).orElse(""),
                ready.map(Condition::message).orElse(""),
                ready.map(Condition::lastTransitionTime).orElse(null),
                status == null ? 0 : requireNonNullElse(status.sent(), 0L),
                status == null ? 0 : requireNonNullElse(status.failed(), 0L),
                status == null ? null : status.lastSentTime());
    }

    /** As {@code namespace/name}. */
    public String title() {
        return namespace + "/" + name;
    }
}
