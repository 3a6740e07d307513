package dev.imageshare.api.v1alpha1;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** The annotations that users set on all our kinds; {@link ImageShare} has one more. */
public final class Annotations {

    /** Triggers a reconcile of the object now. Set it to any new value, such as the time. */
    public static final String LOOK_NOW = "imageshare.dev/look-now";

    private Annotations() {}

    /** The annotation's value, if the object has it. */
    public static Optional<String> value(HasMetadata object, String annotation) {
        var annotations = object.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(annotation));
    }
}
