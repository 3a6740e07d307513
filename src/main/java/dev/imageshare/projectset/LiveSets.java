package dev.imageshare.projectset;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import dev.imageshare.reconcile.StatusWriter;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Runs passes over ProjectSets that aren't being deleted: the Kubernetes side of a {@link ProjectSetPass}. */
final class LiveSets {

    /** The maximum age of a list that several sets share; a tenth of the period if that is less. */
    private static final Duration OLDEST_LIST = Duration.ofMinutes(5);

    private final CloudAccess clouds;
    private final ParallelCalls parallel;
    private final Followers followers;
    private final BooleanSupplier clockTrusted;
    private final Passes<ProjectSet, Schedule> passes;
    private final StatusWriter<ProjectSet, ProjectSetStatus> statuses;
    private final SetEvents events;
    private final Consumer<ProjectSet> announce;
    private final Clock clock;
    private final Backoff backoff;
    private final ReleasedNames releasedNames = new ReleasedNames();

    /**
     * @param followers the ImageShares that refer to a set
     * @param clockTrusted whether this process's clock agrees with others'; if not, nobody leaves by time
     * @param announce called with a set whose status changed for ImageShares
     */
    LiveSets(
            CloudAccess clouds,
            ParallelCalls parallel,
            Followers followers,
            BooleanSupplier clockTrusted,
            Passes<ProjectSet, Schedule> passes,
            StatusWriter<ProjectSet, ProjectSetStatus> statuses,
            SetEvents events,
            Consumer<ProjectSet> announce,
            Clock clock,
            Backoff backoff) {
        this.clouds = clouds;
        this.parallel = parallel;
        this.followers = followers;
        this.clockTrusted = clockTrusted;
        this.passes = passes;
        this.statuses = statuses;
        this.events = events;
        this.announce = announce;
        this.clock = clock;
        this.backoff = backoff;
    }

    /**
     * One pass.
     *
     * @return how long to wait for the next one; empty: until something changes
     */
    Optional<Duration> pass(ProjectSet set, Schedule tracked, FairScheduler.Turn turn) {
        var now = clock.instant();
        var before = SetStatus.before(set);
        var violation = ProjectSetRules.violation(set.getSpec());
        var outcome = violation
                .map(rule -> SetOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> lookAtCloud(set, tracked, turn, now));
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        if (outcome.plan() != null) {
            // Before ImageShares see that they left.
            releasedNames.keep(
                    ResourceID.fromResource(set),
                    set.projectNames(),
                    outcome.plan().released());
        }
        var written = statuses.writeIfChanged(
                set,
                lastSyncTime -> SetStatus.of(set, outcome, stalled, lastSyncTime, now),
                outcome.plan() != null && outcome.plan().complete(),
                before.lastSyncTime(),
                tracked,
                backoff,
                now);
        if (isNewToOthers(before, written.getStatus())) {
            announce.accept(written);
        }
        events.looked(written, before, outcome);
        var resync = Schedule.resync(set.getSpec().resyncPeriod(), violation.isEmpty());
        return tracked.next(outcome.problems(), resync, stalled, backoff, now)
                .map(wait -> untilExpiry(set, now)
                        .filter(end -> end.compareTo(wait) < 0)
                        .orElse(wait));
    }

    /** The display names of projects that left this set, by ID, until all ImageShares have followed. */
    Map<String, String> namesOfReleased(ResourceID set) {
        return releasedNames.of(set);
    }

    /** The set was deleted. */
    void forget(ResourceID set) {
        releasedNames.forget(set);
    }

    private SetOutcome lookAtCloud(ProjectSet set, Schedule tracked, FairScheduler.Turn turn, Instant now) {
        var released = Set.copyOf(requireNonNullElse(SetStatus.before(set).released(), List.of()));
        return new ProjectSetPass(
                        set,
                        ref -> clouds.newDirectory(set.getMetadata().getNamespace(), ref, turn),
                        clouds.sameClouds()::cloud,
                        clockTrusted,
                        () -> passes.isCurrent(set),
                        released.isEmpty() ? released : followers.waitingFor(set, released),
                        listAge(set, tracked),
                        now)
                .run(parallel);
    }

    /** After an edit, or a request to look now, no older list is used. */
    private static Duration listAge(ProjectSet set, Schedule tracked) {
        var isAsked = tracked.isAskedFor(set)
                || !Objects.equals(
                        SetStatus.before(set).observedGeneration(),
                        set.getMetadata().getGeneration());
        var tenth = Schedule.period(set.getSpec().resyncPeriod()).dividedBy(10);
        return isAsked ? Duration.ZERO : tenth.compareTo(OLDEST_LIST) < 0 ? tenth : OLDEST_LIST;
    }

    /** The time until the next entry of the spec expires. */
    private static Optional<Duration> untilExpiry(ProjectSet set, Instant now) {
        return requireNonNullElse(set.getSpec().projects(), List.<ProjectEntry>of()).stream()
                .flatMap(entry -> ProjectSetRules.expiry(entry).stream())
                .filter(end -> end.isAfter(now))
                .min(Instant::compareTo)
                .map(end -> Duration.between(now, end).plusMillis(1));
    }

    /** Whether anything changed that ImageShares depend on. */
    private static boolean isNewToOthers(ProjectSetStatus before, ProjectSetStatus after) {
        return !(Objects.equals(before.projects(), after.projects())
                && Objects.equals(before.released(), after.released())
                && Objects.equals(before.complete(), after.complete())
                && Objects.equals(before.cloud(), after.cloud())
                && Objects.equals(before.observedGeneration(), after.observedGeneration()));
    }
}
