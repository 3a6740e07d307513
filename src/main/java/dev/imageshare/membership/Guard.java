package dev.imageshare.membership;

import org.jspecify.annotations.Nullable;

/**
 * What stands between a wish and a removal.
 *
 * @param maxRemovals how many removals need no approval
 * @param uid the declaring object's UID: an approval is for one object
 * @param generation the declaring object's generation: an approval is for one state of it
 * @param approval the hash that a person gave, or null
 * @param contended whether somebody else undoes what is done here; then nothing is removed, approved or not
 */
public record Guard(
        RemovalLimit maxRemovals,
        String uid,
        long generation,
        @Nullable String approval,
        boolean contended) {}
