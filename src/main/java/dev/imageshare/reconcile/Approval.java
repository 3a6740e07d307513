package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Locale;

/** A person's approval of removals that an object holds: an annotation with the hash of exactly these. */
public final class Approval {

    private Approval() {}

    /** Whether the object's annotation approves what has this hash. */
    public static boolean isGiven(HasMetadata object, String hash) {
        return Annotations.value(object, ImageShare.APPROVE_REMOVALS)
                .filter(hash::equals)
                .isPresent();
    }

    /** The command that approves what has this hash, on this object alone. */
    public static String command(HasMetadata object, String hash) {
        return "kubectl annotate --overwrite -n " + object.getMetadata().getNamespace() + " "
                + object.getKind().toLowerCase(Locale.ROOT) + " "
                + object.getMetadata().getName() + " " + ImageShare.APPROVE_REMOVALS + "=" + hash;
    }

    /** What to say beside a command about an annotation that approves something else; empty if there is none. */
    public static String remark(HasMetadata object, String hash) {
        return Annotations.value(object, ImageShare.APPROVE_REMOVALS)
                .filter(value -> !value.equals(hash))
                .map(value ->
                        " The annotation's present value approves nothing here: what is held has changed since, or the"
                                + " value was mistyped.")
                .orElse("");
    }
}
