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
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs passes over ProjectSets that aren't being deleted: the Kubernetes side of a {@link ProjectSetPass}. */
final class LiveSets {

    /** The maximum age of a list that several sets share; a tenth of the period if that is less. */
    private static final Duration OLDEST_LIST = Duration.ofMinutes(5);

    /** How soon a process looks whether it knows all requests. */
    private static final Duration SOON = Duration.ofMillis(200);

    private final CloudAccess clouds;
    private final ParallelCalls parallel;
    private final Followers followers;
    private final Supplier<Applicants> applicants;
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
     * @param applicants who asks for a place
     * @param clockTrusted whether this process's clock agrees with others'; if not, nobody leaves by time
     * @param announce called with a set whose status changed for ImageShares
     */
    LiveSets(
            CloudAccess clouds,
            ParallelCalls parallel,
            Followers followers,
            Supplier<Applicants> applicants,
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
        this.applicants = applicants;
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
        var mayBeAsked = set.getSpec().requests() != null;
        var isServed = applicants.get().areServed();
        var applications = mayBeAsked && isServed ? applicants.get().of(set, now) : Optional.<Applications>empty();
        if (mayBeAsked && isServed && applications.isEmpty()) {
            return Optional.of(SOON); // what isn't known yet must not pass for gone
        }
        var outcome = violation
                .map(rule -> SetOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> lookAtCloud(set, tracked, turn, applications.orElse(null), now));
        if (mayBeAsked && !isServed && violation.isEmpty()) {
            outcome = outcome.with(Problem.of(
                    Reason.WaitingForReference,
                    "spec.requests: the kinds ImageAccessRequest and ImageAccessDecision are not installed, so nobody can"
                            + " ask, and nobody who asked leaves. Install deploy/components/access-requests, or remove"
                            + " spec.requests."));
        }
        var result = outcome;
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
                lastSyncTime -> SetStatus.of(set, result, stalled, lastSyncTime, now),
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
                .map(wait -> untilExpiry(set, applications.orElse(Applications.NONE), now)
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

    private SetOutcome lookAtCloud(
            ProjectSet set,
            Schedule tracked,
            FairScheduler.Turn turn,
            @Nullable Applications applications,
            Instant now) {
        var released = Set.copyOf(requireNonNullElse(SetStatus.before(set).released(), List.of()));
        return new ProjectSetPass(
                        set,
                        ref -> clouds.newDirectory(set.getMetadata().getNamespace(), ref, turn),
                        clouds.sameClouds()::cloud,
                        clockTrusted,
                        () -> passes.isCurrent(set),
                        applications,
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

    /** The time until the next entry of the spec, or the next access that was requested, expires. */
    private static Optional<Duration> untilExpiry(ProjectSet set, Applications applications, Instant now) {
        var entries = requireNonNullElse(set.getSpec().projects(), List.<ProjectEntry>of()).stream()
                .flatMap(entry -> ProjectSetRules.expiry(entry).stream());
        var requests = applications.decided().stream().flatMap(each -> Optional.ofNullable(each.end()).stream());
        return Stream.concat(entries, requests)
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
