package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectClonerTest {

    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private final ObjectCloner cloner = new ObjectCloner(JSON);

    static Stream<HasMetadata> objects() {
        var metadata = """
                "metadata": {"name": "ubuntu", "namespace": "team", "uid": "u-1", "resourceVersion": "7", "generation": 3,
                   "creationTimestamp": "2026-11-21T10:00:00Z", "deletionTimestamp": "2026-11-21T11:00:00Z",
                   "finalizers": ["imageshare.dev/members"], "labels": {"a": "b"}, "annotations": {"c": "d"}}""";
        return Stream.of(
                JSON.unmarshal("""
                        {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare", %s,
                         "spec": {"image": {"id": "i"}, "members": [{"projectID": "p"}], "managedOptions": {"maxRemovals": "25%%"}},
                         "status": {"observedGeneration": 3, "adopted": true, "members": [{"projectID": "p"}]}}
                        """.formatted(metadata), ImageShare.class),
                JSON.unmarshal("""
                        {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageAcceptance", %s,
                         "spec": {"image": {"id": "i"}, "memberStatus": "accepted"}, "status": {"observedGeneration": 3}}
                        """.formatted(metadata), ImageAcceptance.class),
                JSON.unmarshal("""
                        {"apiVersion": "v1", "kind": "Secret", %s, "data": {"clouds.yaml": "eA=="}}
                        """.formatted(metadata), Secret.class));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void aCopyIsTheSame(HasMetadata object) {
        assertThat(JSON.asJson(cloner.clone(object))).isEqualTo(JSON.asJson(object));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void whatIsDoneToACopysMetadataLeavesTheOriginalAlone(HasMetadata object) {
        var before = JSON.asJson(object);

        var copy = cloner.clone(object);
        copy.addFinalizer("imageshare.dev/another");
        copy.getMetadata().setResourceVersion("8");
        copy.getMetadata().getAnnotations().put("e", "f");
        copy.getMetadata().getLabels().clear();

        assertThat(JSON.asJson(object)).isEqualTo(before);
    }

    @Test
    void anObjectOfAnotherKindIsCopiedWhole() {
        var secret = new SecretBuilder()
                .withNewMetadata()
                .endMetadata()
                .withData(Map.of("a", "b"))
                .build();

        var copy = cloner.clone(secret);
        copy.setData(Map.of());

        assertThat(secret.getData()).containsEntry("a", "b");
    }
}
