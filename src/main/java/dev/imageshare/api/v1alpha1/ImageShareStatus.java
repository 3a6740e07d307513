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

        @Size(max = 32)
        @JsonPropertyDescription("When the next access of a declared project ends (RFC 3339); absent: none does.")
        @Nullable
        String nextExpiry,

        @Size(max = 16)
        @JsonPropertyDescription(
                "Which ProjectSets the members come from: one that is made anew under the same name isn't the same.")
        @Nullable
        List<FollowedSet> projectSets,

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

    /** A status of members that are declared for good. */
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

            @JsonPropertyDescription("Whether the spec declares it, by itself or by what it refers to.")
            boolean declared,

            @JsonPropertyDescription("Whether this object made it a member; only then may Additive remove it.")
            boolean added,

            @Size(max = MAX_SOURCES)
            @JsonPropertyDescription(
                    "What declares it: spec.members, or the kind and name of what the spec refers to, such as Project/team-a"
                            + " (of ORC). Absent: spec.members alone, or nothing. Also what declared it before, as long as"
                            + " the spec refers to it: where an ORC Project got another ID, the former one is removed only"
                            + " once that is approved.")
            @Nullable
            List<@Size(max = 300) String> sources,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "Until when it is declared (RFC 3339); absent: for good. Where declared is false, that time has come.")
            @Nullable
            String expiresAt,

            @Size(max = 253)
            @JsonPropertyDescription(
                    "Deprecated: what sources had before. It is read for one release, so that an upgrade forgets no"
                            + " reference, and never written.")
            @Nullable
            String projectRef,

            @Size(max = 32) @JsonPropertyDescription("When it first became a member (RFC 3339).") @Nullable
            String createdAt,

            @Size(max = 32) @JsonPropertyDescription("When its answer last changed (RFC 3339).") @Nullable
            String updatedAt,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "When this object made it a member (RFC 3339); Glance gives a member that is added again its first"
                            + " createdAt. Absent for one that was there before.")
            @Nullable
            String addedAt,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "Since when it has not answered (RFC 3339), as far as that was seen: since it was added, or set its"
                            + " answer back.")
            @Nullable
            String pendingSince) {

        /** So many sources of one project are listed. */
        public static final int MAX_SOURCES = 16;

        /** A member of whose beginning nothing was seen. */
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
            @JsonPropertyDescription("Projects that the spec declares, but for the image's owner.")
            int desired,

            @JsonPropertyDescription("Members that the image has.")
            int present,

            @JsonPropertyDescription("Members that accepted the image.")
            int accepted,

            @JsonPropertyDescription("Members that have not answered; they may use the image by its ID.")
            int pending,

            @JsonPropertyDescription("Members that rejected the image; it is hidden from their lists.")
            int rejected,

            @JsonPropertyDescription("Members that the spec doesn't declare.")
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
            Integer baseline,

            @JsonPropertyDescription(
                    "Deprecated: the former name of baseline. It is read for one release, so that an upgrade forgets no"
                            + " held plan, and never written.")
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
