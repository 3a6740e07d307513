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

/** How one project answers images that are shared with it: the consumer's side of image sharing. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imageacceptances") // Fabric8 would otherwise derive it from the name for each object
@ShortNames("ima")
@Categories("openstack")
public class ImageAcceptance extends CustomResource<ImageAcceptanceSpec, ImageAcceptanceStatus> implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("The desired state: which images to answer, and how.")
    public ImageAcceptanceSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("The observed state. Written only by the operator.")
    public ImageAcceptanceStatus getStatus() {
        return super.getStatus();
    }
}
