package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far an ImageShare was looked at. What a status says of the past is in the order in which it was written, which needs
 * not be the clock's; so each kind of it has a mark of its own, and none is ahead of what was seen.
 *
 * @param added the last addition that was seen
 * @param due until when reminders and ends were due
 * @param answered the last answer that was seen, by Glance's clock, which has whole seconds
 * @param answeredBy who answered in that very second
 * @param held the last removals seen to be held, by their hash
 */
record Marks(
        Instant added,
        Instant due,
        Instant answered,
        Set<String> answeredBy,
        @Nullable String held) {

    /** More answers of one second than this count as seen. */
    private static final int SAME_SECOND = 64;

    Marks {
        answeredBy = Set.copyOf(answeredBy);
    }

    /** Nothing after this moment was seen. */
    static Marks until(Instant moment) {
        return new Marks(moment, moment, moment, Set.of(), null);
    }

    /** All was seen that there is now. */
    static Marks all(SharedImage share, Instant now) {
        var seen = until(Instant.EPOCH).seeing(share);
        return new Marks(seen.added, now, seen.answered, seen.answeredBy, seen.held);
    }

    /** The same, having seen this; the same object if there is nothing new. */
    Marks advanced(SharedImage share, Terms terms, Instant now) {
        var seen = seeing(share);
        var to = new Marks(seen.added, now.isAfter(due) ? now : due, seen.answered, seen.answeredBy, seen.held);
        // Time alone is nothing to write down, as long as nothing was due in it.
        var isDue = Notices.between(share, new Marks(to.added, due, to.answered, to.answeredBy, to.held), to, terms)
                .findAny()
                .isPresent();
        var next = isDue ? to : new Marks(to.added, due, to.answered, to.answeredBy, to.held);
        return next.equals(this) ? this : next;
    }

    private Marks seeing(SharedImage share) {
        var lastAdded = added;
        var lastAnswered = answered;
        for (var member : share.members()) {
            lastAdded = later(lastAdded, SharedImage.time(member.addedAt()).orElse(lastAdded));
            lastAnswered = later(lastAnswered, answer(member).orElse(lastAnswered));
        }
        var then = new TreeSet<String>();
        if (lastAnswered.equals(answered)) {
            then.addAll(answeredBy);
        }
        for (var member : share.members()) {
            if (answer(member).filter(lastAnswered::equals).isPresent()) {
                then.add(member.projectID());
            }
        }
        while (then.size() > SAME_SECOND) {
            then.pollLast();
        }
        return new Marks(lastAdded, due, lastAnswered, then, share.held() == null ? held : share.held());
    }

    /** Whether an answer of this moment was seen. */
    boolean hasSeenAnswer(String project, Instant moment) {
        return moment.isBefore(answered)
                || (moment.equals(answered) && (answeredBy.size() >= SAME_SECOND || answeredBy.contains(project)));
    }

    static Optional<Instant> answer(MemberInfo member) {
        return member.status() == MemberAnswer.accepted || member.status() == MemberAnswer.rejected
                ? SharedImage.time(member.updatedAt())
                : Optional.empty();
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
