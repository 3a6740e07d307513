package dev.imageshare.cli;

import dev.imageshare.cli.Fault.Place;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * One object of a file.
 *
 * @param object with a UID, a generation and a creation time: where the file has none, such as an API server would give
 *     it now
 * @param state what is known of the object in the cluster
 */
record ManifestObject<T extends HasMetadata>(T object, Place place, State state) {

    /** What is known of an object in the cluster. */
    enum State {
        /** Nothing: it may be there or not. */
        UNKNOWN,
        /** It isn't there yet. */
        NEW,
        /** It is there, with this status, and the manifest changes its spec. */
        CHANGED,
        /** It is there just so, so that an approval can be for it. */
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
