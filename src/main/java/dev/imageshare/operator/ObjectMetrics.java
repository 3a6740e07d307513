package dev.imageshare.operator;

import dev.imageshare.acceptance.ImageAcceptanceReconciler;
import dev.imageshare.reconcile.AnswerCounts;
import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.Counters.Counted;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;
import dev.imageshare.share.ImageShareReconciler;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Metrics about all objects and what the operator did, computed from the caches at each scrape: nothing is stored, so
 * deleted objects leave nothing behind. Only the leader reports objects; each replica reports what it did itself.
 */
final class ObjectMetrics implements MultiCollector {

    private static final Labels NONE = Labels.EMPTY;

    private final ImageShareReconciler shares;
    private final ImageAcceptanceReconciler acceptances;
    private final List<OptionalController<?>> optional;
    private final EventRecorder events;
    private final FairScheduler turns;
    private final BooleanSupplier leads;
    private final Clock clock;

    /**
     * @param optional those of optional kinds; may still grow until the operator has started
     */
    ObjectMetrics(
            ImageShareReconciler shares,
            ImageAcceptanceReconciler acceptances,
            List<OptionalController<?>> optional,
            EventRecorder events,
            FairScheduler turns,
            BooleanSupplier leads,
            Clock clock) {
        this.shares = shares;
        this.acceptances = acceptances;
        this.optional = optional;
        this.events = events;
        this.turns = turns;
        this.leads = leads;
        this.clock = clock;
    }

    @Override
    public MetricSnapshots collect() {
        var all = new ArrayList<MetricSnapshot>();
        var leading = leads.getAsBoolean();
        all.add(build());
        all.add(gauge("imageshare_leader", "1 in the leader, 0 in a standby replica", leading ? 1 : 0));
        addDeeds(all);
        if (leading) {
            addObjects(all);
        }
        return new MetricSnapshots(all);
    }

    private void addObjects(List<MetricSnapshot> all) {
        var share = shares.census();
        var acceptance = acceptances.census();
        var states = new LinkedHashMap<String, StateCounts>();
        states.put("ImageShare", share.states());
        states.put("ImageAcceptance", acceptance.states());
        var lateness = new LinkedHashMap<String, Passes.Lateness>();
        lateness.put("ImageShare", share.lateness());
        lateness.put("ImageAcceptance", acceptance.lateness());
        for (var controller : optional) {
            var census = controller.census().get();
            states.put(controller.kind(), census.states());
            lateness.put(controller.kind(), census.lateness());
            all.addAll(census.more());
        }
        all.add(states(states));
        all.add(gauge(
                "imageshare_objects_waiting",
                "Objects that wait because their cloud or namespace is using all of its threads",
                turns.waiting()));
        all.add(lateness(
                "imageshare_oldest_look_age_seconds",
                "Time since the last reconcile of the object that was reconciled longest ago",
                lateness,
                Passes.Lateness::oldestLook));
        all.add(lateness(
                "imageshare_look_overdue_seconds",
                "How late the most overdue reconcile is, 0 if none is overdue",
                lateness,
                Passes.Lateness::overdue));
        all.add(answers(
                "imageshare_members", "Members of the images of ImageShares, by their answer", share.answers()));
        all.add(gauge("imageshare_members_missing", "Declared projects that aren't members", share.missing()));
        all.add(gauge("imageshare_members_undeclared", "Members that nobody declares", share.undeclared()));
        all.add(gauge(
                "imageshare_oldest_pending_age_seconds",
                "Age of the oldest pending answer, 0 if there is none",
                share.oldestPending()
                        .map(since -> seconds(Duration.between(since, clock.instant())))
                        .orElse(0.0)));
        all.add(gauge("imageshare_fullest_image_members", "Members of the image that has the most", share.fullest()));
        all.add(gauge(
                "imageshare_members_expiring",
                "Declared members whose access expires within seven days",
                share.expiring()));
        all.add(gauge("imageshare_removals_held", "Members whose removal waits for approval", share.removalsHeld()));
        all.add(gauge(
                "imageshare_deletions_held", "ImageShares whose deletion waits for approval", share.deletionsHeld()));
        all.add(gauge(
                "imageshare_images_at_another_url",
                "ImageShares whose image another namespace shares in a cloud at another URL; see --same-cloud",
                share.atAnotherUrl()));
        all.add(answers(
                "imageshare_offers",
                "Images offered to the projects of ImageAcceptances, by the project's answer",
                acceptance.answers()));
    }

