package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The observed state of an {@link ImageAcceptance}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageAcceptanceStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "The project that answers, according to the credentials' token. Among the objects that answer for"
                        + " one project, one takes precedence.")
        @Nullable
        ProjectInfo project,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The images that the spec names or matches, and this project's answer to each. At most 1,000:"
                        + " pending ones first, then the most recently answered; the summary counts all.")
        @Nullable
        List<OfferInfo> images,

        @JsonPropertyDescription("Exact counts, even if the list is truncated.") @Nullable
        OfferCounts summary,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When Glance was last checked (RFC 3339). If nothing else changes, updated at most once an hour.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the answers are as declared. Reconciling: the operator retries. Stalled: somebody has to act.")
        @Nullable
        List<Condition> conditions) {

    public ImageAcceptanceStatus {
        images = images == null ? null : List.copyOf(images);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** A project in a cloud. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectInfo(
            @Required @Size(max = 255) @JsonPropertyDescription("The project's ID.")
            String id,

            @Required @Size(max = 255) @JsonPropertyDescription("The region of the Image service.")
            String region,

            @Size(max = 300)
            @JsonPropertyDescription(
                    "The Keystone that issued the token: scheme, host and port of the auth_url. Objects in other"
                            + " namespaces answer for the same project only if theirs is the same.")
            @Nullable
            String cloud) {}

    /** One image that is, or was, offered to the project. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OfferInfo(
            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name, as last read.") @Nullable
            String name,

            @Size(max = 255)
            @JsonPropertyDescription("The ID of the project that offers it; absent for an image without an owner.")
            @Nullable
            String owner,

            @JsonPropertyDescription("This project's answer; absent once the offer has been withdrawn.") @Nullable
            MemberAnswer memberStatus,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When the answer was set (RFC 3339), or was observed to have changed. Glance's lists don't"
                            + " include it, so with from it is absent for answers that haven't changed since the"
                            + " first pass.")
            @Nullable
            String updatedAt) {}

    /** Counts of the images that the spec names or matches. */
    public record OfferCounts(
            @JsonPropertyDescription("How many are offered to this project.")
            int offered,

            @JsonPropertyDescription("How many of them it has accepted.")
            int accepted,

            @JsonPropertyDescription("How many of them it has not answered.")
            int pending,

            @JsonPropertyDescription("How many of them it has rejected.")
            int rejected) {}
}
