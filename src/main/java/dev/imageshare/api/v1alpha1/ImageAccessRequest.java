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

/**
 * A project asks for the images of a {@link ProjectSet} of another namespace: the consumer's side. Its spec can't be changed.
 */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imageaccessrequests") // Fabric8 would otherwise derive it from the name for each object
@ShortNames("iar")
@Categories("openstack")
public class ImageAccessRequest extends CustomResource<ImageAccessRequestSpec, ImageAccessRequestStatus>
        implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("What is asked for, and the credentials that prove which project asks. Can't be changed.")
    public ImageAccessRequestSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("Which project asks, and what became of it. Written only by the operator.")
    public ImageAccessRequestStatus getStatus() {
        return super.getStatus();
    }
}
