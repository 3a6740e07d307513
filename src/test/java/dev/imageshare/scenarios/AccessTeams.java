package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A producer with the set {@code consumers} that shares one image with it, and what it and its consumers do with requests. */
final class AccessTeams {

    static final String SET = SetTeam.SET;

    final Namespace producer;
    final String image;
    private final World world;

    AccessTeams(World world) {
        this.world = world;
        producer = new Namespace(world);
        image = world.openstack().createImage("producer", "ubuntu", "shared", List.of());
        producer.create(
                Namespace.changed(producer.share("ubuntu", image), spec -> Namespace.withProjectSets(spec, SET)));
    }

    static RequestPolicy from(Namespace... admitted) {
        return new RequestPolicy(
                List.of(admitted).stream()
                        .map(namespace -> new RequestOrigin(namespace.name, null))
                        .toList(),
                ApprovalMode.Manual,
                null);
    }

    static RequestPolicy automatic(Namespace admitted, @Nullable String maxDuration) {
        return new RequestPolicy(from(admitted).from(), ApprovalMode.Automatic, maxDuration);
    }

    /** A project that is in the set by hand: no image is left without members. */
    private String always() {
        return world.openstack().projectId("stranger");
    }

    /** The set, of the producer's cloud. */
    void declare(@Nullable RequestPolicy policy, String maxRemovals) {
        var spec = new ProjectSetSpec(
                new CloudCredentialsRef("clouds", "producer"),
                SetTeam.byHand(always()),
                null,
                null,
                new LeaveOptions("2s", new IntOrString(maxRemovals)),
                policy,
                "1h",
                false);
        if (at().get() == null) {
            var set = new ProjectSet();
            set.getMetadata().setName(SET);
            set.getMetadata().setNamespace(producer.name);
            set.setSpec(spec);
            producer.client.resource(set).create();
        } else {
            Namespace.update(producer.client, at(), set -> set.setSpec(spec));
        }
    }

    Resource<ProjectSet> at() {
        return producer.client
                .resources(ProjectSet.class)
                .inNamespace(producer.name)
                .withName(SET);
    }

    /** A request for the set. */
    ImageAccessRequest request(Consumer consumer, String name, String cloud, @Nullable String duration) {
        return request(consumer, name, cloud, duration, SET);
    }

    ImageAccessRequest request(Consumer consumer, String name, String cloud, @Nullable String duration, String set) {
        return consumer.namespace
                .client
                .resource(newRequest(consumer, name, cloud, duration, set))
                .create();
    }

    ImageAccessRequest newRequest(Consumer consumer, String name, String cloud, @Nullable String duration, String set) {
        var request = new ImageAccessRequest();
        request.getMetadata().setName(name);
        request.getMetadata().setNamespace(consumer.namespace.name);
        request.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress(producer.name, set),
                new CloudCredentialsRef("clouds", cloud),
                "CI runners",
                duration));
        return request;
    }

    static Resource<ImageAccessRequest> at(Consumer consumer, String name) {
        return consumer.namespace
                .client
                .resources(ImageAccessRequest.class)
                .inNamespace(consumer.namespace.name)
                .withName(name);
    }

    static Condition ready(ImageAccessRequest request) {
        assertThat(request.getStatus()).as("status").isNotNull();
        return Conditions.find(request.getStatus().conditions(), Conditions.READY)
                .orElseThrow();
    }

    static ImageAccessRequest awaitReason(Consumer consumer, String name, Reason reason) {
        eventually(() -> {
            var ready = ready(at(consumer, name).get());
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
        });
        return at(consumer, name).get();
    }

    /** Waits until the set has this request to decide about. */
    WaitingRequest awaitWaiting(Consumer consumer, String name) {
        eventually(() -> assertThat(waiting())
                .anyMatch(request -> request.namespace().equals(consumer.namespace.name)
                        && request.name().equals(name)));
        return waiting().stream()
                .filter(request -> request.namespace().equals(consumer.namespace.name)
                        && request.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    List<WaitingRequest> waiting() {
        var status = at().get().getStatus();
        return status == null ? List.of() : Objects.requireNonNullElse(status.requests(), List.of());
    }

    /** A decision about a request as the set's status has it. */
    ImageAccessDecision decide(WaitingRequest request, DecisionType decision, @Nullable String expiresAt) {
        return decide(request.namespace(), request.name(), request.uid(), request.projectID(), decision, expiresAt);
    }

    ImageAccessDecision decide(
            String namespace,
            String name,
            @Nullable String uid,
            @Nullable String project,
            DecisionType decision,
            @Nullable String expiresAt) {
        return producer.client
                .resource(newDecision(namespace, name, uid, project, decision, expiresAt))
                .create();
    }

    ImageAccessDecision newDecision(
            String namespace,
            String name,
            @Nullable String uid,
            @Nullable String project,
            DecisionType decision,
            @Nullable String expiresAt) {
        var object = new ImageAccessDecision();
        object.getMetadata().setName(name + "-" + UUID.randomUUID().toString().substring(0, 8));
        object.getMetadata().setNamespace(producer.name);
        object.setSpec(new ImageAccessDecisionSpec(
                new RequestReference(namespace, name, uid),
                new LocalSetReference(SET),
                project,
                decision,
                expiresAt,
                decision == DecisionType.Denied ? "Ask your platform team." : "Welcome."));
        return object;
    }

    /** The image's members, without the one that always is. */
    Map<String, String> members() {
        var members = new TreeMap<>(world.openstack().members("producer", image));
        members.remove(always());
        return members;
    }

    void awaitMembers(String... projects) {
        eventually(() -> assertThat(members().keySet()).containsExactlyInAnyOrder(projects));
    }

    void awaitSet(Reason reason) {
        eventually(() -> {
            var ready = SetTeam.ready(at().get());
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
        });
    }
}