    private void addDeeds(List<MetricSnapshot> all) {
        var members = shares.counters();
        var answers = acceptances.counters();
        all.add(counter(
                "imageshare_members_added", "Members that were added", Map.of(NONE, members.of(Counted.MEMBER_ADDED))));
        all.add(counter(
                "imageshare_members_removed",
                "Members that were removed",
                Map.of(NONE, members.of(Counted.MEMBER_REMOVED))));
        all.add(counter(
                "imageshare_answers_given", "Answers that were set", Map.of(NONE, answers.of(Counted.ANSWER_GIVEN))));
        all.add(byKind(
                "imageshare_passes_refused",
                "Passes that ended because the Kubernetes API refused or failed a call",
                Counted.PASS_REFUSED));
        all.add(byKind(
                "imageshare_looks_overdue",
                "Reconciles that were overdue, and that the watchdog requeued",
                Counted.LOOK_OVERDUE));
        all.add(counter(
                "imageshare_events_lost",
                "Events that the Kubernetes API did not accept",
                Map.of(NONE, events.lost())));
        all.add(drift(
                "imageshare_drift_found",
                "Members and answers that others changed",
                members,
                answers,
                Counted.MISSING_FOUND,
                Counted.UNDECLARED_FOUND,
                Counted.ANSWER_FOUND));
        all.add(drift(
                "imageshare_drift_healed",
                "Members and answers that others changed and that were corrected",
                members,
                answers,
                Counted.MISSING_HEALED,
                Counted.UNDECLARED_HEALED,
                Counted.ANSWER_HEALED));
    }

    private static MetricSnapshot build() {
        var version = ObjectMetrics.class.getPackage().getImplementationVersion();
        return InfoSnapshot.builder()
                .name("imageshare_build")
                .help("The operator's version")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", version == null ? "dev" : version))
                        .build())
                .build();
    }

    private static MetricSnapshot states(Map<String, StateCounts> byKind) {
        var snapshot = GaugeSnapshot.builder()
                .name("imageshare_objects")
                .help("Objects by kind, state and the reason of their condition Ready");
        byKind.forEach((kind, states) -> states.all()
                .forEach((state, count) -> snapshot.dataPoint(
                        point(Labels.of("kind", kind, "state", state.ready(), "reason", state.reason()), count))));
        return snapshot.build();
    }

    private static MetricSnapshot lateness(
            String name, String help, Map<String, Passes.Lateness> byKind, Function<Passes.Lateness, Duration> which) {
        var snapshot = GaugeSnapshot.builder().name(name).help(help);
        byKind.forEach(
                (kind, lateness) -> snapshot.dataPoint(point(Labels.of("kind", kind), seconds(which.apply(lateness)))));
        return snapshot.build();
    }

    private static MetricSnapshot answers(String name, String help, AnswerCounts counts) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(Labels.of("answer", "accepted"), (double) counts.accepted()))
                .dataPoint(point(Labels.of("answer", "pending"), (double) counts.pending()))
                .dataPoint(point(Labels.of("answer", "rejected"), (double) counts.rejected()))
                .build();
    }

    static MetricSnapshot gauge(String name, String help, long value) {
        return gauge(name, help, (double) value);
    }

    private static MetricSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(NONE, value))
                .build();
    }

    private static GaugeDataPointSnapshot point(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }

    private static MetricSnapshot drift(
            String name,
            String help,
            Counters members,
            Counters answers,
            Counted missing,
            Counted undeclared,
            Counted answer) {
        return counter(
                name,
                help,
                Map.of(
                        Labels.of("drift", "missing"), members.of(missing),
                        Labels.of("drift", "undeclared"), members.of(undeclared),
                        Labels.of("drift", "answer"), answers.of(answer)));
    }

    private MetricSnapshot byKind(String name, String help, Counted deed) {
        var counts = new LinkedHashMap<Labels, Long>();
        counts.put(Labels.of("kind", "ImageShare"), shares.counters().of(deed));
        counts.put(Labels.of("kind", "ImageAcceptance"), acceptances.counters().of(deed));
        optional.forEach(controller -> counts.put(
                Labels.of("kind", controller.kind()), controller.counters().of(deed)));
        return counter(name, help, counts);
    }

    static MetricSnapshot counter(String name, String help, Map<Labels, Long> values) {
        var snapshot = CounterSnapshot.builder().name(name).help(help);
        values.forEach((labels, value) -> snapshot.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
        return snapshot.build();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
