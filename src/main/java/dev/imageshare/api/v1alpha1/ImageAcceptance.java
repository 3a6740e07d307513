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

/** How one project answers to images that are shared with it: the consumer's side of image sharing. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imageacceptances") // what Fabric8 would make of the name at each object
@ShortNames("ima")
@Categories("openstack")
public class ImageAcceptance extends CustomResource<ImageAcceptanceSpec, ImageAcceptanceStatus> implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("What is wanted: which images are answered, and how.")
    public ImageAcceptanceSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("What was found and done. Written by the operator only.")
    public ImageAcceptanceStatus getStatus() {
        return super.getStatus();
    }
}
