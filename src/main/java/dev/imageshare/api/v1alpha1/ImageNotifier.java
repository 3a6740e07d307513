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

/** Who is told, and how, of what happens to the ImageShares of its namespace. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("imagenotifiers") // what Fabric8 would make of the name at each object
@ShortNames("imn")
@Categories("openstack")
public class ImageNotifier extends CustomResource<ImageNotifierSpec, ImageNotifierStatus> implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("What is wanted: what is told of, to whom, and how.")
    public ImageNotifierSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("What was done, and what later looks must remember. Written by the operator only.")
    public ImageNotifierStatus getStatus() {
        return super.getStatus();
    }
}
