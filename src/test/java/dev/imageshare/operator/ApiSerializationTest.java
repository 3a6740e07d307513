package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class ApiSerializationTest {

    private final KubernetesSerialization json = ApiSerialization.create();

    @Test
    void whatIsNeverReadIsNotKept() {
        var share = json.unmarshal("""
                {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare",
                 "metadata": {"name": "ubuntu", "resourceVersion": "7",
                   "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "imageshare.dev/approve-removals": "h"},
                   "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {"f:members": {}}}}],
                   "labels": {"team": "images"}},
                 "spec": {"members": []}}""", ImageShare.class);

        assertThat(share.getMetadata().getManagedFields()).isEmpty();
        assertThat(share.getMetadata().getAnnotations()).containsOnly(entry("imageshare.dev/approve-removals", "h"));
        assertThat(share.getMetadata().getLabels()).containsEntry("team", "images");
        assertThat(share.getMetadata().getResourceVersion()).isEqualTo("7");
    }

    @Test
    void ofSecretsTooWhoseAnnotationRepeatsTheContent() {
        var secret = json.unmarshal("""
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "clouds", "annotations":
                   {"kubectl.kubernetes.io/last-applied-configuration": "{\\"stringData\\": {}}"}}}""", Secret.class);

        assertThat(secret.getMetadata().getAnnotations()).isEmpty();
    }

    @Test
    void onlyTheKindsInUseAreKnown() {
        assertThat(json.<KubernetesResource>unmarshal("{\"apiVersion\": \"v1\", \"kind\": \"Secret\"}"))
                .isInstanceOf(Secret.class);
        assertThat(json.<KubernetesResource>unmarshal("{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"))
                .isInstanceOf(GenericKubernetesResource.class);
    }
}
