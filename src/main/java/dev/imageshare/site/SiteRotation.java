package dev.imageshare.site;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.CloudState;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One ImageShareSet.
 *
 * @param reason the condition Ready's; empty before the first look
 * @param message the condition Ready's, for people
 * @param since when the condition Ready changed last, RFC 3339
 * @param lastLook when all clouds' images were last listed, RFC 3339; null before
 * @param images by cloud and family, the newest first
 * @param held the ImageShares that are deleted once a person approves it
 * @param approval the command that approves it; null if none is held
 */
public record SiteRotation(
        String namespace,
        String name,
        Health health,
        String reason,
        String message,
        @Nullable String since,
        @Nullable String lastLook,
        List<ListedCloud> clouds,
        List<RotatingImage> images,
        List<String> held,
        @Nullable String approval) {

    public SiteRotation {
        clouds = List.copyOf(clouds);
        images = List.copyOf(images);
        held = List.copyOf(held);
    }

    /**
     * One cloud, or one region of it.
     *
     * @param images how many images the set means there; null before the first complete list
     * @param problem why not all of them could be listed, for people; null if they were
     */
    public record ListedCloud(
            String name, @Nullable Integer images, @Nullable String problem) {}

    /**
     * One image that the set shares.
     *
     * @param cloud the cloud's name in the set
     * @param family null if each image stands for itself
     * @param until when it retires at the earliest, RFC 3339; null unless it is on its way out
     * @param share its ImageShare, as {@code namespace/name}
     */
    public record RotatingImage(
            String cloud,
            String id,
            @Nullable String name,
            @Nullable String family,
            ImagePhase phase,
            @Nullable String until,
            String share) {

        /** For people. */
        public String title() {
            return name == null || name.isEmpty() ? id : name;
        }
    }

    /** What the object says. */
    static SiteRotation of(ImageShareSet set) {
        var status = set.getStatus();
        var conditions = status == null ? null : status.conditions();
        var ready = Conditions.find(conditions, Conditions.READY);
        var held = status == null ? null : status.plan();
        return new SiteRotation(
                set.getMetadata().getNamespace(),
                set.getMetadata().getName(),
                Health.of(
                        conditions,
                        status == null ? null : status.observedGeneration(),
                        set.getMetadata().getGeneration()),
                ready.map(Condition::reason).orElse(""),
                ready.map(Condition::message).orElse(""),
                ready.map(Condition::lastTransitionTime).orElse(null),
                status == null ? null : status.lastSyncTime(),
                status == null
                        ? List.of()
                        : requireNonNullElse(status.clouds(), List.<CloudState>of()).stream()
                                .map(SiteRotation::cloud)
                                .toList(),
                status == null ? List.of() : images(set, status),
                held == null ? List.of() : requireNonNullElse(held.remove(), List.of()),
                held == null ? null : SetDrafts.approval(set, held.hash()));
    }

    private static ListedCloud cloud(CloudState cloud) {
        return new ListedCloud(
                cloud.name(),
                cloud.images(),
                cloud.complete() ? null : requireNonNullElse(cloud.message(), requireNonNullElse(cloud.reason(), "")));
    }

    private static List<RotatingImage> images(ImageShareSet set, ImageShareSetStatus status) {
        var retireAfter = Optional.ofNullable(set.getSpec())
                .map(spec -> spec.images())
                .flatMap(images -> Optional.ofNullable(images.retireAfter()))
                .flatMap(GoDuration::parse)
                .orElse(Duration.ZERO);
        return requireNonNullElse(status.images(), List.<ImageShareSetStatus.RotatedImage>of()).stream()
                .map(image -> new RotatingImage(
                        image.cloud(),
                        image.id(),
                        image.name(),
                        image.family(),
                        image.phase(),
                        image.phase() == ImagePhase.Retiring && image.supersededAt() != null
                                ? SetDrafts.later(image.supersededAt(), retireAfter)
                                : null,
                        set.getMetadata().getNamespace() + "/" + image.share()))
                .toList();
    }

    /** How many of the images are to their families what is asked for. */
    public long count(ImagePhase phase) {
        return images.stream().filter(image -> image.phase() == phase).count();
    }

    /** As {@code namespace/name}. */
    public String title() {
        return namespace + "/" + name;
    }
}
