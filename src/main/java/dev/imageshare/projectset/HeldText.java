package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.HeldLeaves;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Explains which projects are held, why, and how to approve that they leave. */
final class HeldText {

    private HeldText() {}

    static Problem problem(ProjectSet set, SetPlan plan, HeldLeaves held) {
        var ids = Objects.requireNonNull(held.remove());
        var hash = Objects.requireNonNull(held.hash());
        var names = plan.projects().stream()
                .filter(project -> project.name() != null)
                .collect(Collectors.toMap(SetProject::projectID, SetProject::name));
        List<String> shown = ids.stream().map(id -> ProjectText.of(id, names)).toList();
        return Problem.of(
                Reason.RemovalHeld,
                "Held back: " + ids.size() + (ids.size() == 1 ? " project" : " projects") + " would leave the set ("
                        + EventRecorder.names(shown) + "), because " + held.because()
                        + ". A project that leaves loses the images that are shared with the set, and must accept them again"
                        + " if it is added back. To keep these projects, add them to spec.projects. To let exactly these leave: "
                        + Approval.command(set, hash) + Approval.remark(set, hash));
    }
}
