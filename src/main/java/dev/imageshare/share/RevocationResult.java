package dev.imageshare.share;

import dev.imageshare.reconcile.Problem;
import java.time.Duration;
import java.util.Set;

/** What became of an attempt to revoke what an object gave. */
sealed interface RevocationResult {

    /** Members whose access was taken away. */
    Set<String> revoked();

    /**
     * Nothing is left to do.
     *
     * @param kept members that the object declares or added, and that keep their access
     * @param keptBecause why they keep it
     */
    record Released(Set<String> revoked, Set<String> kept, String keptBecause) implements RevocationResult {}

    /** The object has to wait. */
    sealed interface Unfinished extends RevocationResult {
        /** Why it has to wait. */
        Problem problem();
    }

    /** Something failed, or isn't known yet. */
    record Postponed(Set<String> revoked, Problem problem) implements Unfinished {}

    /** It is too early to tell whether many objects are being deleted at once. */
    record Settling(Set<String> revoked, Problem problem, Duration period) implements Unfinished {}

    /** A person has to approve the removals by the annotation with this hash. */
    record AwaitingApproval(Set<String> revoked, Problem problem, String hash) implements Unfinished {}
}
