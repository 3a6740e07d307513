package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.Namespace.withImageRef;
import static dev.imageshare.scenarios.Namespace.withMaxRemovals;
import static dev.imageshare.scenarios.Namespace.withProjectRefs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** A day on which a working operator needs every right that it has. Each step waits for what people see of it. */
final class Workday {

    enum Step {
        SHARED,
        SECRET_KEPT,
        TOLD,
        TOLD_AGAIN,
        REFERRED,
        REMOVED,
        ANSWERED,
        DELETED,
        OVER
    }

    private final KubernetesClient admin;
    private final EmbeddedOpenStack cloud;
    private final Orc orc;
    private volatile Step step = Step.SHARED;

    /** @param orc installed */
    Workday(KubernetesClient admin, EmbeddedOpenStack cloud, Orc orc) {
        this.admin = admin;
        this.cloud = cloud;
        this.orc = orc;
    }

    /** The step that isn't done yet. */
    Step step() {
        return step;
    }

    void run() {
        var team = new Namespace(admin, cloud.cloudsYaml());
        var image = cloud.createImage("producer", "ubuntu-" + team.name, "shared", List.of());
        var declared = projects(3);
        team.create(changed(team.share("ubuntu", image, declared), s -> withMaxRemovals(s, new IntOrString(9))));
        team.awaitReady("ubuntu");

        step = Step.SECRET_KEPT;
        eventually(() -> assertThat(admin.secrets()
                        .inNamespace(team.name)
                        .withName("clouds")
                        .get()
                        .getMetadata()
                        .getFinalizers())
                .contains(CredentialSecrets.FINALIZER));

        step = Step.TOLD;
        eventually(() -> assertThat(team.events("ubuntu")).contains("MembersAdded"));

        step = Step.TOLD_AGAIN;
        for (var healed = 1; healed <= 2; healed++) {
            cloud.removeMember("producer", image, declared.get(0));
            eventually(() -> assertThat(cloud.members("producer", image)).containsKey(declared.get(0)));
            team.awaitReady("ubuntu");
        }
        // Of the same words: one event, that counts up.
        eventually(() -> assertThat(team.eventCount("ubuntu", "MembersAdded")).isEqualTo(3));
        assertThat(team.events("ubuntu")).filteredOn("MembersAdded"::equals).hasSize(2);

        step = Step.REFERRED;
        var other = cloud.createImage("producer", "debian-" + team.name, "shared", List.of());
        orc.create("Image", team.name, "debian");
        orc.setId("Image", team.name, "debian", other);
        orc.create("Project", team.name, "team-a");
        orc.setId("Project", team.name, "team-a", ImageShareScenarios.project());
        team.create(changed(team.share("debian", other), s -> withProjectRefs(withImageRef(s, "debian"), "team-a")));
        team.awaitReady("debian");

        step = Step.REMOVED;
        team.declare("ubuntu", declared.subList(0, 2));
        eventually(() -> assertThat(cloud.members("producer", image)).doesNotContainKey(declared.get(2)));

        step = Step.ANSWERED;
        var consumer = new Consumer(admin, cloud, "consumer-a");
        var offered = cloud.createImage("producer", "offered-" + team.name, "shared", List.of());
        cloud.addMember("producer", offered, cloud.projectId("consumer-a"));
        consumer.create(consumer.named("answer", offered, MemberAnswer.accepted));
        consumer.awaitReason("answer", Reason.Synced);

        step = Step.DELETED;
        for (var name : List.of("ubuntu", "debian")) {
            team.at(name).delete();
            team.awaitGone(name);
        }
        consumer.deleteAll();
        step = Step.OVER;
    }
}
