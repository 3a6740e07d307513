package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a notifier tells, and when.
 *
 * @param events what is told
 * @param after how long after a project began to be pending it is reminded
 * @param every how long after a reminder comes the next one
 * @param max how many reminders there are
 * @param notice how long before its end a project is told that its access ends; zero: it isn't
 */
record Terms(Set<NoticeType> events, Duration after, Duration every, int max, Duration notice) {

    private static final Duration WEEK = Duration.ofDays(7);

    Terms {
        events = Set.copyOf(events);
    }

    /** Of a spec that the rules let pass. */
    static Terms of(ImageNotifierSpec spec, Duration notice) {
        var reminders = spec.reminders() == null
                ? new ImageNotifierSpec.Reminders(
                        ImageNotifierSpec.Reminders.DEFAULT_PERIOD, ImageNotifierSpec.Reminders.DEFAULT_PERIOD, null)
                : spec.reminders();
        return new Terms(
                spec.events() == null ? EnumSet.allOf(NoticeType.class) : Set.copyOf(spec.events()),
                GoDuration.parse(reminders.after()).orElse(WEEK),
                GoDuration.parse(reminders.every()).orElse(WEEK),
                reminders.max() == null ? ImageNotifierSpec.Reminders.DEFAULT_MAX : reminders.max(),
                notice);
    }
}
