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
@Plural("imageshares") // Fabric8 would otherwise derive it from the name for each object
@ShortNames("ims")
@Categories("openstack")
public class ImageShare extends CustomResource<ImageShareSpec, ImageShareStatus> implements Namespaced {

    /** The annotation that approves the removals in {@code status.plan}; its value is the plan's hash. */
    public static final String APPROVE_REMOVALS = "imageshare.dev/approve-removals";

    @Override
    @Required
    @JsonPropertyDescription("The desired state: an image, and the projects that should be its members.")
    public ImageShareSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("The observed state. Written only by the operator.")
    public ImageShareStatus getStatus() {
        return super.getStatus();
    }
}
