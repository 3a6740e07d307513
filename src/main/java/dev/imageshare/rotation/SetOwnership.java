package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ShareTemplate;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.TemplateMetadata;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What makes an ImageShare a set's: who controls it, its label, and what the template says of it. */
final class SetOwnership {

    private static final String KIND = "ImageShareSet";
    private static final String API_VERSION = "imageshare.dev/v1alpha1";

    private SetOwnership() {}

    /** Who controls an ImageShare, whoever that is. */
    static Optional<OwnerReference> controller(ImageShare share) {
        return requireNonNullElse(share.getMetadata().getOwnerReferences(), List.<OwnerReference>of()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .findFirst();
    }

    /** Whether a controller is a set of this name, or one of this name that is no more: a restored set has another UID. */
    static boolean isOfName(OwnerReference owner, String set) {
        return isSet(owner) && set.equals(owner.getName());
    }

    /** Whether a controller is a set, of whatever name. */
    static boolean isSet(OwnerReference owner) {
        return KIND.equals(owner.getKind())
                && requireNonNullElse(owner.getApiVersion(), "").startsWith("imageshare.dev/");
    }

    static OwnerReference reference(ImageShareSet set) {
        return new OwnerReferenceBuilder()
                .withApiVersion(API_VERSION)
                .withKind(KIND)
                .withName(set.getMetadata().getName())
                .withUid(set.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    /** Whether an ImageShare has the label of this set's. */
    static boolean hasLabel(ImageShare share, String set) {
        return ShareNames.label(set).equals(labels(share).get(ImageShareSet.LABEL));
    }

    /** The label, as people write it. */
    static String labelOf(String set) {
        return ImageShareSet.LABEL + "=" + ShareNames.label(set);
    }

    static Map<String, String> labels(ImageShare share) {
        return requireNonNullElse(share.getMetadata().getLabels(), Map.of());
    }

    static Map<String, String> annotations(ImageShare share) {
        return requireNonNullElse(share.getMetadata().getAnnotations(), Map.of());
    }

    /** The labels that an ImageShare of the set has, beside those that people give it. */
    static Map<String, String> wantedLabels(String set, ShareTemplate template) {
        var labels = new TreeMap<>(of(template.metadata(), true));
        labels.put(ImageShareSet.LABEL, ShareNames.label(set));
        return labels;
    }

    static Map<String, String> wantedAnnotations(ShareTemplate template) {
        return of(template.metadata(), false);
    }

    private static Map<String, String> of(@Nullable TemplateMetadata metadata, boolean labels) {
        return metadata == null
                ? Map.of()
                : requireNonNullElse(labels ? metadata.labels() : metadata.annotations(), Map.of());
    }

    static ImageShareSpec wantedSpec(ShareTemplate template, ImageCloud cloud, String imageId) {
        return requireNonNull(template.spec()).of(cloud.cloudCredentialsRef(), new ImageReference(imageId, null, null));
    }

    /** Whether an ImageShare is as the template has it. */
    static boolean isMade(ImageShare share, String set, ShareTemplate template, ImageCloud cloud, String imageId) {
        return wantedSpec(template, cloud, imageId).equals(share.getSpec())
                && labels(share)
                        .entrySet()
                        .containsAll(wantedLabels(set, template).entrySet())
                && annotations(share)
                        .entrySet()
                        .containsAll(wantedAnnotations(template).entrySet());
    }
}
