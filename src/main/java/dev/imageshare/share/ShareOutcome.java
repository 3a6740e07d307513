package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a live object found and did. A pass that ended early leaves the rest unknown.
 *
 * @param declaration what is declared; null if no reference was resolved
 * @param imageRead whether the image itself was read
 * @param image the image, proven to be owned; null if the pass didn't get that far
 * @param members the members as last listed, one entry a project; null if there was no good list
 * @param added those that this object made members: present ones, and those whose addition may have taken effect
 * @param adopted whether the members are, or once were, as declared for this image
 * @param plan what is left to do, computed for {@code members}; null if nothing was planned
 * @param drift what others changed
 * @param addedNow members that this pass added
 * @param removedNow members that this pass removed
 * @param problems what keeps the object from being Ready; none if it is
 * @param notes what Ready's message says in addition
 * @param suspectNames declared projects that don't look like IDs
 */
record ShareOutcome(
        @Nullable Declaration declaration,
        boolean imageRead,
        @Nullable ImageInfo image,
        @Nullable List<Member> members,
        Set<String> added,
        boolean adopted,
        @Nullable MembershipPlan plan,
        Drift drift,
        Set<String> addedNow,
        Set<String> removedNow,
        List<Problem> problems,
        List<String> notes,
        List<String> suspectNames) {

    /**
     * What others changed since the status was written.
     *
     * @param missing declared members that were there, and are gone
     * @param undeclared members that have come, and aren't declared
     */
    record Drift(List<String> missing, List<String> undeclared) {
        static final Drift NONE = new Drift(List.of(), List.of());
    }

    /** A pass that found nothing out. */
    static ShareOutcome failed(Problem problem) {
        return new ShareOutcome(
                null,
                false,
                null,
                null,
                Set.of(),
                false,
                null,
                Drift.NONE,
                Set.of(),
                Set.of(),
                List.of(problem),
                List.of(),
                List.of());
    }

    boolean has(Reason reason) {
        return problems.stream().anyMatch(problem -> problem.reason() == reason);
    }
}
