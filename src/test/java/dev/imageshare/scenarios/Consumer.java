package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferFilter;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferedImage;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A namespace whose Secret {@code clouds} has one cloud's credentials only, and what that project's people do there. */
final class Consumer {

    final Namespace namespace;
    private final String cloud;

    Consumer(World world, String cloud) {
        this(world.kubernetes(), world.openstack(), cloud);
    }

    Consumer(KubernetesClient client, OpenStackLab openstack, String cloud) {
        this.namespace = new Namespace(client, openstack.cloudsYaml(cloud));
        this.cloud = cloud;
    }

    /** The answer to one image, looked at again every second. */
    ImageAcceptance named(String name, String imageId, MemberAnswer answer) {
        return acceptance(name, new OfferedImage(imageId), null, answer);
    }

    /** The answer to whatever this owner offers under such a name, looked at again every second. */
    ImageAcceptance from(String name, String owner, String namePattern, MemberAnswer answer) {
        return acceptance(name, null, new From(List.of(owner), new OfferFilter(namePattern, null)), answer);
    }

    /** The same for several owners. */
    static ImageAcceptance trusting(ImageAcceptance acceptance, List<String> owners) {
        var s = acceptance.getSpec();
        acceptance.setSpec(new ImageAcceptanceSpec(
                s.cloudCredentialsRef(),
                null,
                new From(owners, s.from().filter()),
                s.memberStatus(),
                s.resyncPeriod()));
        return acceptance;
    }

    private ImageAcceptance acceptance(String name, OfferedImage image, From from, MemberAnswer answer) {
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setName(name);
        acceptance.getMetadata().setNamespace(namespace.name);
        acceptance.setSpec(
                new ImageAcceptanceSpec(new CloudCredentialsRef("clouds", cloud), image, from, answer, "1s"));
        return acceptance;
    }

    static ImageAcceptance resyncing(ImageAcceptance acceptance, String period) {
        var s = acceptance.getSpec();
        acceptance.setSpec(
                new ImageAcceptanceSpec(s.cloudCredentialsRef(), s.image(), s.from(), s.memberStatus(), period));
        return acceptance;
    }

    ImageAcceptance suspended(ImageAcceptance acceptance) {
        var s = acceptance.getSpec();
        acceptance.setSpec(new ImageAcceptanceSpec(
                s.cloudCredentialsRef(), s.image(), s.from(), s.memberStatus(), s.resyncPeriod(), true));
        return acceptance;
    }

    static ImageAcceptanceSpec answering(ImageAcceptanceSpec s, MemberAnswer answer) {
        return new ImageAcceptanceSpec(s.cloudCredentialsRef(), s.image(), s.from(), answer, s.resyncPeriod());
    }

    ImageAcceptance create(ImageAcceptance acceptance) {
        return namespace.client.resource(acceptance).create();
    }

    Resource<ImageAcceptance> at(String name) {
        return namespace
                .client
                .resources(ImageAcceptance.class)
                .inNamespace(namespace.name)
                .withName(name);
    }

    void edit(String name, UnaryOperator<ImageAcceptanceSpec> change) {
        Namespace.update(
                namespace.client, at(name), acceptance -> acceptance.setSpec(change.apply(acceptance.getSpec())));
    }

    /** Waits for this reason at the object's newest generation. */
    ImageAcceptance awaitReason(String name, Reason reason) {
        Namespace.eventually(() -> {
            var acceptance = at(name).get();
            var ready = ready(acceptance);
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
            assertThat(ready.observedGeneration())
                    .isEqualTo(acceptance.getMetadata().getGeneration());
        });
        return at(name).get();
    }

    static Condition ready(ImageAcceptance acceptance) {
        assertThat(acceptance.getStatus()).as("status").isNotNull();
        return Conditions.find(acceptance.getStatus().conditions(), Conditions.READY)
                .orElseThrow();
    }

    /** The status' images, by ID. */
    Map<String, String> answers(String name) {
        var answers = new TreeMap<String, String>();
        var images = at(name).get().getStatus().images();
        if (images != null) {
            images.forEach(i -> answers.put(i.id(), String.valueOf(i.memberStatus())));
        }
        return answers;
    }

    void deleteAll() {
        namespace
                .client
                .resources(ImageAcceptance.class)
                .inNamespace(namespace.name)
                .delete();
    }
}
