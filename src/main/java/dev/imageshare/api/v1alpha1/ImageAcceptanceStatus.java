package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found and done for an {@link ImageAcceptance}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageAcceptanceStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "The project that answers, as its credentials' token says. Of the objects that answer for one project, one"
                        + " goes first.")
        @Nullable
        ProjectInfo project,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The images that the spec names or matches, and this project's answer to each. At most 1,000: pending ones"
                        + " first, then those answered last; the summary counts all.")
        @Nullable
        List<OfferInfo> images,

        @JsonPropertyDescription("Exact counts, however long the list is.") @Nullable
        OfferCounts summary,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When Glance was last looked at (RFC 3339); by itself it is written once an hour at most.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the answers are as declared. Reconciling: another try is coming. Stalled: a person is needed.")
        @Nullable
        List<Condition> conditions) {

    public ImageAcceptanceStatus {
        images = images == null ? null : List.copyOf(images);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** A project of a cloud. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectInfo(
            @Required @Size(max = 255) @JsonPropertyDescription("The project's ID.")
            String id,

            @Required @Size(max = 255) @JsonPropertyDescription("The region of the Image service.")
            String region,

            @Size(max = 300)
            @JsonPropertyDescription(
                    "The Keystone that said so: scheme, host and port of the auth_url. Objects of other namespaces answer for"
                            + " the same project only if theirs is the same.")
            @Nullable
            String cloud) {}

    /** One image that is, or was, offered to the project. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OfferInfo(
            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name, as it was when last read.") @Nullable
            String name,

            @Size(max = 255)
            @JsonPropertyDescription("The ID of the project that offers it; missing for an image without an owner.")
            @Nullable
            String owner,

            @JsonPropertyDescription("This project's answer; missing once the offer has been withdrawn.") @Nullable
            MemberAnswer memberStatus,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When the answer was given (RFC 3339), or was seen to have changed. Glance's lists don't tell, so with"
                            + " from it is missing for what was as it is at the first look.")
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
