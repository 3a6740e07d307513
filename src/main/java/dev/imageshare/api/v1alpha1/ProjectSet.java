package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which projects may use images: by hand, or as Keystone lists them. ImageShares of its namespace name it. An optional kind. */
@Group("imageshare.dev")
@Version("v1alpha1")
@Plural("projectsets") // what Fabric8 would make of the name at each object
@ShortNames("pset")
@Categories("openstack")
public class ProjectSet extends CustomResource<ProjectSetSpec, ProjectSetStatus> implements Namespaced {

    @Override
    @Required
    @JsonPropertyDescription("What is wanted: projects by hand, and selectors that follow Keystone.")
    public ProjectSetSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("Which projects are in the set. Written by the operator only.")
    public ProjectSetStatus getStatus() {
        return super.getStatus();
    }

    /** The IDs of the set's projects that Keystone no longer has, as far as the status says so. */
    public Set<String> goneProjects() {
        return getStatus() == null || getStatus().projects() == null
                ? Set.of()
                : getStatus().projects().stream()
                        .filter(project -> Boolean.TRUE.equals(project.gone()))
                        .map(SetProject::projectID)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** What people call the set's projects, by their IDs: as the status has it, and as the spec does where that is newer. */
    public Map<String, String> projectNames() {
        var names = new HashMap<String, String>();
        if (getStatus() != null && getStatus().projects() != null) {
            for (var project : getStatus().projects()) {
                if (project.name() != null) {
                    names.put(project.projectID(), project.name());
                }
            }
        }
        if (getSpec() != null && getSpec().projects() != null) {
            for (var entry : getSpec().projects()) {
                if (entry.projectID() != null && entry.name() != null) {
                    names.put(entry.projectID(), entry.name());
                }
            }
        }
        return Map.copyOf(names);
    }
}
