package dev.imageshare.share;

import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import java.util.Set;

/**
 * What carrying out a plan came to.
 *
 * @param members as last listed or answered, one entry a project
 * @param added those that the object made members: present ones, and those whose addition may have taken effect
 * @param addedNow members that were added now
 * @param removedNow members that were removed now
 * @param left what is left to do
 * @param problems what failed
 * @param isWhole whether it came to its end; if not, the last problem says why
 */
record MemberChanges(
        List<Member> members,
        Set<String> added,
        Set<String> addedNow,
        Set<String> removedNow,
        MembershipPlan left,
        List<Problem> problems,
        boolean isWhole) {

    /** Nothing was done. */
    static MemberChanges none(ImageLook.ListedMembers listed, Set<String> added, MembershipPlan plan) {
        return new MemberChanges(listed.members(), added, Set.of(), Set.of(), plan, List.of(), true);
    }
}
