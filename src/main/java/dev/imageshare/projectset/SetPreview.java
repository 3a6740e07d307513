package dev.imageshare.projectset;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.HeldLeaves;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Previews the operator's next pass over a ProjectSet. Reads Keystone, and writes nothing. */
public final class SetPreview {

    private static final int PARALLELISM = 8;

    private SetPreview() {}

    /**
     * The preview of one set.
     *
     * @param set the object, with its next status
     * @param joined the IDs of projects that would join, sorted
     * @param left the IDs of projects that would leave, sorted
     * @param held the projects that would leave only with approval; null if there are none
     * @param problems why the set would not be Ready; empty if it would
     */
    public record PreviewedSet(
            ProjectSet set,
            List<String> joined,
            List<String> left,
            @Nullable HeldLeaves held,
            List<Problem> problems) {}

    /**
     * Previews the operator's next pass over a set.
     *
     * @param set whose spec has passed {@link ProjectSetRules}, with a UID, a generation and a namespace; its status is what
     *     the operator remembers, or null
     * @param directories the projects of a cloud as these credentials see them; throws {@link OpenStackException}
     */
    public static PreviewedSet of(
            ProjectSet set, Function<CloudCredentialsRef, ProjectDirectory> directories, Instant now) {
        var before = SetStatus.before(set);
        var executor = Executors.newCachedThreadPool();
        try {
            var outcome = new ProjectSetPass(
                            set,
                            ref -> open(directories, ref),
                            SameClouds.none()::cloud,
                            () -> true,
                            () -> true,
                            null, // what requests come to is decided in the cluster
                            Set.copyOf(requireNonNullElse(before.released(), List.<String>of())),
                            Duration.ZERO,
                            now)
                    .run(new ParallelCalls(executor, PARALLELISM));
            var plan = outcome.plan();
            return new PreviewedSet(
                    with(set, SetStatus.of(set, outcome, false, null, now)),
                    plan == null ? List.of() : plan.joined(),
                    plan == null ? List.of() : plan.left(),
                    plan == null ? null : plan.held(),
                    outcome.problems());
        } finally {
            executor.shutdownNow();
        }
    }

    private static ProjectDirectory open(
            Function<CloudCredentialsRef, ProjectDirectory> directories, CloudCredentialsRef ref) {
        try {
            return directories.apply(ref);
        } catch (OpenStackException e) {
            throw new ProblemException(Problem.of(e));
        }
    }

    private static ProjectSet with(ProjectSet set, ProjectSetStatus status) {
        var previewed = new ProjectSet();
        previewed.setMetadata(set.getMetadata());
        previewed.setSpec(set.getSpec());
        previewed.setStatus(status);
        return previewed;
    }
}
