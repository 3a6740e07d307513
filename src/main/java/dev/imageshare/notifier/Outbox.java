package dev.imageshare.notifier;

import dev.imageshare.reconcile.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which message goes out next, and when; what this process remembers of one notifier's messages. At most one is under way,
 * one recipient is left alone for a while after each, and what can't be delivered for an hour is given up. Used by one pass at a
 * time.
 */
final class Outbox {

    /** How long what can't be delivered is tried again. */
    static final Duration PATIENCE = Duration.ofHours(1);

    private static final Duration GONE = Duration.ofDays(365);

    /**
     * A message to make.
     *
     * @param notices what the recipient is to be told
     * @param projects those that it is told for
     * @param look the look up to which it is told then
     * @param isWhole whether nothing is left for it to be told at once
     */
    record Parcel(Recipient recipient, List<Notice> notices, Set<String> projects, long look, boolean isWhole) {
        Parcel {
            notices = List.copyOf(notices);
            projects = Set.copyOf(projects);
        }

        /**
         * As a message lists them: the reader looks for a name. Only for the one that is sent: among 500 images with 200
         * recipients, to sort what everybody waits for took nine seconds before each message.
         */
        Parcel byImage() {
            var sorted = notices.stream()
                    .sorted(Comparator.comparing(Wording::title)
                            .thenComparing(notice -> notice.image().id())
                            .thenComparing(Notice::audience))
                    .toList();
            return new Parcel(recipient, sorted, projects, look, isWhole);
        }
    }

    /** What failed, and when it is tried again. */
    private record Failing(int failures, Instant next, String message) {}

    private final Duration rest;
    private final Duration settle;
    private final Backoff backoff;

    /** When each recipient's message was first ready, by the recipient's key. */
    private final Map<String, Instant> dueSince = new HashMap<>();

    private final Map<String, Instant> lastSent = new HashMap<>();
    private final Map<String, Failing> troubles = new HashMap<>();
    private @Nullable Failing receiver;
    private @Nullable Parcel underWay;
    private boolean hasBegun;

    /**
     * @param rest how long a recipient is left alone after a message: what comes meanwhile is told together
     * @param settle how long a first notice waits for others
     */
    Outbox(Duration rest, Duration settle, Backoff backoff) {
        this.rest = rest;
        this.settle = settle;
        this.backoff = backoff;
    }

    /**
     * What is to do.
     *
     * @param next the message to send now; null if there is none
     * @param givenUp those that can't be delivered
     * @param again when to ask again; empty if nothing waits
     */
    record Round(@Nullable Parcel next, List<Parcel> givenUp, Optional<Instant> again) {}

    /** The look up to which the message under way tells; 0 if none is. */
    long handedOut() {
        return underWay == null ? 0 : underWay.look();
    }

    /** Why the receiver takes nothing, if it doesn't. */
    Optional<String> trouble() {
        return Optional.ofNullable(receiver).map(Failing::message);
    }

    /** Why this recipient can't be told. */
    String whyNot(String key) {
        var failing = receiver == null ? troubles.get(key) : receiver;
        return failing == null ? "" : failing.message();
    }

