package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.FamilyBy;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageFamily;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageOrder;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.OrderType;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetOptions;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ShareTemplate;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.TemplateSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.ProjectScope;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** A set over many passes, and its ImageShares as the operator and people would have them; without a cluster and a cloud. */
final class RotationHistory {

    static final String SET = "golden";
    static final String OWNER = "8a4d8a4d8a4d8a4d8a4d8a4d8a4d8a4d";

    final String uid = "set-uid";
    long generation = 1;
    ImageShareSetSpec spec = spec(2, "720h", "25%");
    ImageShareSetStatus status;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    boolean clockTrusted = true;
    String approval;
    RotationPlan last;

    /** What each cloud has, by image. */
    final Map<String, Map<String, ImageDetails>> clouds = new TreeMap<>(Map.of("north", new TreeMap<>()));

    /** Clouds whose lists fail. */
    final Set<String> failing = new HashSet<>();

    /** Images that no list shows though they are there. */
    final Set<String> unlisted = new HashSet<>();

    final Map<String, ProjectScope> scopes = new HashMap<>();
    final Map<String, ImageShare> shares = new TreeMap<>();

    /** ImageShares that don't come to be in order. */
    final Set<String> stuck = new HashSet<>();

    static ImageShareSetSpec spec(Integer keep, String retireAfter, String maxRemovals) {
        return new ImageShareSetSpec(
                List.of(cloud("north")),
                new ImageSelection(
                        new SetFilter(null, null, List.of("golden"), null),
                        new ImageFamily(FamilyBy.Property, "family"),
                        new ImageOrder("built", OrderType.Number),
                        keep,
                        retireAfter),
                new SetOptions(new IntOrString(maxRemovals)),
                new ShareTemplate(
                        null,
                        new TemplateSpec(
                                List.of(new DeclaredMember("a".repeat(32))),
                                null,
                                null,
                                null,
                                null,
                                null,
                                "10m",
                                false)),
                "10m",
                false);
    }

    static ImageCloud cloud(String name) {
        return new ImageCloud(name, new CloudCredentialsRef("clouds", name));
    }

    void declare(ImageShareSetSpec newSpec) {
        spec = newSpec;
        generation++;
    }

    ImageShareSetSpec with(ImageSelection images) {
        return new ImageShareSetSpec(
                spec.clouds(), images, spec.managedOptions(), spec.template(), spec.resyncPeriod(), spec.suspend());
    }

    ImageShareSetSpec withClouds(String... names) {
        return new ImageShareSetSpec(
                List.of(names).stream().map(RotationHistory::cloud).toList(),
                spec.images(),
                spec.managedOptions(),
                spec.template(),
                spec.resyncPeriod(),
                spec.suspend());
    }

    ImageSelection filter(String tag) {
        var images = spec.images();
        return new ImageSelection(
                new SetFilter(null, null, List.of(tag), null),
                images.family(),
                images.orderBy(),
                images.keep(),
                images.retireAfter());
    }

    /** A new image; gives its ID. */
    String image(String family, int built) {
        return image("north", family, built);
    }

    String image(String cloud, String family, int built) {
        var id = UUID.nameUUIDFromBytes((cloud + family + built).getBytes()).toString();
        put(cloud, id, family, Integer.toString(built), "shared", "active", "golden");
        return id;
    }

    void put(String cloud, String id, String family, String built, String visibility, String state, String tag) {
        var properties = new HashMap<String, String>();
        if (family != null) {
            properties.put("family", family);
        }
        if (built != null) {
            properties.put("built", built);
        }
        clouds.computeIfAbsent(cloud, c -> new TreeMap<>())
                .put(
                        id,
                        new ImageDetails(
                                new Image(id, family + "-" + built, OWNER, visibility, state, List.of(tag), now),
                                properties));
    }

    ProjectScope scope(String cloud) {
        return scopes.getOrDefault(
                cloud, new ProjectScope(OWNER, cloud, URI.create("http://glance"), "http://keystone"));
    }

