package dev.imageshare.membership;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was found in this pass.
 *
 * @param imageId the image's ID
 * @param owner the project that owns the image; Glance would accept it as a member, without effect
 * @param members the project IDs of a complete list that the owner read; Glance may list one twice, which is one member
 * @param declaredByOthers projects that other live declarations for this image name
 * @param declaredBySilent projects named by declarations that may no longer count: removed only after an approval
 * @param failedAdditions declared projects that could not be added, so the image must not be emptied counting on them
 */
public record Observed(
        String imageId,
        String owner,
        Set<String> members,
        Set<String> declaredByOthers,
        Set<String> declaredBySilent,
        Set<String> failedAdditions) {

    public Observed {
        members = Set.copyOf(members);
        declaredByOthers = Set.copyOf(declaredByOthers);
        declaredBySilent = Set.copyOf(declaredBySilent);
        failedAdditions = Set.copyOf(failedAdditions);
    }

    public static Observed of(String imageId, String owner, Collection<String> members) {
        return new Observed(imageId, owner, Set.copyOf(new TreeSet<>(members)), Set.of(), Set.of(), Set.of());
    }

    /** The same with the declarations of others. */
    public Observed withDeclared(Set<String> byOthers, Set<String> bySilent) {
        return new Observed(imageId, owner, members, byOthers, bySilent, failedAdditions);
    }

    /** The same image after additions: these were added, those failed. */
    public Observed afterAdditions(Collection<String> added, Collection<String> failed) {
        var now = new TreeSet<>(members);
        now.addAll(added);
        return new Observed(imageId, owner, now, declaredByOthers, declaredBySilent, Set.copyOf(List.copyOf(failed)));
    }
}
