package dev.imageshare.share;

import dev.imageshare.reconcile.Schedule;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What this process remembers of one ImageShare between passes, besides when the next is due. */
final class Look extends Schedule {

    final Contention contention = new Contention();

    /** When the image is to be read again although nothing asks for it; null: not known yet. */
    @Nullable
    Instant imageDue;

    /** Declared members that others took out, and that aren't back yet. */
    Set<String> missing = Set.of();

    /** Members that others put in, and that aren't out again yet. */
    Set<String> undeclared = Set.of();

    /** Whether a person was told that other clouds have an image of the same ID, owner and region. */
    boolean toldOfOtherClouds;

    /** When this process first saw that the object is being deleted. */
    @Nullable
    Instant deletionSeen;
}
