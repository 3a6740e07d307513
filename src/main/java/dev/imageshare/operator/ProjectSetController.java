package dev.imageshare.operator;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.operator.OptionalController.KindCensus;
import dev.imageshare.projectset.ProjectSetReconciler;
import java.util.List;
import java.util.Set;

/** Makes what looks after ProjectSets. */
final class ProjectSetController {

    private ProjectSetController() {}

    static OptionalController<ProjectSet> of(Wiring wiring) {
        var sets = new ProjectSetReconciler(
                wiring.client(),
                wiring.clouds(),
                wiring.events(),
                wiring.parallel(),
                wiring.turns(),
                wiring.lead(),
                // No ImageShare can name a set yet, so none has to follow one.
                (set, released) -> Set.of(),
                () -> true,
                wiring.clock(),
                wiring.backoff());
        return new OptionalController<>(
                "ProjectSet",
                ProjectSetReconciler.NAME,
                sets,
                ProjectSetReconciler::configure,
                sets::watch,
                sets::forgotten,
                sets::names,
                sets.counters(),
                () -> census(sets),
                () -> {});
    }

    private static KindCensus census(ProjectSetReconciler sets) {
        var census = sets.census();
        return new KindCensus(
                census.states(),
                census.lateness(),
                List.of(
                        ObjectMetrics.gauge(
                                "imageshare_projectset_projects",
                                "Projects in ProjectSets, those that nothing names any more included",
                                census.projects()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_projects_absent",
                                "Projects in ProjectSets that nothing names any more",
                                census.absent()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_removals_held",
                                "Projects that leave a ProjectSet once a person approves it",
                                census.held()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_projects_released",
                                "Projects that left a ProjectSet and that some ImageShare has yet to follow",
                                census.released()),
                        ObjectMetrics.gauge(
                                "imageshare_projectsets_incomplete",
                                "ProjectSets by which nobody leaves, since not all that they name could be read",
                                census.incomplete())));
    }
}
