package dev.imageshare.operator;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Copies an object for a pass. The spec and the status of our kinds are immutable, so a copy shares them and only
 * copies the metadata. The SDK's default serializes and parses the whole object as JSON in each pass.
 */
final class ObjectCloner implements Cloner {

    private final KubernetesSerialization json;

    /**
     * @param json copies objects of other kinds
     */
    ObjectCloner(KubernetesSerialization json) {
        this.json = json;
    }

    @Override
    @SuppressWarnings("unchecked") // a copy has its original's type
    public <R extends HasMetadata> R clone(R object) {
        if (object instanceof ImageShare share) {
            return (R) copy(share, new ImageShare());
        }
        if (object instanceof ImageAcceptance acceptance) {
            return (R) copy(acceptance, new ImageAcceptance());
        }
        if (object instanceof ProjectSet set) {
            return (R) copy(set, new ProjectSet());
        }
        if (object instanceof ImageShareSet set) {
            return (R) copy(set, new ImageShareSet());
        }
        if (object instanceof ImageNotifier notifier) {
            return (R) copy(notifier, new ImageNotifier());
        }
        if (object instanceof ImageAccessRequest request) {
            return (R) copy(request, new ImageAccessRequest());
        }
        return json.clone(object);
    }

    private static <S, T> CustomResource<S, T> copy(CustomResource<S, T> object, CustomResource<S, T> copy) {
        copy.setMetadata(new ObjectMetaBuilder(object.getMetadata()).build());
        copy.setSpec(object.getSpec());
        copy.setStatus(object.getStatus());
        return copy;
    }
}
