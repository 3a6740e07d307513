package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.OpenPlan;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An ImageShare whose status a test changes as the operator would. */
final class Shares {

    static final String OWNER = "5d2f8b1c7a3e4f609b8d1c2e3f405162";
    private static final ImageShareSpec SPEC =
            new KubernetesSerialization().unmarshal("{\"members\": []}", ImageShareSpec.class);
    static final String REGION = "RegionOne";

    private final String name;
    private final String uid;
    private final Instant created;
    private final Map<String, MemberInfo> members = new TreeMap<>();
    private String image;
    private String held;
    private int version;
    private Map<String, String> labels = Map.of();

    Shares(String name, Instant created) {
        this.name = name;
        this.uid = "uid-" + name;
        this.created = created;
        this.image = name;
    }

    /** Another object for the same image, which found its members there. */
    Shares named(String other) {
        var copy = new Shares(other, created);
        copy.image = image;
        members.values().forEach(m -> copy.found(m.projectID(), m.status(), Instant.parse(m.updatedAt())));
        return copy;
    }

    static String project(int number) {
        return "%032x".formatted(number);
    }

    String uid() {
        return uid;
    }

    Map<String, MemberInfo> members() {
        return members;
    }

    Shares labelled(Map<String, String> to) {
        labels = to;
        version++;
        return this;
    }

    /** By the operator: it says when. */
    Shares added(String project, Instant at) {
        members.put(
                project,
                new MemberInfo(
                        project,
                        MemberAnswer.pending,
                        true,
                        true,
                        null,
                        null,
                        seconds(at),
                        seconds(at),
                        at.toString(),
                        at.toString()));
        version++;
        return this;
    }

    /** By somebody else, before anybody looked. */
    Shares found(String project, MemberAnswer answer, Instant at) {
        members.put(project, new MemberInfo(project, answer, true, false, null, null, seconds(at), seconds(at)));
        version++;
        return this;
    }

    Shares answered(String project, MemberAnswer answer, Instant at) {
        var was = members.get(project);
        members.put(
                project,
                new MemberInfo(
                        project,
                        answer,
                        was.declared(),
                        was.added(),
                        null,
                        null,
                        was.createdAt(),
                        seconds(at),
                        was.addedAt(),
                        answer == MemberAnswer.pending ? at.toString() : null));
        version++;
        return this;
    }

    Shares removed(String project) {
        members.remove(project);
        version++;
        return this;
    }

    Shares holding(String hash) {
        held = hash;
        version++;
        return this;
    }

    /** Glance's times have whole seconds. */
    private static String seconds(Instant at) {
        return Instant.ofEpochSecond(at.getEpochSecond()).toString();
    }

    String imageId() {
        return "00000000-0000-4000-8000-%012x".formatted(image.hashCode() & 0xffffffffL);
    }

    ImageShare object(String namespace) {
        var share = new ImageShare();
        share.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withUid(uid)
                .withLabels(labels)
                .withResourceVersion(Integer.toString(version))
                .withCreationTimestamp(seconds(created))
                .withGeneration(1L)
                .build());
        share.setSpec(SPEC);
        share.setStatus(status());
        return share;
    }

    private ImageShareStatus status() {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(new Condition(
                "Ready",
                held == null ? Condition.Status.True : Condition.Status.False,
                held == null ? "Synced" : "RemovalHeld",
                "",
                seconds(created),
                1));
        return new ImageShareStatus(
                1L,
                new ImageInfo(
                        imageId(), image, OWNER, REGION, "https://keystone.example.org:443", "shared", "active", null),
                true,
                List.copyOf(members.values()),
                null,
                held == null ? null : new OpenPlan(null, List.of(project(99)), held, null, null),
                null,
                conditions);
    }

    SharedImage view() {
        return SharedImage.of(object("golden-images"));
    }
}
