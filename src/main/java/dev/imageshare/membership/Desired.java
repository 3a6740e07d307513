package dev.imageshare.membership;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * What is declared.
 *
 * @param projects project IDs in the order in which they are to be added; repeated ones count once
 * @param policy which present members may be removed
 */
public record Desired(List<String> projects, Policy policy) {
    public Desired {
        projects = List.copyOf(new LinkedHashSet<>(projects));
    }
}
