package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.share.Source.Wish;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the name of a ProjectSet stands for, as far as can be told now. */
public sealed interface SetReferent {

    /**
     * A set whose status is of its generation.
     *
     * @param establishedAt when its memory began; another time than before means that the memory was lost
     * @param cloud the Keystone that its projects are of; null for one that names projects by hand only
     * @param projects in the order of their IDs
     * @param released that left it, by its own guard
     * @param isComplete whether it saw all that it names; else its projects join, and nobody leaves by it
     */
    record Known(
            String uid,
            @Nullable String establishedAt,
            @Nullable String cloud,
            List<Wish> projects,
            Set<String> released,
            boolean isComplete)
            implements SetReferent {}

    /** A set that can't be counted now. */
    record Unusable(SetGap why) implements SetReferent {}

    /** Why a set can't be counted. */
    enum SetGap {
        /** The CRD is not installed. */
        NOT_SERVED,
        /** Nobody asked: a plan without a cluster knows the files alone. */
        NOT_ASKED,
        /** There is no such object. */
        ABSENT,
        /** The object is being deleted: nobody leaves by that. */
        GOING,
        /** Its status isn't about its spec yet. */
        NOT_READ
    }

    /** What this object, or none, stands for. */
    static SetReferent of(Optional<ProjectSet> found) {
        if (found.isEmpty()) {
            return new Unusable(SetGap.ABSENT);
        }
        var set = found.get();
        if (set.isMarkedForDeletion()) {
            return new Unusable(SetGap.GOING);
        }
        var status = set.getStatus();
        if (status == null
                || !Objects.equals(
                        status.observedGeneration(), set.getMetadata().getGeneration())) {
            return new Unusable(SetGap.NOT_READ);
        }
        return new Known(
                set.getMetadata().getUid(),
                status.establishedAt(),
                status.cloud(),
                requireNonNullElse(status.projects(), List.<SetProject>of()).stream()
                        .filter(project -> FieldRules.isProjectId(project.projectID()))
                        .map(project -> new Wish(
                                project.projectID(),
                                Optional.ofNullable(project.expiresAt())
                                        .flatMap(FieldRules::time)
                                        .orElse(null)))
                        .toList(),
                Set.copyOf(requireNonNullElse(status.released(), List.<String>of())),
                Boolean.TRUE.equals(status.complete()));
    }
}
