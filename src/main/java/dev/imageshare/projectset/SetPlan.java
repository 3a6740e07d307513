package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSetStatus.HeldLeaves;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.RecentLeave;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SelectorInfo;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a set after a pass. Computed without I/O and without a clock of its own: the same input gives the same plan.
 *
 * @param projects the set, in the order of IDs
 * @param joined those that came, sorted
 * @param left those that left with this pass, sorted; nobody is in both this and {@code projects}
 * @param expired those of {@code left} whose time had come
 * @param released those that left now, or earlier and are not back, sorted
 * @param held leaves that wait for a person; null if there are none
 * @param recentLeaves what the status remembers of leaves that nothing but time explains
 * @param selectors what the status says of each selector, in the spec's order
 * @param complete whether all was seen whole, so that who isn't in the set has left it
 * @param unproven projects that are about to leave by time alone, by selector: Keystone may be asked about each
 * @param problems what keeps the set from being Ready, apart from {@code held}
 */
record SetPlan(
        List<SetProject> projects,
        List<String> joined,
        List<String> left,
        List<String> expired,
        List<String> released,
        @Nullable HeldLeaves held,
        List<RecentLeave> recentLeaves,
        List<SelectorInfo> selectors,
        boolean complete,
        Map<String, List<String>> unproven,
        List<Problem> problems) {

    SetPlan {
        projects = List.copyOf(projects);
        joined = List.copyOf(joined);
        left = List.copyOf(left);
        expired = List.copyOf(expired);
        released = List.copyOf(released);
        recentLeaves = List.copyOf(recentLeaves);
        selectors = List.copyOf(selectors);
        unproven = Map.copyOf(unproven);
        problems = List.copyOf(problems);
    }

    static SetPlan of(SetInput input) {
        return new SetPlanner(input).plan();
    }
}
