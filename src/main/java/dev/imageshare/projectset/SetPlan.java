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
 * Who is in a set after a pass. Computed without I/O and without a clock: the same input gives the same plan.
 *
 * @param projects the set, in the order of IDs
 * @param joined the projects that joined, sorted
 * @param left the projects that left in this pass, sorted; none of them is in {@code projects}
 * @param expired those of {@code left} that expired
 * @param denied those of {@code left} whose request was denied
 * @param released projects that left now or earlier, and aren't back, sorted
 * @param held the projects that leave only with approval; null if there are none
 * @param recentLeaves for the status: when projects left that only time explains
 * @param selectors the status of each selector, in the spec's order
 * @param complete whether all lists were complete, so that a project that isn't in the set has left it
 * @param unproven projects that would leave by time alone, by selector, and that Keystone can be asked about
 * @param lost projects that stay in the set although the complete list of their domain lacks them, by selector: Keystone can be
 *     asked whether they exist
 * @param problems what keeps the set from being Ready, apart from {@code held}
 */
record SetPlan(
        List<SetProject> projects,
        List<String> joined,
        List<String> left,
        List<String> expired,
        List<String> denied,
        List<String> released,
        @Nullable HeldLeaves held,
        List<RecentLeave> recentLeaves,
        List<SelectorInfo> selectors,
        boolean complete,
        Map<String, List<String>> unproven,
        Map<String, List<String>> lost,
        List<Problem> problems) {

    SetPlan {
        projects = List.copyOf(projects);
        joined = List.copyOf(joined);
        left = List.copyOf(left);
        expired = List.copyOf(expired);
        denied = List.copyOf(denied);
        released = List.copyOf(released);
        recentLeaves = List.copyOf(recentLeaves);
        selectors = List.copyOf(selectors);
        unproven = Map.copyOf(unproven);
        lost = Map.copyOf(lost);
        problems = List.copyOf(problems);
    }

    static SetPlan of(SetInput input) {
        return new SetPlanner(input).plan();
    }
}
