package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an {@link ImageAccessRequest}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageAccessRequestStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @Size(max = 255)
        @JsonPropertyDescription(
                "The ID of the project that asks, as Keystone gave it when the credentials first proved it. Credentials of"
                        + " another project add nothing.")
        @Nullable
        String projectID,

        @Size(max = 255) @JsonPropertyDescription("The project's name, as Keystone gave it.") @Nullable
        String projectName,

        @Size(max = 32)
        @JsonPropertyDescription("When the access ends (RFC 3339). Missing if it isn't approved, or has no end.")
        @Nullable
        String expiresAt,

        @Size(max = 200)
        @JsonPropertyDescription(
                "The images that are shared with the project by this set, by name. Only once the access is approved. At most"
                        + " 200; imageCount counts all.")
        @Nullable
        List<GrantedImage> images,

        @JsonPropertyDescription(
                "How many images are shared with the project by this set, even if the list is truncated.")
        @Nullable
        Integer imageCount,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the project has access. Approved, Denied: what was decided; missing before that. Reconciling: the"
                        + " operator retries. Stalled: somebody has to act.")
        @Nullable
        List<Condition> conditions) {

    public ImageAccessRequestStatus {
        images = images == null ? null : List.copyOf(images);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** One image that is shared with the project. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record GrantedImage(
            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID, by which it is accepted.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name.") @Nullable
            String name,

            @Size(max = 255) @JsonPropertyDescription("The ID of the project that owns it.") @Nullable
            String owner,

            @Size(max = 255) @JsonPropertyDescription("The region of its Image service.") @Nullable
            String region) {}
}
