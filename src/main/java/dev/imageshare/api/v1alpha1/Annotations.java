package dev.imageshare.api.v1alpha1;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** The annotations of all our kinds that people set; {@link ImageShare} has one more. */
public final class Annotations {

    /** Asks for a look at the object now; any value that it didn't have before, such as the time. */
    public static final String LOOK_NOW = "imageshare.dev/look-now";

    private Annotations() {}

    /** The annotation's value, if the object has it. */
    public static Optional<String> value(HasMetadata object, String annotation) {
        var annotations = object.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(annotation));
    }
}
