package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.util.Set;

/**
 * Asks the SDK for passes.
 *
 * @param <R> the kind
 */
final class Nudges<R extends HasMetadata> extends AbstractEventSource<Void, R> {

    Nudges() {
        super(Void.class, "nudges");
    }

    /** Asks for a pass over an object that the SDK knows; over others nothing happens. */
    void ask(ResourceID object) {
        handle(new Event(object));
    }

    /** Asks for a pass over an object that is in the cache, also if the SDK has lost what it knew of it. */
    void insist(R object) {
        handle(new ResourceEvent(ResourceAction.UPDATED, ResourceID.fromResource(object), object));
    }

    private void handle(Event event) {
        if (isRunning()) {
            getEventHandler().handleEvent(event);
        }
    }

    @Override
    public Set<Void> getSecondaryResources(R primary) {
        return Set.of();
    }
}
