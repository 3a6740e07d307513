package dev.imageshare.membership;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is declared.
 *
 * @param projects project IDs in the order in which they are to be added; repeated ones count once
 * @param policy which present members may be removed
 * @param kept what references that can't be resolved now stood for last: neither added nor removed
 * @param replaced what references stood for before they changed: nobody edited the declaration, so their removal needs
 *     approval
 * @param whole whether every reference is resolved; while one isn't, a member may be the one meant, and none is removed
 */
public record Desired(List<String> projects, Policy policy, Set<String> kept, Set<String> replaced, boolean whole) {
    public Desired {
        projects = List.copyOf(new LinkedHashSet<>(projects));
        kept = Set.copyOf(kept);
        replaced = Set.copyOf(replaced);
    }

    /** A declaration that names each project itself. */
    public Desired(List<String> projects, Policy policy) {
        this(projects, policy, Set.of(), Set.of(), true);
    }
}
