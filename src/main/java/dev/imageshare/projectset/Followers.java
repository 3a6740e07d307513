package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import java.util.Set;

/** The ImageShares that name a set, as far as the set has to know. */
@FunctionalInterface
public interface Followers {

    /**
     * Of the projects that a set let go, those that an ImageShare of its namespace that names it has yet to deal with.
     *
     * @param released the IDs, at most 1,000
     */
    Set<String> waitingFor(ProjectSet set, Set<String> released);
}
