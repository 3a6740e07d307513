package dev.imageshare.cli;

import dev.imageshare.cli.Fault.Place;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * One object of a file.
 *
 * @param object with a UID, a generation and a creation time: if the file has none, such as an API server would set now
 * @param state what is known of the object in the cluster
 */
record ManifestObject<T extends HasMetadata>(T object, Place place, State state) {

    /** What is known of an object in the cluster. */
    enum State {
        /** Nothing: it may exist or not. */
        UNKNOWN,
        /** It doesn't exist yet. */
        NEW,
        /** It exists, with this status, and the manifest changes its spec. */
        CHANGED,
        /** It exists with the same spec, so an approval can apply to it. */
        SAME
    }

    String namespace() {
        return object.getMetadata().getNamespace();
    }

    String name() {
        return object.getMetadata().getName();
    }

    /** The kind, namespace and name. */
    String title() {
        return title(object);
    }

    static String title(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getNamespace() + "/"
                + object.getMetadata().getName();
    }
}
