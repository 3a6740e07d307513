package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.ImageShare;

/** A person's approval of removals that are held: an annotation with the hash of exactly these. */
public final class Approval {

    private Approval() {}

    /** Whether the object's annotation approves what has this hash. */
    static boolean isGiven(ImageShare share, String hash) {
        return Annotations.value(share, ImageShare.APPROVE_REMOVALS)
                .filter(hash::equals)
                .isPresent();
    }

    /** The command that approves what has this hash, on this object alone. */
    public static String command(ImageShare share, String hash) {
        return "kubectl annotate --overwrite -n " + share.getMetadata().getNamespace() + " imageshare "
                + share.getMetadata().getName() + " " + ImageShare.APPROVE_REMOVALS + "=" + hash;
    }

    /** What to say beside a command about an annotation that approves something else; empty if there is none. */
    static String remark(ImageShare share, String hash) {
        return Annotations.value(share, ImageShare.APPROVE_REMOVALS)
                .filter(value -> !value.equals(hash))
                .map(value ->
                        " The annotation's present value approves nothing here: what is held has changed since, or the"
                                + " value was mistyped.")
                .orElse("");
    }
}
