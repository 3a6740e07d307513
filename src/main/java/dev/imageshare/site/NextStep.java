package dev.imageshare.site;

import dev.imageshare.reconcile.Reason;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a person can do about an object that needs one.
 *
 * @param hint what the command is for
 */
public record NextStep(String hint, String command) {

    /** Put right outside of Kubernetes, so the operator has to be told to look. */
    private static final Set<String> OUTSIDE = Set.of(
            Reason.Forbidden.name(),
            Reason.NotImageOwner.name(),
            Reason.ImageAmbiguous.name(),
            Reason.ImageNotFound.name(),
            Reason.QuotaExceeded.name());

    /** What an object says, without the command, which stands below. */
    public String without(String message) {
        return message.replace(command, "the command below");
    }

    /** @param imageId the image's ID; null while it isn't known */
    static NextStep of(SiteShare share, @Nullable String imageId) {
        if (share.approval() != null) {
            return new NextStep("Approves exactly these removals", share.approval());
        }
        if (share.reason().equals(Reason.ImageNotShared.name()) && imageId != null) {
            return new NextStep(
                    "As the image's owner, if it is to be shared",
                    "openstack image set --shared " + PageText.quoted(imageId));
        }
        return of("imageshare", share.namespace(), share.name(), share.reason());
    }

    static NextStep of(SiteAcceptance acceptance) {
        return of("imageacceptance", acceptance.namespace(), acceptance.name(), acceptance.reason());
    }

    static NextStep of(SiteNotifier notifier) {
        return of("imagenotifier", notifier.namespace(), notifier.name(), notifier.reason());
    }

    static NextStep of(SiteSet set) {
        return set.approval() != null
                ? new NextStep("Lets exactly these leave", set.approval())
                : of("projectset", set.namespace(), set.name(), set.reason());
    }

    static NextStep of(SiteRotation set) {
        return set.approval() != null
                ? new NextStep("Deletes exactly these ImageShares", set.approval())
                : of("imageshareset", set.namespace(), set.name(), set.reason());
    }

    private static NextStep of(String kind, String namespace, String name, String reason) {
        return OUTSIDE.contains(reason)
                ? new NextStep("Once it is put right", "imageshare look " + namespace + "/" + name)
                : new NextStep("All that it says", "kubectl describe -n " + namespace + " " + kind + " " + name);
    }
}
