package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.openstack.SameClouds;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which project a request's credentials were of, at which set's cloud.
 *
 * @param setUid the set's UID
 * @param witness the set's credentials, whose cloud it was
 */
record ProvenRequest(
        ProvenProject project, String setUid, @Nullable CloudCredentialsRef witness) {

    /** Whether it was proven at the cloud that the set has now. */
    boolean isFor(ProjectSet set, SameClouds clouds) {
        var cloud = set.getStatus() == null ? null : set.getStatus().cloud();
        return setUid.equals(set.getMetadata().getUid())
                && Objects.equals(witness, set.getSpec().cloudCredentialsRef())
                && (cloud == null || clouds.cloud(cloud).equals(clouds.cloud(project.cloud())));
    }
}
