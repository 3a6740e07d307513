package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ProjectSet;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The ProjectSets that ImageShares of their namespace name, as this process knows them. */
public interface ProjectSets {

    /** Where the kind isn't installed. */
    ProjectSets NOT_SERVED = new ProjectSets() {
        @Override
        public boolean areServed() {
            return false;
        }

        @Override
        public Optional<ProjectSet> find(ResourceID name) {
            return Optional.empty();
        }

        @Override
        public Map<String, String> projectNames(ResourceID name) {
            return Map.of();
        }

        @Override
        public void onChange(Consumer<ResourceID> listener) {}

        @Override
        public void followed(ResourceID name) {}
    };

    /** Whether the API server served the kind when this process started. */
    boolean areServed();

    Optional<ProjectSet> find(ResourceID name);

    /**
     * What people call the projects of a set, by ID. Includes projects that left the set, as far as this process saw that, until all
     * ImageShares have followed.
     */
    Map<String, String> projectNames(ResourceID name);

    /** Calls back with the name of a set that says something else than before, or that goes. The callback is quick. */
    void onChange(Consumer<ResourceID> listener);

    /** An ImageShare that names the set has done what the set let go. */
    void followed(ResourceID name);
}
