package dev.imageshare.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells of each object that the SDK has just forgotten. Only its metrics are told, in the same breath: what it hears later is
 * not lost.
 *
 * @param byController whom to tell, by the controller's name; null: nobody
 */
record ForgottenObjects(Function<String, @Nullable Consumer<ResourceID>> byController) implements Metrics {

    @Override
    public void cleanupDoneFor(ResourceID object, Map<String, Object> metadata) {
        var tell = byController.apply(String.valueOf(metadata.get(Constants.CONTROLLER_NAME)));
        if (tell != null) {
            tell.accept(object);
        }
    }
}
