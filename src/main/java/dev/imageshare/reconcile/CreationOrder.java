package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Comparator;

/** Which of several objects goes first, and how one is named to people. */
public final class CreationOrder {

    private static final Comparator<HasMetadata> BY_AGE = Comparator.comparing(
                    (HasMetadata o) -> o.getMetadata().getCreationTimestamp())
            .thenComparing(o -> o.getMetadata().getNamespace())
            .thenComparing(o -> o.getMetadata().getName());

    private CreationOrder() {}

    /** The oldest first: by creation time, then namespace, then name. */
    public static Comparator<HasMetadata> byAge() {
        return BY_AGE;
    }

    /** Whether both are one object, perhaps at two times. */
    public static boolean isSame(HasMetadata a, HasMetadata b) {
        return a.getMetadata().getUid().equals(b.getMetadata().getUid());
    }

    /** The namespace and the name. */
    public static String name(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }
}
