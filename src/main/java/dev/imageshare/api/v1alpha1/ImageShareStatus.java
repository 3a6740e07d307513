package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found and done for an {@link ImageShare}, and what later passes must remember. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageShareStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "The image, as it was when last read. Only set once the credentials' project was seen to own it.")
        @Nullable
        ImageInfo image,

        @JsonPropertyDescription(
                "Whether the member list was once as declared for this image under management. Before that, only members"
                        + " that this object added itself are removed without approval.")
        @Nullable
        Boolean adopted,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The members of the image, and each one's own answer: the declared ones first. At most 1,000; the summary"
                        + " counts all.")
        @Nullable
        List<MemberInfo> members,

        @JsonPropertyDescription("Exact counts, however long the list is.") @Nullable
        MemberCounts summary,

        @JsonPropertyDescription(
                "What is not carried out: what managed would do to an unmanaged object, or what is held back.")
        @Nullable
        OpenPlan plan,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When the member list was last compared with the declaration (RFC 3339); by itself it is written once an"
                        + " hour at most.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the member list is as declared. AllAccepted: every declared member has accepted. Reconciling:"
                        + " another try is coming. Stalled: a person is needed.")
        @Nullable
        List<Condition> conditions) {

    public ImageShareStatus {
        members = members == null ? null : List.copyOf(members);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** The image as Glance shows it, and the region it is in. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageInfo(
            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name.") @Nullable
            String name,

            @Required @Size(max = 255) @JsonPropertyDescription("The ID of the project that owns the image.")
            String owner,

            @Required @Size(max = 255) @JsonPropertyDescription("The region of the Image service that holds it.")
            String region,

            @Size(max = 300)
            @JsonPropertyDescription(
                    "The Keystone that said who owns it: scheme, host and port of the auth_url. Objects of other namespaces"
                            + " count for the image only if theirs is the same.")
            @Nullable
            String cloud,

            @Size(max = 32)
            @JsonPropertyDescription("The image's visibility; only a shared image has members.")
            @Nullable
            String visibility,

            @Size(max = 32) @JsonPropertyDescription("The image's own status, such as active or deactivated.") @Nullable
            String status,

            @Size(max = 16)
            @JsonPropertyDescription(
                    "A hash of the spec.image that led to this image, by which a change of it is noticed where the API"
                            + " server doesn't refuse one.")
            @Nullable
            String reference) {}

    /** One project's membership. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record MemberInfo(
            @Required @Size(max = 255) @JsonPropertyDescription("The member's project ID.")
            String projectID,

            @JsonPropertyDescription("The member's own answer; absent while it is not a member yet.") @Nullable
            MemberAnswer status,

            @JsonPropertyDescription("Whether spec.members or spec.projectRefs names it.")
            boolean declared,

            @JsonPropertyDescription("Whether this object made it a member; only then may Additive remove it.")
            boolean added,

            @Size(max = 253)
            @JsonPropertyDescription(
                    "The entry of spec.projectRefs that stands for this project; where declared is false, stood for it"
                            + " before the ORC Project got another ID: then it is removed only once that is approved.")
            @Nullable
            String projectRef,

            @Size(max = 32) @JsonPropertyDescription("When it first became a member (RFC 3339).") @Nullable
            String createdAt,

            @Size(max = 32) @JsonPropertyDescription("When its answer last changed (RFC 3339).") @Nullable
            String updatedAt) {}

    /** Counts over the whole member list. */
    public record MemberCounts(
            @JsonPropertyDescription(
                    "Projects that spec.members and spec.projectRefs declare, but for the image's owner.")
            int desired,

            @JsonPropertyDescription("Members that the image has.")
            int present,

            @JsonPropertyDescription("Members that accepted the image.")
            int accepted,

            @JsonPropertyDescription("Members that have not answered; they may use the image by its ID.")
            int pending,

            @JsonPropertyDescription("Members that rejected the image; it is hidden from their lists.")
            int rejected,

            @JsonPropertyDescription("Members that neither spec.members nor spec.projectRefs declares.")
            int undeclared) {}

    /** A plan that is not carried out. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OpenPlan(
            @Size(max = 1000) @JsonPropertyDescription("Projects that would become members.") @Nullable
            List<@Size(max = 255) String> add,

            @Size(max = 1000) @JsonPropertyDescription("Members that would be removed.") @Nullable
            List<@Size(max = 255) String> remove,

            @Size(max = 64)
            @JsonPropertyDescription(
                    "Names exactly these removals; as the value of the annotation imageshare.dev/approve-removals it"
                            + " approves them.")
            @Nullable
            String hash,

            @Size(max = 1000)
            @JsonPropertyDescription("Removals that were approved and are being carried out.")
            @Nullable
            List<@Size(max = 255) String> approved,

            @JsonPropertyDescription(
                    "How many removable members the image had when removals were first held: what a percentage in"
                            + " maxRemovals is of until they are carried out.")
            @Nullable
            Integer baseline) {
        public OpenPlan {
            add = add == null ? null : List.copyOf(add);
            remove = remove == null ? null : List.copyOf(remove);
            approved = approved == null ? null : List.copyOf(approved);
        }
    }
}
