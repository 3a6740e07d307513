package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jol.info.GraphLayout;

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

    /** Else what reads it would not be made before it is needed, and the log would tell of an object that is none. */
    @Test
    void theSamplesThatAreReadAheadAreReadWhole() {
        ApiSerialization.prepare(json);

        var share = json.unmarshal(ApiSerialization.SAMPLES.get(ImageShare.class), ImageShare.class);
        assertThat(share.getSpec()).hasNoNullFieldsOrProperties();
        assertThat(share.getStatus())
                .hasNoNullFieldsOrPropertiesExcept("observedGeneration", "adopted", "lastSyncTime");
        var acceptance = json.unmarshal(ApiSerialization.SAMPLES.get(ImageAcceptance.class), ImageAcceptance.class);
        assertThat(acceptance.getSpec()).hasNoNullFieldsOrPropertiesExcept("memberStatus");
        assertThat(acceptance.getStatus()).hasNoNullFieldsOrPropertiesExcept("observedGeneration", "lastSyncTime");
        var secrets = json.unmarshal(ApiSerialization.SAMPLES.get(SecretList.class), SecretList.class);
        assertThat(secrets.getItems().get(0).getData()).hasSize(1);
    }

    @Test
    void ofASecretsDataOnlyTheKeysThatAreRead() {
        var secret = json.unmarshal("""
                {"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                 "data": {"release": "eA==", "clouds.yaml": "Yw==", "odd": {"a": ["b"]}, "cacert": "ZA==", "none": null},
                 "metadata": {"name": "clouds"}}""", Secret.class);

        assertThat(secret.getData()).containsOnly(entry("clouds.yaml", "Yw=="), entry("cacert", "ZA=="));
        assertThat(secret.getMetadata().getName()).isEqualTo("clouds");
        assertThat(secret.getType()).isEqualTo("Opaque");
        assertThat(json.unmarshal("{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \"data\": null}", Secret.class))
                .isNotNull();
    }

    @Test
    void ofSecretsTooWhoseAnnotationRepeatsTheContent() {
        var secret = json.unmarshal("""
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "clouds", "annotations":
                   {"kubectl.kubernetes.io/last-applied-configuration": "{\\"stringData\\": {}}"}}}""", Secret.class);

        assertThat(secret.getMetadata().getAnnotations()).isEmpty();
    }

    /** An informer keeps each object whole, so this, times the shares, is half of the heap's growth (sizing.md); the rest is what the SDK keeps. */
    @Test
    void aShareOfTwentyMembersTakesThreeKibibytes() {
        var members = IntStream.range(0, 20).mapToObj("%032x"::formatted).toList();
        var spec = members.stream().map(id -> "{\"projectID\": \"" + id + "\"}").collect(Collectors.joining(","));
        var status = members.stream().map(id -> """
                {"projectID": "%s", "status": "accepted", "declared": true, "added": true,
                 "createdAt": "2026-11-21T10:00:00Z", "updatedAt": "2026-11-21T10:00:00Z"}""".formatted(id)).collect(Collectors.joining(","));
        var manifest = """
                {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare",
                 "metadata": {"name": "NAME", "namespace": "images", "uid": "9d0f1c1e-5c0b-4c6e-8a9e-0d5a6f6f3b11",
                   "resourceVersion": "123456", "generation": 1, "creationTimestamp": "2026-11-21T10:00:00Z",
                   "finalizers": ["imageshare.dev/members"],
                   "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "LAST"},
                   "managedFields": [{"manager": "kubectl", "operation": "Update", "time": "2026-11-21T10:00:00Z",
                     "fieldsV1": {"f:spec": {"f:members": {}, "f:image": {"f:id": {}}}}}]},
                 "spec": {"cloudCredentialsRef": {"secretName": "clouds", "cloudName": "producer"},
                   "image": {"id": "5a1e7c56-0c2f-4a67-9c51-6f6f7b8a9d01"}, "members": [%s]},
                 "status": {"observedGeneration": 1, "lastSyncTime": "2026-11-21T10:00:00Z",
                   "conditions": [{"type": "Ready", "status": "True", "reason": "Synced", "message": "20 members",
                     "observedGeneration": 1, "lastTransitionTime": "2026-11-21T10:00:00Z"}],
                   "members": [%s]}}""".formatted(spec, status);
        Function<String, ImageShare> kept = name -> json.unmarshal(
                manifest.replace("NAME", name)
                        .replace("LAST", manifest.replace("\"", "'").replaceAll("\\s", "")),
                ImageShare.class);
        System.setProperty("jol.skipDynamicAttach", "true"); // read by JOL: records, without an agent
        System.setProperty("jol.magicFieldOffset", "true");
        var first = kept.apply("ubuntu-1");

        var both = GraphLayout.parseInstance(first, kept.apply("ubuntu-2")).totalSize();
        var more = both - GraphLayout.parseInstance(first).totalSize();

        assertThat(more).isLessThanOrEqualTo(3_600);
    }

    @Test
    void projectsOfManyImagesAreKeptOnce() {
        var shares = Stream.generate(() -> json.unmarshal("""
                {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare", "metadata": {"name": "ubuntu"},
                 "spec": {"members": [{"projectID": "8a4d"}]},
                 "status": {"members": [{"projectID": "8a4d", "status": "accepted", "declared": true, "added": true,
                   "projectRef": "team-a", "createdAt": "2026-11-21T10:00:00Z", "updatedAt": "2026-11-21T10:00:00Z"}]}}""", ImageShare.class))
                .limit(2)
                .toList();

        var member = shares.get(0).getStatus().members().get(0);
        assertThat(member)
                .isEqualTo(new MemberInfo(
                        "8a4d",
                        MemberAnswer.accepted,
                        true,
                        true,
                        List.of("Project/team-a"),
                        null,
                        "2026-11-21T10:00:00Z",
                        "2026-11-21T10:00:00Z"));
        assertThat(member.updatedAt()).isSameAs(member.createdAt());
        assertThat(shares).allSatisfy(share -> {
            assertThat(share.getSpec().members().get(0).projectID()).isSameAs(member.projectID());
            assertThat(share.getStatus().members().get(0).projectID()).isSameAs(member.projectID());
        });
    }

    /** The informer of all would end with it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"summary\": {\"present\": 5000000000, \"desired\": 1}, \"image\": {\"id\": \"i\"}}",
                "{\"conditions\": [{\"observedGeneration\": 1e30, \"status\": \"True\"}, 1]}",
                "{\"observedGeneration\": 99999999999999999999}",
                "{\"members\": {\"a\": [1, {}]}}",
                "[{}]",
                "\"text\""
            })
    void aStatusThatCanNotBeReadIsNoneAndTheRestIsRead(String status) {
        var object = "{\"apiVersion\": \"imageshare.dev/v1alpha1\", \"kind\": \"ImageShare\", \"status\": " + status
                + ", \"metadata\": {\"name\": \"ubuntu\"}, \"spec\": {\"members\": [{\"projectID\": \"8a4d\"}]}}";

        var share = json.unmarshal(object, ImageShare.class);
        var listed = json.unmarshal(
                        "{\"kind\": \"ImageShareList\", \"items\": [" + object + "," + object + "]}",
                        ImageShareList.class)
                .getItems();

        assertThat(share.getStatus()).isNull();
        assertThat(share.getMetadata().getName()).isEqualTo("ubuntu");
        assertThat(share.getSpec().members()).extracting("projectID").containsExactly("8a4d");
        assertThat(listed).hasSize(2).allSatisfy(each -> {
            assertThat(each.getStatus()).isNull();
            assertThat(each.getSpec()).isEqualTo(share.getSpec());
        });
    }

    private static final class ImageShareList extends DefaultKubernetesResourceList<ImageShare> {}

    @Test
    void onlyTheKindsInUseAreKnown() {
        assertThat(json.<KubernetesResource>unmarshal("{\"apiVersion\": \"v1\", \"kind\": \"Secret\"}"))
                .isInstanceOf(Secret.class);
        assertThat(json.<KubernetesResource>unmarshal("{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"))
                .isInstanceOf(GenericKubernetesResource.class);
    }
}
