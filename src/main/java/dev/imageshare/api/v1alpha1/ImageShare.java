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

/** Which projects are members of one Glance image: the producer's side of image sharing. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imageshares") // what Fabric8 would make of the name at each object
@ShortNames("ims")
@Categories("openstack")
public class ImageShare extends CustomResource<ImageShareSpec, ImageShareStatus> implements Namespaced {

    /** The annotation by which a person approves the removals that {@code status.plan} names; its value is the plan's hash. */
    public static final String APPROVE_REMOVALS = "imageshare.dev/approve-removals";

    @Override
    @Required
    @JsonPropertyDescription("What is wanted: an image, and the projects that shall be its members.")
    public ImageShareSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("What was found and done. Written by the operator only.")
    public ImageShareStatus getStatus() {
        return super.getStatus();
    }
}
