package dev.imageshare.operator;

import dev.imageshare.reconcile.Counters;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.StateCounts;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The controller of an optional kind, as seen by the rest of the operator.
 *
 * @param kind the kind's name, also in metrics
 * @param name the SDK's name of the controller
 * @param reconciler reconciles the objects
 * @param configure sets what the reconciler's annotation can't
 * @param watch finds objects that are overdue by more than this
 * @param forgotten called for each object that the SDK has dropped
 * @param names whether an object of the kind refers to this Secret
 * @param counters what was done
 * @param census totals over all objects now
 * @param close closes its other resources, after the last pass
 */
record OptionalController<R extends HasMetadata>(
        String kind,
        String name,
        Reconciler<R> reconciler,
        Consumer<ControllerConfigurationOverrider<R>> configure,
        Consumer<Duration> watch,
        Consumer<ResourceID> forgotten,
        Predicate<CredentialSecrets.SecretKey> names,
        Counters counters,
        Supplier<KindCensus> census,
        Runnable close) {

    /**
     * Totals over all objects of a kind.
     *
     * @param more the kind's own metrics
     */
    record KindCensus(StateCounts states, Passes.Lateness lateness, List<MetricSnapshot> more) {}
}