    /**
     * Chooses the next message; {@link #sending} says that it goes out.
     *
     * @param waiting what is to be told to each recipient; see {@link Waiting}
     * @param journal says when projects were told, before this process began to remember
     * @param contacts says who was told then
     */
    Round round(Waiting waiting, Journal journal, Contacts contacts, Instant now) {
        if (!hasBegun) {
            hasBegun = true;
            remember(journal, contacts);
        }
        var parcels = waiting.parcels();
        dueSince.keySet().retainAll(keys(parcels));
        troubles.keySet().retainAll(keys(parcels));
        if (parcels.isEmpty()) {
            receiver = null;
        }
        var givenUp = new ArrayList<Parcel>();
        var ready = new ArrayList<Parcel>();
        var again = new ArrayList<Instant>();
        for (var parcel : parcels) {
            var key = parcel.recipient().key();
            if (underWay != null && underWay.recipient().key().equals(key)) {
                continue;
            }
            var since = dueSince.computeIfAbsent(key, k -> now);
            var free = later(since.plus(settle), rested(key));
            if (isFailing(key) && !since.plus(settle).plus(PATIENCE).isAfter(now)) {
                givenUp.add(parcel);
                continue;
            }
            var trouble = troubles.get(key);
            var when = later(free, trouble == null ? free : trouble.next());
            when = later(when, receiver == null ? when : receiver.next());
            if (when.isAfter(now)) {
                again.add(when);
                again.add(isFailing(key) ? since.plus(settle).plus(PATIENCE) : when);
            } else {
                ready.add(parcel);
            }
        }
        var next = underWay != null
                ? null
                : ready.stream()
                        .min(Comparator.comparing(parcel ->
                                dueSince.getOrDefault(parcel.recipient().key(), now)))
                        .orElse(null);
        return new Round(next, givenUp, again.stream().min(Instant::compareTo));
    }

    private boolean isFailing(String key) {
        return receiver != null || troubles.containsKey(key);
    }

    private static Set<String> keys(List<Parcel> parcels) {
        return parcels.stream().map(parcel -> parcel.recipient().key()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whom another process told; each by the last message for any of its projects. */
    private void remember(Journal journal, Contacts contacts) {
        journal.projects().forEach((project, told) -> {
            var at = told.at();
            if (at != null) {
                contacts.of(project).forEach(recipient -> lastSent.merge(recipient.key(), at, Outbox::later));
            }
        });
    }

    /** When the recipient may be told again. */
    private Instant rested(String key) {
        var sent = lastSent.get(key);
        return sent == null ? Instant.MIN : sent.plus(rest);
    }

    /** The message goes out now. */
    void sending(Parcel parcel) {
        underWay = parcel;
    }

    /**
     * What became of the message under way.
     *
     * @return it, if it is done with: taken, or refused for good
     */
    Optional<Parcel> ended(Receipt receipt, Instant now) {
        var parcel = underWay;
        underWay = null;
        if (parcel == null) {
            return Optional.empty();
        }
        var key = parcel.recipient().key();
        switch (receipt.outcome()) {
            case TAKEN, REFUSED -> {
                receiver = null;
                done(key);
                if (receipt.outcome() == Receipt.Result.TAKEN && parcel.isWhole()) {
                    lastSent.put(key, now);
                }
                return Optional.of(parcel);
            }
            case RECIPIENT_LATER -> {
                receiver = null;
                troubles.put(key, trouble(troubles.get(key), receipt, now));
            }
            case LATER -> receiver = trouble(receiver, receipt, now);
            case GONE -> receiver = new Failing(1, now.plus(GONE), receipt.message());
        }
        return Optional.empty();
    }

    /** The receiver can't be asked at all: its Secret is missing, or of no use. */
    void unusable(String message, Instant now) {
        receiver = new Failing(1, now.plus(PATIENCE), message);
    }

    /** Something about the receiver changed: it is tried again at once. */
    void changed() {
        receiver = null;
        troubles.clear();
    }

    /** The recipient is no longer to be told of this. */
    void done(String key) {
        dueSince.remove(key);
        troubles.remove(key);
    }

    /** Forgets when recipients were told that may be told again. */
    void forgetRested(Instant now) {
        lastSent.values().removeIf(sent -> !sent.plus(rest).isAfter(now));
    }

    private Failing trouble(@Nullable Failing before, Receipt receipt, Instant now) {
        var failures = before == null ? 1 : before.failures() + 1;
        var wait = backoff.afterFailures(failures);
        var asked = receipt.retryAfter().orElse(Duration.ZERO);
        var longest = asked.compareTo(PATIENCE) < 0 ? asked : PATIENCE;
        return new Failing(failures, now.plus(wait.compareTo(longest) < 0 ? longest : wait), receipt.message());
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
