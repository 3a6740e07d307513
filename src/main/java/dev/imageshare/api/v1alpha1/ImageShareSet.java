package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Golden images that rotate: makes one {@link ImageShare} an image, from a template. An optional kind. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imagesharesets") // what Fabric8 would make of the name at each object
@ShortNames("imss")
@Categories("openstack")
public class ImageShareSet extends CustomResource<ImageShareSetSpec, ImageShareSetStatus> implements Namespaced {

    /** The label of the ImageShares that a set makes; its value is the set's name, shortened where it is no label's value. */
    public static final String LABEL = "imageshare.dev/image-share-set";

    @Override
    @Required
    @JsonPropertyDescription("What is wanted: which images, where, for how long, and how each is shared.")
    public ImageShareSetSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("Which images the set shares. Written by the operator only.")
    public ImageShareSetStatus getStatus() {
        return super.getStatus();
    }
}
