package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.TemplateMetadata;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.TemplateSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** A namespace with the ImageShareSet {@code golden}, and what its people do with it. */
final class RotationTeam {

    static final String SET = "golden";

    private static final Pattern APPROVAL = Pattern.compile("imageshare\\.dev/approve-removals=([a-z0-9]+)");

    final Namespace namespace;

    RotationTeam(World world) {
        namespace = new Namespace(world);
    }

    RotationTeam(Namespace namespace) {
        this.namespace = namespace;
    }

    static ImageCloud cloud(String name, String secret, String entry) {
        return new ImageCloud(name, new CloudCredentialsRef(secret, entry));
    }

    /** Images with this tag, their families by a property and ordered by the date of their build; looked at every second. */
    static ImageShareSetSpec spec(String tag, Integer keep, String retireAfter, Collection<String> projects) {
        return new ImageShareSetSpec(
                List.of(cloud("north", "clouds", "producer")),
                new ImageSelection(
                        new SetFilter(null, null, List.of(tag), null),
                        new ImageFamily(FamilyBy.Property, "image_family"),
                        new ImageOrder("image_build_date", OrderType.Date),
                        keep,
                        retireAfter),
                new SetOptions(new IntOrString("25%")),
                new ShareTemplate(
                        new TemplateMetadata(Map.of("team", "platform"), null),
                        new TemplateSpec(Namespace.members(projects), null, null, null, null, null, "1s", false)),
                "1s",
                false);
    }

    static ImageShareSetSpec withClouds(ImageShareSetSpec s, ImageCloud... clouds) {
        return new ImageShareSetSpec(
                List.of(clouds), s.images(), s.managedOptions(), s.template(), s.resyncPeriod(), s.suspend());
    }

    static ImageShareSetSpec withFilter(ImageShareSetSpec s, SetFilter filter) {
        var images = s.images();
        return withImages(
                s, new ImageSelection(filter, images.family(), images.orderBy(), images.keep(), images.retireAfter()));
    }

    static ImageShareSetSpec withImages(ImageShareSetSpec s, ImageSelection images) {
        return new ImageShareSetSpec(
                s.clouds(), images, s.managedOptions(), s.template(), s.resyncPeriod(), s.suspend());
    }

    static ImageShareSetSpec withMembers(ImageShareSetSpec s, Collection<String> projects) {
        var t = s.template().spec();
        return new ImageShareSetSpec(
                s.clouds(),
                s.images(),
                s.managedOptions(),
                new ShareTemplate(
                        s.template().metadata(),
                        new TemplateSpec(
                                Namespace.members(projects),
                                null,
                                null,
                                t.membershipPolicy(),
                                t.managementPolicy(),
                                t.managedOptions(),
                                t.resyncPeriod(),
                                t.suspend())),
                s.resyncPeriod(),
                s.suspend());
    }

    static ImageShareSetSpec suspended(ImageShareSetSpec s, boolean suspend) {
        return new ImageShareSetSpec(
                s.clouds(), s.images(), s.managedOptions(), s.template(), s.resyncPeriod(), suspend);
    }

    void declare(ImageShareSetSpec spec) {
        if (at().get() == null) {
            var set = new ImageShareSet();
            set.getMetadata().setName(SET);
            set.getMetadata().setNamespace(namespace.name);
            set.setSpec(spec);
            namespace.client.resource(set).create();
        } else {
            Namespace.update(namespace.client, at(), set -> set.setSpec(spec));
        }
    }

    void edit(UnaryOperator<ImageShareSetSpec> change) {
        Namespace.update(namespace.client, at(), set -> set.setSpec(change.apply(set.getSpec())));
    }

    Resource<ImageShareSet> at() {
        return namespace
                .client
                .resources(ImageShareSet.class)
                .inNamespace(namespace.name)
                .withName(SET);
    }

    ImageShareSet get() {
        return at().get();
    }

    /** The name of the ImageShare of an image. */
    static String share(String cloud, String imageId) {
        return SET + "." + cloud + "." + imageId;
    }

    List<ImageShare> shares() {
        return namespace
                .client
                .resources(ImageShare.class)
                .inNamespace(namespace.name)
                .withLabel(ImageShareSet.LABEL, SET)
                .list()
                .getItems();
    }

    static Condition ready(ImageShareSet set) {
        assertThat(set.getStatus()).as("status").isNotNull();
        return Conditions.find(set.getStatus().conditions(), Conditions.READY).orElseThrow();
    }

    ImageShareSet awaitReason(Reason reason) {
        Namespace.eventually(() -> {
            var set = get();
            var ready = ready(set);
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
            assertThat(ready.observedGeneration()).isEqualTo(set.getMetadata().getGeneration());
        });
        return get();
    }

    ImageShareSet awaitSynced() {
        return awaitReason(Reason.Synced);
    }

    /** Waits until just these images are shared, and all is in order. */
    ImageShareSet awaitImages(Collection<String> ids) {
        Namespace.eventually(() -> {
            var set = get();
            var ready = ready(set);
            assertThat(ids(set)).as(ready.message()).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(ready.reason()).as(ready.message()).isEqualTo(Reason.Synced.name());
            assertThat(ready.observedGeneration()).isEqualTo(set.getMetadata().getGeneration());
        });
        return get();
    }

    static List<String> ids(ImageShareSet set) {
        return set.getStatus() == null || set.getStatus().images() == null
                ? List.of()
                : set.getStatus().images().stream().map(RotatedImage::id).toList();
    }

    static RotatedImage entry(ImageShareSet set, String id) {
        return set.getStatus().images().stream()
                .filter(image -> image.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError(id + " is not in " + set.getStatus().images()));
    }

    /** Does what the message of the held set says. */
    void approve() {
        var matcher = APPROVAL.matcher(ready(get()).message());
        assertThat(matcher.find()).isTrue();
        Namespace.update(namespace.client, at(), set -> {
            var annotations = new HashMap<String, String>();
            if (set.getMetadata().getAnnotations() != null) {
                annotations.putAll(set.getMetadata().getAnnotations());
            }
            annotations.put(ImageShare.APPROVE_REMOVALS, matcher.group(1));
            set.getMetadata().setAnnotations(annotations);
        });
    }
}
