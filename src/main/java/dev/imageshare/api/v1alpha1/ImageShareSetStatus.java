package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which images an {@link ImageShareSet} shares, and what later passes must remember. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageShareSetStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @Size(max = 16)
        @JsonPropertyDescription(
                "A hash of spec.images. What retires by another spec.images than the one before was not planned by it, and"
                        + " passes the set's guard.")
        @Nullable
        String selection,

        @JsonPropertyDescription("Exact counts.") @Nullable ImageCounts summary,

        @Size(max = 16) @JsonPropertyDescription("What the last pass saw of each cloud.") @Nullable
        List<CloudState> clouds,

        @Size(max = 1000)
        @JsonPropertyDescription("The images that the set shares, by cloud and family, the newest first.")
        @Nullable
        List<RotatedImage> images,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "ImageShares that the set lets go, until they are gone: their deletion was judged here, so it is not held as"
                        + " one of many.")
        @Nullable
        List<ReleasedShare> released,

        @JsonPropertyDescription("ImageShares that would be deleted and are held until a person approves it.") @Nullable
        HeldShares plan,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When all clouds' images were last listed (RFC 3339); by itself it is written once an hour at most.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: each image that is meant has its ImageShare, and that is in order. Reconciling: another try is"
                        + " coming. Stalled: a person is needed.")
        @Nullable
        List<Condition> conditions) {

    public ImageShareSetStatus {
        clouds = clouds == null ? null : List.copyOf(clouds);
        images = images == null ? null : List.copyOf(images);
        released = released == null ? null : List.copyOf(released);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** Counts over all clouds. */
    public record ImageCounts(
            @JsonPropertyDescription("Images that the set shares.")
            int images,

            @JsonPropertyDescription("The newest ones of their families.")
            int current,

            @JsonPropertyDescription("Older ones that are kept.")
            int kept,

            @JsonPropertyDescription("Those beyond keep, which are shared for a while.")
            int retiring,

            @JsonPropertyDescription("Those whose ImageShare is in order.")
            int inOrder,

            @JsonPropertyDescription("ImageShares whose deletion is held.")
            int held) {}

    /** One cloud, as the last pass saw it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CloudState(
            @Required @Size(max = 63) @JsonPropertyDescription("The cloud's name in the spec.")
            String name,

            @JsonPropertyDescription("How many images the filter matches there; absent before the first complete list.")
            @Nullable
            Integer images,

            @JsonPropertyDescription(
                    "Whether the last pass saw all images there. While it is false, nothing of this cloud leaves the set.")
            boolean complete,

            @Size(max = 64) @JsonPropertyDescription("Why it didn't, in one word for machines.") @Nullable
            String reason,

            @Size(max = 1024) @JsonPropertyDescription("Why it didn't, for people.") @Nullable
            String message,

            @Size(max = 300) @JsonPropertyDescription("The Keystone: scheme, host and port.") @Nullable
            String keystone,

            @Size(max = 255) @JsonPropertyDescription("The region of the Image service.") @Nullable
            String region,

            @Size(max = 255) @JsonPropertyDescription("The project that owns the images.") @Nullable
            String projectID) {}

    /** What an image is to its family. */
    public enum ImagePhase {
        /** The newest that can be used. */
        Current,
        /** One of those that are kept. */
        Kept,
        /** Beyond those that are kept. */
        Retiring
    }

    /** One image that the set shares. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RotatedImage(
            @Required @Size(max = 63) @JsonPropertyDescription("The cloud's name in the spec.")
            String cloud,

            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name.") @Nullable
            String name,

            @Size(max = 255) @JsonPropertyDescription("The image's family.") @Nullable
            String family,

            @Required
            @JsonPropertyDescription(
                    "Current: the newest of its family that can be used. Kept: one of those that are kept. Retiring: beyond"
                            + " those, and shared for retireAfter more.")
            ImagePhase phase,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When enough newer images of the family were in order (RFC 3339): retireAfter counts from then.")
            @Nullable
            String supersededAt,

            @Required @Size(max = 253) @JsonPropertyDescription("The name of its ImageShare.")
            String share) {}

    /** An ImageShare that the set lets go. */
    public record ReleasedShare(
            @Required @Size(max = 253) @JsonPropertyDescription("The ImageShare's name.")
            String name,

            @Required @Size(max = 64) @JsonPropertyDescription("Its metadata.uid.")
            String uid) {}

    /** Deletions that wait for a person. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HeldShares(
            @Required @Size(max = 1000) @JsonPropertyDescription("The ImageShares that would be deleted.") @Nullable
            List<@Size(max = 253) String> remove,

            @Required
            @Size(max = 64)
            @JsonPropertyDescription(
                    "Names exactly these; as the value of the annotation imageshare.dev/approve-removals on the set it"
                            + " approves them.")
            @Nullable
            String hash,

            @Size(max = 1024) @JsonPropertyDescription("Why they are held, for people.") @Nullable
            String because) {
        public HeldShares {
            remove = remove == null ? null : List.copyOf(remove);
        }
    }
}
