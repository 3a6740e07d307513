package dev.imageshare.membership;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is declared.
 *
 * @param projects project IDs in the order in which they should be added; repeated ones count once
 * @param policy which present members may be removed
 * @param kept what currently unresolved sources last resolved to: neither added nor removed
 * @param changed what sources resolved to before they changed: nobody edited the declaration, so their removal needs
 *     approval
 * @param released what left a source that has its own guard: not counted again, unless every removal is to be held
 * @param complete whether every source is resolved; while one isn't, any member may belong to it, and none is removed
 */
public record Desired(
        List<String> projects,
        Policy policy,
        Set<String> kept,
        Set<String> changed,
        Set<String> released,
        boolean complete) {

    public Desired {
        projects = List.copyOf(new LinkedHashSet<>(projects));
        kept = Set.copyOf(kept);
        changed = Set.copyOf(changed);
        released = Set.copyOf(released);
    }

    /** A declaration that lists each project itself. */
    public Desired(List<String> projects, Policy policy) {
        this(projects, policy, Set.of(), Set.of(), Set.of(), true);
    }
}
