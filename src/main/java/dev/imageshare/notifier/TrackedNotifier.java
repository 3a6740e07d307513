package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ShareSelector;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Waiting.DueNotice;
import dev.imageshare.reconcile.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one ImageNotifier between passes, besides when the next is due. */
final class TrackedNotifier extends Schedule {

    /**
     * A message that is done with and isn't in the status yet.
     *
     * @param sentAt when a receiver took it; null if it was given up
     * @param why it was given up; empty if it wasn't
     */
    record DoneParcel(Parcel parcel, @Nullable Instant sentAt, String why) {}

    /**
     * An ImageShare as it was last looked at.
     *
     * @param due when time alone makes something of it due; null: never
     */
    private record SeenShare(
            String version, SharedImage image, @Nullable Instant due) {}

    final Outbox outbox;
    final Withdrawals withdrawals = new Withdrawals();

    /** What became of the message under way, until a pass takes it. */
    final AtomicReference<@Nullable Receipt> result = new AtomicReference<>();

    /** Messages that are done with, until the status says so. */
    final List<DoneParcel> done = new ArrayList<>();

    /** Those who are told, as last read. */
    @Nullable
    Contacts contacts;

    /** That of the receiver that was last used. */
    String receiverVersion = "";

    private final Map<String, SeenShare> seen = new HashMap<>();
    private @Nullable Instant lookedAt;
    private Optional<ShareSelector> selector = Optional.empty();
    private ImageNotifierStatus.@Nullable NotifierProgress written;
    private @Nullable Journal journal;
    private @Nullable Map<String, List<Journal.SeenStep>> foundIn;
    private @Nullable Terms foundBy;
    private List<DueNotice> found = List.of();

    TrackedNotifier(Outbox outbox) {
        this.outbox = outbox;
    }

    /** What the status remembers; empty if it remembers nothing. */
    Optional<Journal> journal(@Nullable ImageNotifierStatus status) {
        var progress = status == null ? null : status.progress();
        if (journal == null || !Objects.equals(progress, written)) {
            written = progress;
            journal = Journal.of(status).orElse(null);
        }
        return Optional.ofNullable(journal);
    }

    /** The status is about to be written with this. */
    void writing(ImageNotifierStatus.NotifierProgress progress, Journal of) {
        written = progress;
        journal = of;
    }

    /**
     * Looks at these ImageShares, and forgets others.
     *
     * @return by their UIDs
     */
    Map<String, SharedImage> look(Collection<ImageShare> shares, Terms terms, Instant now) {
        var all = new HashMap<String, SharedImage>();
        var isChanged = false;
        for (var share : shares) {
            var metadata = share.getMetadata();
            var before = seen.get(metadata.getUid());
            if (before == null || !before.version().equals(metadata.getResourceVersion())) {
                isChanged = true;
                before = new SeenShare("", SharedImage.of(share), null);
                seen.put(metadata.getUid(), before);
            }
            all.put(metadata.getUid(), before.image());
        }
        isChanged |= seen.keySet().retainAll(all.keySet());
        if (isChanged) {
            foundIn = null;
        }
        return all;
    }

    /** Those at which a look finds what it found before. */
    Predicate<SharedImage> unchanged(Instant now) {
        return image -> {
            var before = seen.get(image.uid());
            return before != null
                    && !before.version().isEmpty()
                    && (before.due() == null || before.due().isAfter(now));
        };
    }

    /** A look at these has been taken. */
    void looked(Collection<ImageShare> shares, Optional<ShareSelector> by, Terms terms, Instant now) {
        for (var share : shares) {
            seen.computeIfPresent(
                    share.getMetadata().getUid(),
                    (uid, before) -> before.version().isEmpty()
                                    || (before.due() != null && !before.due().isAfter(now))
                            ? new SeenShare(
                                    share.getMetadata().getResourceVersion(),
                                    before.image(),
                                    Notices.nextDue(before.image(), now, terms).orElse(null))
                            : before);
        }
        lookedAt = now;
        selector = by;
    }

    /** The terms have changed, so that every ImageShare is looked at anew. */
    void forgetLooks() {
        seen.clear();
        foundIn = null;
    }

    /**
     * Since when an ImageShare that isn't known must have been created to be new, and not one that was there before.
     *
     * @param by the selector now
     * @param isSameSpec whether the status is of this spec
     */
    Instant newSince(Optional<ShareSelector> by, boolean isSameSpec, Journal since) {
        if (lookedAt != null) {
            return selector.equals(by) ? lookedAt : Instant.MAX;
        }
        return isSameSpec ? since.since() : Instant.MAX;
    }

    /** What is due by this journal; derived anew only if something changed. */
    List<DueNotice> found(Journal of, Map<String, SharedImage> shares, Terms terms) {
        if (foundIn != of.shares() || !terms.equals(foundBy)) {
            found = List.copyOf(Waiting.found(of, shares, terms));
            foundIn = of.shares();
            foundBy = terms;
        }
        return found;
    }
}
