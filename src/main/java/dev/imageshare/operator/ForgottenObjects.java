package dev.imageshare.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Called for each object that the SDK has just dropped. It only notifies its metrics, at the same moment, so no later
 * event is lost.
 *
 * @param byController whom to notify, by the controller's name; null: nobody
 */
record ForgottenObjects(Function<String, @Nullable Consumer<ResourceID>> byController) implements Metrics {

    @Override
    public void cleanupDoneFor(ResourceID object, Map<String, Object> metadata) {
        var listener = byController.apply(String.valueOf(metadata.get(Constants.CONTROLLER_NAME)));
        if (listener != null) {
            listener.accept(object);
        }
    }
}
