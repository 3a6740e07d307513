package dev.imageshare.operator;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.notifier.Deliveries;
import dev.imageshare.notifier.ImageNotifierReconciler;
import dev.imageshare.notifier.NotificationSecrets;
import dev.imageshare.operator.OptionalController.KindCensus;
import dev.imageshare.reconcile.Counters.Counted;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates the controller of ImageNotifiers. */
final class ImageNotifierController {

    private ImageNotifierController() {}

    static OptionalController<ImageNotifier> of(Wiring wiring) {
        var secrets = new NotificationSecrets(wiring.client(), wiring.settings().namespaces());
        var deliveries = new Deliveries();
        var notifiers = new ImageNotifierReconciler(
                wiring.client(),
                namespace -> wiring.started().getAsBoolean()
                        ? Optional.of(wiring.shares().inNamespace(namespace).toList())
                        : Optional.empty(),
                wiring.clouds().secrets(),
                secrets,
                deliveries,
                wiring.receivers(),
                wiring.events(),
                wiring.settings().notifiers(),
                wiring.turns(),
                wiring.lead(),
                wiring.clock(),
                wiring.backoff());
        return new OptionalController<>(
                "ImageNotifier",
                ImageNotifierReconciler.NAME,
                notifiers,
                ImageNotifierReconciler::configure,
                notifiers::watch,
                notifiers::forgotten,
                key -> false,
                notifiers.counters(),
                () -> census(notifiers, deliveries),
                () -> {
                    deliveries.close();
                    secrets.close();
                });
    }

    private static KindCensus census(ImageNotifierReconciler notifiers, Deliveries deliveries) {
        var census = notifiers.census();
        var counters = notifiers.counters();
        return new KindCensus(
                census.states(),
                census.lateness(),
                List.of(
                        ObjectMetrics.gauge(
                                "imageshare_messages_waiting",
                                "Messages of ImageNotifiers that wait for others, for their turn, or for a receiver",
                                notifiers.waiting()),
                        ObjectMetrics.gauge(
                                "imageshare_messages_under_way",
                                "Messages of ImageNotifiers being sent",
                                deliveries.underWay()),
                        ObjectMetrics.counter(
                                "imageshare_messages_sent",
                                "Messages of ImageNotifiers that a receiver accepted",
                                Map.of(Labels.EMPTY, counters.of(Counted.MESSAGE_SENT))),
                        ObjectMetrics.counter(
                                "imageshare_messages_not_taken",
                                "Failed attempts to send a message",
                                Map.of(Labels.EMPTY, counters.of(Counted.MESSAGE_NOT_TAKEN))),
                        ObjectMetrics.counter(
                                "imageshare_messages_given_up",
                                "Messages that were rejected permanently, or not accepted for an hour",
                                Map.of(Labels.EMPTY, counters.of(Counted.MESSAGE_GIVEN_UP)))));
    }
}
