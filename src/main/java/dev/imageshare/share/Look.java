package dev.imageshare.share;

import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one object between passes; a restart may lose all of it. Used by one pass at a time. */
final class Look {

    final Contention contention = new Contention();

    /** When the image is to be read again although nothing asks for it; null: not known yet. */
    @Nullable
    Instant imageDue;

    /** When lastSyncTime is to be written although nothing else changed; null: not known yet. */
    @Nullable
    Instant touchDue;

    /** When this process first saw that the object is being deleted. */
    @Nullable
    Instant deletionSeen;

    /** Failed passes in a row, for the generation below. */
    int failures;

    long generation;

    /** Since when a reason that gets some grace has been there. */
    final Map<Reason, Instant> since = new EnumMap<>(Reason.class);

    /** When the object was last looked at, and by when it should be again; for the watchdog. */
    volatile @Nullable Instant last;

    volatile @Nullable Instant next;
}
