package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What there is to tell, and what isn't. */
class NoticesTest {

    private static final Instant START = Instant.parse("2026-11-01T08:00:00.123Z");
    private static final String A = Shares.project(10);
    private static final String B = Shares.project(11);
    private static final Terms ALL =
            new Terms(EnumSet.allOf(NoticeType.class), Duration.ofDays(7), Duration.ofDays(7), 3, Duration.ofDays(7));

    private final Shares share = new Shares("ubuntu-24.04", START);
    private Instant now = START;
    private Marks marks = Marks.all(share.view(), START);

    /** Looks, and gives what is new as words. */
    private List<String> look() {
        return look(ALL);
    }

    private List<String> look(Terms terms) {
        var next = marks.advanced(share.view(), terms, now);
        var told = Notices.between(share.view(), marks, next, terms)
                .map(n -> n.event() + " " + n.audience().substring(30) + (n.number() == 0 ? "" : " " + n.number()))
                .sorted()
                .toList();
        marks = next;
        return told;
    }

    private void later(Duration by) {
        now = now.plus(by);
    }

    @Test
    void whoIsAddedIsTold() {
        share.added(A, now.plusMillis(1)).added(B, now.plusMillis(1));

        assertThat(look()).containsExactly("Offered 0a", "Offered 0b");
        assertThat(look()).isEmpty();
    }

    @Test
    void ofWhatWasThereBeforeNothingIsTold() {
        share.found(A, MemberAnswer.pending, START.minusSeconds(1000))
                .found(B, MemberAnswer.accepted, START.minusSeconds(1000));
        marks = Marks.all(share.view(), now);

        later(Duration.ofDays(100));
        assertThat(look()).isEmpty();
    }

    /** A pass takes its time: what it saw at its begin is written when others have been written already. */
    @Test
    void anAdditionThatIsSeenLateIsToldAllTheSame() {
        later(Duration.ofMinutes(5));
        assertThat(look()).isEmpty();

        share.added(A, START.plusSeconds(1));
        assertThat(look()).containsExactly("Offered 0a");
    }

    @Test
    void whoDoesNotAnswerIsRemindedThreeTimesAndThenLeftAlone() {
        share.added(A, now.plusMillis(1));
        look();

        later(Duration.ofDays(6));
        assertThat(look()).isEmpty();
        later(Duration.ofDays(2));
        assertThat(look()).containsExactly("Reminder 0a 1");
        assertThat(look()).isEmpty();
        later(Duration.ofDays(7));
        assertThat(look()).containsExactly("Reminder 0a 2");
        later(Duration.ofDays(7));
        assertThat(look()).containsExactly("Reminder 0a 3");
        later(Duration.ofDays(70));
        assertThat(look()).isEmpty();
    }

    @Test
    void weeksWithoutALookLeadToOneReminder() {
        share.added(A, now.plusMillis(1));
        look();

        later(Duration.ofDays(20));
        assertThat(look()).containsExactly("Reminder 0a 2");
    }

    @Test
    void anAnswerEndsReminders() {
        share.added(A, now.plusMillis(1)).added(B, now.plusMillis(1));
        look();
        later(Duration.ofDays(1));
        share.answered(A, MemberAnswer.accepted, now).answered(B, MemberAnswer.rejected, now);

        assertThat(look()).containsExactly("Answered 62", "Answered 62");
        later(Duration.ofDays(30));
        assertThat(look()).isEmpty();
    }

    @Test
    void backToPendingBeginsAnew() {
        share.added(A, now.plusMillis(1));
        look();
        later(Duration.ofDays(30));
        look();
        share.answered(A, MemberAnswer.rejected, now);
        look();
        later(Duration.ofDays(1));
        share.answered(A, MemberAnswer.pending, now);
        assertThat(look()).isEmpty();

        later(Duration.ofDays(8));
        assertThat(look()).containsExactly("Reminder 0a 1");
    }

    /** Glance's times have whole seconds, and its lists are read when they are. */
    @Test
    void answersOfOneSecondAreToldOnceEach() {
        share.added(A, now.plusMillis(1)).added(B, now.plusMillis(1));
        look();
        later(Duration.ofMinutes(1));
        share.answered(A, MemberAnswer.accepted, now);
        assertThat(look()).hasSize(1);

        share.answered(B, MemberAnswer.accepted, now.plusMillis(500));
        assertThat(look()).hasSize(1);
        assertThat(look()).isEmpty();
    }

    @Test
    void heldRemovalsAreToldTheOwnerOncePerHash() {
        share.holding("0123456789abcdef");
        assertThat(look()).containsExactly("RemovalHeld 62 1");
        assertThat(look()).isEmpty();

        share.holding(null);
        assertThat(look()).isEmpty();
        share.holding("fedcba9876543210");
        assertThat(look()).containsExactly("RemovalHeld 62 1");
    }

    @Test
    void anEndThatComesNearIsTold() {
        share.added(A, now.plusMillis(1));
        look();
        var end = START.plus(Duration.ofDays(30));
        var terms = new Terms(
                EnumSet.of(NoticeType.Expiring), Duration.ofDays(7), Duration.ofDays(7), 0, Duration.ofDays(7));
        var view = share.view();
        var ending = new SharedImage(
                view.uid(),
                view.namespace(),
                view.name(),
                view.created(),
                view.image(),
                view.members(),
                Map.of(A, end),
                null,
                0);

        var near = marks.advanced(ending, terms, START.plus(Duration.ofDays(24)));
        assertThat(marks.advanced(ending, terms, START.plus(Duration.ofDays(22))))
                .isSameAs(marks);
        assertThat(Notices.between(ending, marks, near, terms))
                .singleElement()
                .satisfies(n -> assertThat(n.event()).isEqualTo(NoticeType.Expiring));
        assertThat(near.advanced(ending, terms, START.plus(Duration.ofDays(26))))
                .isSameAs(near);
    }

    @Test
    void whatIsNotWantedIsNotTold() {
        var onlyReminders = new Terms(
                EnumSet.of(NoticeType.Reminder), Duration.ofDays(7), Duration.ofDays(7), 1, Duration.ofDays(7));
        share.added(A, now.plusMillis(1));

        assertThat(look(onlyReminders)).isEmpty();
        later(Duration.ofDays(8));
        assertThat(look(onlyReminders)).containsExactly("Reminder 0a 1");
    }

    @Test
    void anIdIsTheSameWheneverItIsTold() {
        share.added(A, now.plusMillis(1));
        var from = marks;
        var to = marks.advanced(share.view(), ALL, now);
        var first = Notices.between(share.view(), from, to, ALL).map(Notice::id).toList();

        later(Duration.ofDays(3));
        share.answered(A, MemberAnswer.accepted, now);
        assertThat(Notices.between(share.view(), from, to, ALL).map(Notice::id)).isEqualTo(first);
        assertThat(first).singleElement().asString().matches("[0-9a-f]{16}");
    }

    @Test
    void theNextReminderIsKnown() {
        share.added(A, now.plusMillis(1)).added(B, now.plusMillis(2));
        var at = Notices.nextDue(share.view(), now, ALL);

        assertThat(at).contains(now.plusMillis(1).plus(Duration.ofDays(7)));
        assertThat(Notices.nextDue(share.view(), now.plus(Duration.ofDays(30)), ALL))
                .isEmpty();
    }
}
