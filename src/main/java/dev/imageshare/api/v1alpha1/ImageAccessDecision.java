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
 * An answer to an {@link ImageAccessRequest}: the producer's side. The right to create one is the right to decide. Its spec can't be changed.
 */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imageaccessdecisions") // Fabric8 would otherwise derive it from the name for each object
@ShortNames("iad")
@Categories("openstack")
public class ImageAccessDecision extends CustomResource<ImageAccessDecisionSpec, Void> implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("Which request this answers, and how. Can't be changed.")
    public ImageAccessDecisionSpec getSpec() {
        return super.getSpec();
    }
}
