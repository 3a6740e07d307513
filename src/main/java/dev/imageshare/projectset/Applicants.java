package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSet;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Who asks for a place in sets, as this process knows them. */
public interface Applicants {

    /** Where the kinds of requests aren't installed. */
    Applicants NOT_SERVED = new Applicants() {
        @Override
        public boolean areServed() {
            return false;
        }

        @Override
        public Optional<Applications> of(ProjectSet set, Instant now) {
            return Optional.empty();
        }

        @Override
        public void onChange(Consumer<ResourceID> listener) {}
    };

    /** Whether the API server served the kinds of requests when this process started. */
    boolean areServed();

    /** What the requests for a set come to; empty as long as not all of them are known. */
    Optional<Applications> of(ProjectSet set, Instant now);

    /** Calls back with the name of a set of which the requests may come to something else. The callback is quick. */
    void onChange(Consumer<ResourceID> listener);
}
