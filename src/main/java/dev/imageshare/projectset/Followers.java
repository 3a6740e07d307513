package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import java.util.Set;

/** The ImageShares that refer to a set. */
@FunctionalInterface
public interface Followers {

    /**
     * Of the projects that left a set: those that some ImageShare in its namespace that refers to it still has to remove or keep.
     *
     * @param released the IDs, at most 1,000
     */
    Set<String> waitingFor(ProjectSet set, Set<String> released);
}
