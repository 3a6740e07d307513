package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** What there is to tell of an ImageShare: derived from its status, so that whoever looks at it finds the same. Pure. */
final class Notices {

    private Notices() {}

    /**
     * What lies between two looks at an ImageShare, as far as it still holds: who has answered is not offered an image, nor
     * reminded of it.
     *
     * @param from what was seen before
     * @param to what is seen with it
     */
    static Stream<Notice> between(SharedImage share, Marks from, Marks to, Terms terms) {
        if (share.image() == null) {
            return Stream.empty();
        }
        var ofMembers = share.members().stream().flatMap(member -> of(share, member, from, to, terms));
        return Stream.concat(ofMembers, held(share, from, to))
                .filter(n -> terms.events().contains(n.event()));
    }

    private static Stream<Notice> of(SharedImage share, MemberInfo member, Marks from, Marks to, Terms terms) {
        return Stream.of(
                        offered(share, member, from, to),
                        reminder(share, member, from, to, terms),
                        answered(share, member, from, to),
                        expiring(share, member, from, to, terms))
                .flatMap(Optional::stream);
    }

    /** Also if it has accepted meanwhile, by an ImageAcceptance say: that the image is there is news all the same. */
    private static Optional<Notice> offered(SharedImage share, MemberInfo member, Marks from, Marks to) {
        var added = member.addedAt();
        return added == null || member.status() == MemberAnswer.rejected
                ? Optional.empty()
                : SharedImage.time(added)
                        .filter(at -> isBetween(at, from.added(), to.added()))
                        .map(at -> Notice.toConsumer(NoticeType.Offered, share, member, added, 0));
    }

    /** The last of those that were due; an operator that was away for weeks doesn't catch up. */
    private static Optional<Notice> reminder(SharedImage share, MemberInfo member, Marks from, Marks to, Terms terms) {
        if (member.status() != MemberAnswer.pending || member.pendingSince() == null || terms.max() == 0) {
            return Optional.empty();
        }
        return SharedImage.time(member.pendingSince()).flatMap(since -> {
            var number = remindersUntil(since, to.due(), terms);
            return number == 0 || number == remindersUntil(since, from.due(), terms)
                    ? Optional.empty()
                    : Optional.of(Notice.toConsumer(
                            NoticeType.Reminder, share, member, member.pendingSince() + " " + number, number));
        });
    }

    private static int remindersUntil(Instant since, Instant moment, Terms terms) {
        var waited = Duration.between(since.plus(terms.after()), moment);
        return waited.isNegative() ? 0 : (int) Math.min(terms.max(), waited.dividedBy(terms.every()) + 1);
    }

    /** When the next reminder or end after this moment comes; empty if none will. */
    static Optional<Instant> nextDue(SharedImage share, Instant moment, Terms terms) {
        var reminders = share.members().stream()
                .filter(member -> member.status() == MemberAnswer.pending)
                .flatMap(member -> SharedImage.time(member.pendingSince()).stream())
                .filter(since -> remindersUntil(since, moment, terms) < terms.max())
                .map(since -> since.plus(terms.after())
                        .plus(terms.every().multipliedBy(remindersUntil(since, moment, terms))));
        var ends = share.ends().values().stream()
                .map(end -> end.minus(terms.notice()))
                .filter(soon -> soon.isAfter(moment));
        return Stream.concat(reminders, ends).min(Instant::compareTo);
    }

    private static Optional<Notice> answered(SharedImage share, MemberInfo member, Marks from, Marks to) {
        return Marks.answer(member)
                .filter(at -> !from.hasSeenAnswer(member.projectID(), at))
                .filter(at -> to.hasSeenAnswer(member.projectID(), at))
                .map(at -> Notice.toOwner(
                        NoticeType.Answered,
                        share,
                        member.projectID(),
                        member.status() + " " + member.updatedAt(),
                        member.status(),
                        0));
    }

    /** Of an end that was near when the project was added, the offer has told already. */
    private static Optional<Notice> expiring(SharedImage share, MemberInfo member, Marks from, Marks to, Terms terms) {
        var end = share.ends().get(member.projectID());
        if (end == null || terms.notice().isZero() || !end.isAfter(to.due())) {
            return Optional.empty();
        }
        var soon = end.minus(terms.notice());
        var wasNear = SharedImage.time(member.addedAt()).filter(at -> !at.isBefore(soon));
        return isBetween(soon, from.due(), to.due()) && wasNear.isEmpty()
                ? Optional.of(Notice.toConsumer(NoticeType.Expiring, share, member, end.toString(), 0))
                : Optional.empty();
    }

    private static Stream<Notice> held(SharedImage share, Marks from, Marks to) {
        var hash = share.held();
        return hash == null || !hash.equals(to.held()) || hash.equals(from.held())
                ? Stream.empty()
                : Stream.of(Notice.toOwner(
                        NoticeType.RemovalHeld,
                        share,
                        share.image() == null ? "" : share.image().owner(),
                        hash,
                        null,
                        share.heldCount()));
    }

    private static boolean isBetween(Instant moment, Instant from, Instant to) {
        return moment.isAfter(from) && !moment.isAfter(to);
    }
}
