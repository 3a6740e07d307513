package dev.imageshare.operator;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.operator.OptionalController.KindCensus;
import dev.imageshare.projectset.ProjectSetReconciler;
import dev.imageshare.share.ProjectSets;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Creates the controller of ProjectSets. */
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
                wiring.shares()::waitingFor,
                () -> wiring.time().read().doubt().get().isEmpty(),
                wiring.clock(),
                wiring.backoff());
        wiring.sets().set(sets);
        wiring.shares().follow(new ProjectSets() {
            @Override
            public boolean areServed() {
                return true;
            }

            @Override
            public Optional<ProjectSet> find(ResourceID name) {
                return sets.find(name);
            }

            @Override
            public Map<String, String> projectNames(ResourceID name) {
                return sets.projectNames(name);
            }

            @Override
            public void onChange(Consumer<ResourceID> listener) {
                sets.onChange(listener);
            }

            @Override
            public void followed(ResourceID name) {
                sets.nudge(name);
            }
        });
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
                                "Projects in ProjectSets, including those that are no longer declared or matched",
                                census.projects()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_projects_absent",
                                "Projects in ProjectSets that are no longer declared or matched",
                                census.absent()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_removals_held",
                                "Projects whose removal from a ProjectSet waits for approval",
                                census.held()),
                        ObjectMetrics.gauge(
                                "imageshare_projectset_projects_released",
                                "Projects that left a ProjectSet, but not yet all ImageShares that use it",
                                census.released()),
                        ObjectMetrics.gauge(
                                "imageshare_projectsets_incomplete",
                                "ProjectSets from which nobody is removed, since some of their lists could not be read"
                                        + " completely",
                                census.incomplete())));
    }
}
