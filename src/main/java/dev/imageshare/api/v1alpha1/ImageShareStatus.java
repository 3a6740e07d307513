package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The observed state of an {@link ImageShare}, and what later passes need to know. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageShareStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "The image, as last read. Only set once the credentials' project was confirmed to own it.")
        @Nullable
        ImageInfo image,

        @JsonPropertyDescription(
                "Whether the member list of this image has been in sync at least once while managed. Before that,"
                        + " only members that this object added itself are removed without approval.")
        @Nullable
        Boolean adopted,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The members of the image with their answers, declared ones first. At most 1,000; the summary counts"
                        + " all.")
        @Nullable
        List<MemberInfo> members,

        @JsonPropertyDescription("Exact counts, even if the list is truncated.") @Nullable
        MemberCounts summary,

        @Size(max = 32)
        @JsonPropertyDescription("When the access of a declared project expires next (RFC 3339); absent: never.")
        @Nullable
        String nextExpiry,

        @Size(max = 16)
        @JsonPropertyDescription(
                "The ProjectSets that members come from. A set that is deleted and created again with the same name"
                        + " is a different one.")
        @Nullable
        List<FollowedSet> projectSets,

        @JsonPropertyDescription(
                "Changes that aren't made: what managed would do for an unmanaged object, or what is held.")
        @Nullable
        OpenPlan plan,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When the member list was last compared with the declaration (RFC 3339). If nothing else changes,"
                        + " updated at most once an hour.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the member list is as declared. AllAccepted: every declared member has accepted."
                        + " Reconciling: the operator retries. Stalled: somebody has to act.")
        @Nullable
        List<Condition> conditions) {

    /** A status of members without an expiry. */
    public ImageShareStatus(
            @Nullable Long observedGeneration,
            @Nullable ImageInfo image,
            @Nullable Boolean adopted,
            @Nullable List<MemberInfo> members,
            @Nullable MemberCounts summary,
            @Nullable OpenPlan plan,
            @Nullable String lastSyncTime,
            @Nullable List<Condition> conditions) {
        this(observedGeneration, image, adopted, members, summary, null, null, plan, lastSyncTime, conditions);
    }

    public ImageShareStatus {
        members = members == null ? null : List.copyOf(members);
        projectSets = projectSets == null ? null : List.copyOf(projectSets);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** The image as Glance returns it, and its region. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageInfo(
            @Required @Size(max = 36) @JsonPropertyDescription("The image's ID.")
            String id,

            @Size(max = 255) @JsonPropertyDescription("The image's name.") @Nullable
            String name,

            @Required @Size(max = 255) @JsonPropertyDescription("The ID of the project that owns the image.")
            String owner,

            @Required @Size(max = 255) @JsonPropertyDescription("The region of the Image service that has the image.")
            String region,

            @Size(max = 300)
            @JsonPropertyDescription(
                    "The Keystone that confirmed the owner: scheme, host and port of the auth_url. Objects in other"
                            + " namespaces affect this image only if theirs is the same.")
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
                    "A hash of the spec.image that was resolved to this image. It detects a change if the API server"
                            + " doesn't reject it.")
            @Nullable
            String reference) {}

    /** One project's membership. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record MemberInfo(
            @Required @Size(max = 255) @JsonPropertyDescription("The member's project ID.")
            String projectID,

            @JsonPropertyDescription("The member's answer; absent while it isn't a member yet.") @Nullable
            MemberAnswer status,

            @JsonPropertyDescription("Whether the spec declares it, directly or by a reference.")
            boolean declared,

            @JsonPropertyDescription("Whether this object added it. Additive removes only such members.")
            boolean added,

            @Size(max = MAX_SOURCES)
            @JsonPropertyDescription(
                    "What declares it: spec.members, or the kind and name of a reference, such as Project/team-a (of"
                            + " ORC). Absent: spec.members only, or nothing. Includes references in the spec that"
                            + " declared it before: if the ID of an ORC Project changed, the former one is removed"
                            + " only after an approval.")
            @Nullable
            List<@Size(max = 300) String> sources,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When its access expires (RFC 3339); absent: never. If declared is false, that time has passed.")
            @Nullable
            String expiresAt,

            @Size(max = 253)
            @JsonPropertyDescription(
                    "Deprecated: replaced by sources. Read for one release, so that an upgrade keeps references, and"
                            + " never written.")
            @Nullable
            String projectRef,

            @Size(max = 32) @JsonPropertyDescription("When it first became a member (RFC 3339).") @Nullable
            String createdAt,

            @Size(max = 32) @JsonPropertyDescription("When its answer last changed (RFC 3339).") @Nullable
            String updatedAt,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When this object added it (RFC 3339). If a member is added again, Glance keeps its first"
                            + " createdAt. Absent for a member that was there before.")
            @Nullable
            String addedAt,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "Since when its answer is pending (RFC 3339), as far as observed: since it was added, or reset"
                            + " its answer.")
            @Nullable
            String pendingSince) {

        /** The maximum number of sources listed for one project. */
        public static final int MAX_SOURCES = 16;

        /** A member without addedAt and pendingSince. */
        public MemberInfo(
                String projectID,
                @Nullable MemberAnswer status,
                boolean declared,
                boolean added,
                @Nullable List<String> sources,
                @Nullable String expiresAt,
                @Nullable String createdAt,
                @Nullable String updatedAt) {
            this(projectID, status, declared, added, sources, expiresAt, createdAt, updatedAt, null, null);
        }

        /** A member as it is written. */
        public MemberInfo(
                String projectID,
                @Nullable MemberAnswer status,
                boolean declared,
                boolean added,
                @Nullable List<String> sources,
                @Nullable String expiresAt,
                @Nullable String createdAt,
                @Nullable String updatedAt,
                @Nullable String addedAt,
                @Nullable String pendingSince) {
            this(
                    projectID,
                    status,
                    declared,
                    added,
                    sources,
                    expiresAt,
                    null,
                    createdAt,
                    updatedAt,
                    addedAt,
                    pendingSince);
        }

        public MemberInfo {
            sources = sources != null
                    ? List.copyOf(sources)
                    : projectRef == null ? null : List.of("Project/" + projectRef);
            projectRef = null;
        }
    }

    /** A ProjectSet that members come from. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FollowedSet(
            @Required @Size(max = 253) @JsonPropertyDescription("The set's name.")
            String name,

            @Required @Size(max = 64) @JsonPropertyDescription("Its metadata.uid.")
            String uid,

            @Size(max = 32) @JsonPropertyDescription("Its status.establishedAt.") @Nullable
            String establishedAt) {}

    /** Counts over the whole member list. */
    public record MemberCounts(
            @JsonPropertyDescription("Projects that the spec declares, without the image's owner.")
            int desired,

            @JsonPropertyDescription("Members that the image has.")
            int present,

            @JsonPropertyDescription("Members that accepted the image.")
            int accepted,

            @JsonPropertyDescription("Members that have not answered; they can use the image by its ID.")
            int pending,

            @JsonPropertyDescription("Members that rejected the image; it is hidden from their lists.")
            int rejected,

            @JsonPropertyDescription("Members that the spec doesn't declare.")
            int undeclared) {}

    /** A plan that isn't executed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OpenPlan(
            @Size(max = 1000) @JsonPropertyDescription("Projects that would become members.") @Nullable
            List<@Size(max = 255) String> add,

            @Size(max = 1000) @JsonPropertyDescription("Members that would be removed.") @Nullable
            List<@Size(max = 255) String> remove,

            @Size(max = 64)
            @JsonPropertyDescription("Identifies exactly these removals. To approve them, set the annotation"
                    + " imageshare.dev/approve-removals to this value.")
            @Nullable
            String hash,

            @Size(max = 1000) @JsonPropertyDescription("Removals that were approved and are being made.") @Nullable
            List<@Size(max = 255) String> approved,

            @JsonPropertyDescription(
                    "How many removable members the image had when removals were first held. A percentage in"
                            + " maxRemovals refers to this number until they are made.")
            @Nullable
            Integer baseline,

            @JsonPropertyDescription(
                    "Deprecated: the former name of baseline. Read for one release, so that an upgrade keeps held"
                            + " plans, and never written.")
            @Nullable
            Integer outOf) {

        /** A plan as it is written. */
        public OpenPlan(
                @Nullable List<String> add,
                @Nullable List<String> remove,
                @Nullable String hash,
                @Nullable List<String> approved,
                @Nullable Integer baseline) {
            this(add, remove, hash, approved, baseline, null);
        }

        public OpenPlan {
            baseline = baseline == null ? outOf : baseline;
            outOf = null;
            add = add == null ? null : List.copyOf(add);
            remove = remove == null ? null : List.copyOf(remove);
            approved = approved == null ? null : List.copyOf(approved);
        }
    }
}
