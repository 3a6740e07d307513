package dev.imageshare.membership;

import org.jspecify.annotations.Nullable;

/**
 * What limits removals.
 *
 * @param maxRemovals how many removals need no approval
 * @param uid the declaring object's UID: an approval is for one object
 * @param generation the declaring object's generation: an approval is for one generation of it
 * @param approval the hash that a user set, or null
 * @param contended whether somebody else reverts the changes; then nothing is removed, approved or not
 */
public record Guard(
        RemovalLimit maxRemovals,
        String uid,
        long generation,
        @Nullable String approval,
        boolean contended) {}