    RotationPlan look() {
        var images = new SetImages(spec.images());
        var readings = spec.clouds().stream()
                .map(cloud -> failing.contains(cloud.name())
                        ? CloudReading.failed(cloud.name(), null, Problem.of(Reason.CloudUnreachable, "it is down"))
                        : CloudReading.of(
                                cloud.name(),
                                scope(cloud.name()),
                                all(cloud.name()).values().stream()
                                        .filter(image ->
                                                !unlisted.contains(image.image().id()))
                                        .filter(images::matches)
                                        .toList()))
                .toList();
        var input = new RotationInput(
                SET,
                uid,
                generation,
                spec,
                status,
                readings,
                Map.of(),
                shares,
                keystone -> keystone,
                approval,
                clockTrusted,
                now);
        var plan = RotationPlan.of(input);
        if (!plan.unproven().isEmpty()) {
            var lookups = new HashMap<CloudImageId, ImageLookup>();
            plan.unproven().forEach(id -> {
                var image = all(id.cloud()).get(id.id());
                lookups.put(id, image == null ? new ImageLookup.Gone() : new ImageLookup.There(image));
            });
            plan = RotationPlan.of(input.withLookups(lookups));
        }
        return plan;
    }

    private Map<String, ImageDetails> all(String cloud) {
        return clouds.getOrDefault(cloud, Map.of());
    }

    /** One pass: what it decides is in the status before it is done. */
    RotationPlan pass() {
        var plan = look();
        last = plan;
        var set = new ImageShareSet();
        set.getMetadata().setName(SET);
        set.getMetadata().setUid(uid);
        set.getMetadata().setGeneration(generation);
        set.setSpec(spec);
        set.setStatus(status);
        var problems = new ArrayList<>(plan.problems());
        if (plan.held() != null) {
            problems.add(HeldSharesText.problem(set, plan.held()));
        }
        var outcome = new RotationOutcome(plan, problems);
        status = RotationStatus.of(set, outcome, false, now, now);
        plan.create().forEach(image -> shares.put(image.share(), made(image)));
        plan.rewrite().forEach(image -> {
            var made = made(image);
            made.getMetadata().setUid(shares.get(image.share()).getMetadata().getUid());
            made.setStatus(shares.get(image.share()).getStatus());
            shares.put(image.share(), made);
        });
        plan.delete().forEach(share -> shares.remove(share.getMetadata().getName()));
        return plan;
    }

    /** The ImageShares' own passes. */
    void settle() {
        shares.values().forEach(share -> {
            var isStuck = stuck.contains(share.getSpec().image().id());
            share.setStatus(new ImageShareStatus(
                    share.getMetadata().getGeneration(),
                    new ImageInfo(
                            share.getSpec().image().id(), "image", OWNER, "north", null, "shared", "active", null),
                    true,
                    List.of(),
                    null,
                    null,
                    null,
                    List.of(new Condition(
                            "Ready",
                            isStuck ? Condition.Status.False : Condition.Status.True,
                            isStuck ? "QuotaExceeded" : "Synced",
                            "",
                            now.toString(),
                            share.getMetadata().getGeneration()))));
        });
    }

    /** Passes of both kinds until nothing changes. */
    RotationPlan passes() {
        for (var i = 0; i < 5; i++) {
            pass();
            settle();
        }
        return pass();
    }

    void after(Duration time) {
        now = now.plus(time);
    }

    private ImageShare made(RotatedImage image) {
        var share = new ImageShare();
        share.getMetadata().setName(image.share());
        share.getMetadata().setNamespace("team");
        share.getMetadata().setUid(UUID.randomUUID().toString());
        share.getMetadata().setGeneration(1L);
        share.getMetadata().setLabels(new HashMap<>(SetOwnership.wantedLabels(SET, spec.template())));
        share.getMetadata().setOwnerReferences(new ArrayList<>(List.of(owner())));
        share.setSpec(SetOwnership.wantedSpec(spec.template(), cloud(image.cloud()), image.id()));
        return share;
    }

    private OwnerReference owner() {
        var set = new ImageShareSet();
        set.getMetadata().setName(SET);
        set.getMetadata().setUid(uid);
        return SetOwnership.reference(set);
    }

    static String name(String imageId) {
        return name("north", imageId);
    }

    static String name(String cloud, String imageId) {
        return ShareNames.of(SET, cloud, imageId);
    }

    RotatedImage entry(String imageId) {
        return status.images().stream()
                .filter(image -> image.id().equals(imageId))
                .findFirst()
                .orElse(null);
    }
}
