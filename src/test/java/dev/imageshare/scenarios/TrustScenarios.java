package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Teams that don't trust each other, and one that shouldn't be trusted. The same on embedded and on real services. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TrustScenarios {

    private World world;

    abstract World newWorld() throws Exception;

    @BeforeAll
    void start() throws Exception {
        world = newWorld();
    }

    @AfterAll
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    @Test
    void anOlderObjectOfACloudThatClaimsTheImageNeitherStopsNorRobsItsOwner() {
        aForgedCloud(true);
    }

    @Test
    void aYoungerObjectOfACloudThatClaimsTheImageNeitherStopsNorRobsItsOwner() {
        aForgedCloud(false);
    }

    private void aForgedCloud(boolean older) {
        var victim = new Namespace(world);
        var openstack = world.openstack();
        var image = openstack.createImage("producer", "golden-" + victim.name, "shared", List.of());
        var consumer = openstack.projectId("consumer-a");
        try (var forged = new ForgedCloud(openstack.projectId("images"), image)) {
            var evil = new Namespace(world.kubernetes(), forged.cloudsYaml());
            if (older) {
                evil.create(evil.share("evil", image, List.of()));
                evil.awaitReady("evil");
                // The age is told in seconds.
                eventually(() -> assertThat(evil.at("evil").get().getMetadata().getCreationTimestamp())
                        .isLessThan(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
            }
            victim.create(victim.share("ubuntu", image, consumer));
            victim.awaitReady("ubuntu");
            if (!older) {
                evil.create(evil.share("evil", image, List.of()));
                evil.awaitReady("evil");
            }
            assertThat(openstack.members("producer", image)).containsOnlyKeys(consumer);
            eventually(() -> assertThat(victim.events("ubuntu")).contains("CloudAtAnotherURL"));
            assertThat(victim.awaitReady("ubuntu").getStatus().conditions().toString())
                    .as("nothing of it is in the status")
                    .doesNotContain(evil.name)
                    .doesNotContain("another");

            victim.at("ubuntu").delete();
            victim.awaitGone("ubuntu");
            assertThat(openstack.members("producer", image)).isEmpty();
            evil.at("evil").delete();
            evil.awaitGone("evil");
        }
    }

    @Test
    void deletionsThatAreHeldInOneNamespaceHoldNoOthers() {
        var many = new Namespace(world);
        var one = new Namespace(world);
        var openstack = world.openstack();
        var consumer = openstack.projectId("consumer-a");
        for (var i = 0; i < 12; i++) {
            many.create(many.share(
                    "share-" + i,
                    openstack.createImage("producer", many.name + "-" + i, "shared", List.of()),
                    consumer));
        }
        var image = openstack.createImage("producer", one.name, "shared", List.of());
        one.create(one.share("ubuntu", image, consumer));
        for (var i = 0; i < 12; i++) {
            many.awaitReady("share-" + i);
        }
        one.awaitReady("ubuntu");

        many.client.resources(ImageShare.class).inNamespace(many.name).delete();
        for (var i = 0; i < 12; i++) {
            many.awaitReason("share-" + i, Reason.RemovalHeld);
        }
        one.at("ubuntu").delete();
        one.awaitGone("ubuntu");

        assertThat(openstack.members("producer", image)).isEmpty();
        var held = many.client.resources(ImageShare.class).inNamespace(many.name);
        var hash = many.at("share-3").get().getStatus().plan().hash();
        held.list()
                .getItems()
                .forEach(share -> many.annotate(share.getMetadata().getName(), ImageShare.APPROVE_REMOVALS, hash));
        for (var i = 0; i < 12; i++) {
            many.awaitGone("share-" + i);
        }
    }

    /** Of a status that somebody else wrote nothing counts for other namespaces, after a restart neither. */
    @Test
    void aForgedStatusStopsNobodyAfterARestart() {
        var victim = new Namespace(world);
        var openstack = world.openstack();
        var image = openstack.createImage("producer", "golden-" + victim.name, "shared", List.of());
        var consumer = openstack.projectId("consumer-a");
        var evil = new Namespace(world.kubernetes(), "clouds: {}");
        evil.create(evil.share("evil", image, List.of()));
        evil.awaitReason("evil", Reason.CredentialsInvalid);
        evil.at("evil").subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"status": {"adopted": true, "image": {"id": "%s", "owner": "%s", "region": "RegionOne"}}}
                """.formatted(
                        image, openstack.projectId("images")));
        victim.create(victim.share("ubuntu", image, consumer));
        victim.awaitReady("ubuntu");

        world.restartOperator();
        openstack.removeMember("producer", image, consumer);
        eventually(() -> assertThat(openstack.members("producer", image)).containsOnlyKeys(consumer));
        victim.at("ubuntu").delete();
        victim.awaitGone("ubuntu");
        assertThat(openstack.members("producer", image)).isEmpty();
    }
}
