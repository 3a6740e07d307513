package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a {@link ProjectSet}, and what later passes must remember. A share counts it only if {@code observedGeneration}
 * is the set's generation and {@code complete} is true.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProjectSetStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @Size(max = 300)
        @JsonPropertyDescription(
                "The Keystone that the set's credentials are of: scheme, host and port of the auth_url. Missing for a set"
                        + " without selectors.")
        @Nullable
        String cloud,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When this status began (RFC 3339). Another time than before means that the set's memory was lost, and that"
                        + " what it no longer says was not decided by it.")
        @Nullable
        String establishedAt,

        @JsonPropertyDescription(
                "Whether the last pass saw all that the spec names, whole. While it is false, nobody leaves the set or, by"
                        + " the set, an image.")
        @Nullable
        Boolean complete,

        @Size(max = 1000) @JsonPropertyDescription("The projects of the set, in the order of their IDs.") @Nullable
        List<SetProject> projects,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "Projects that left the set, until all ImageShares that name it have followed. Their removal was judged"
                        + " here, so it does not count against a share's own maxRemovals.")
        @Nullable
        List<@Size(max = 255) String> released,

        @JsonPropertyDescription("Exact counts.") @Nullable SetSummary summary,

        @Size(max = 8) @JsonPropertyDescription("What the last pass saw of each selector.") @Nullable
        List<SelectorInfo> selectors,

        @JsonPropertyDescription("Projects that would leave and are held until a person approves it.") @Nullable
        HeldLeaves plan,

        @Size(max = 100)
        @JsonPropertyDescription(
                "Requests that wait for an ImageAccessDecision, the oldest first; at most 100. The summary counts all.")
        @Nullable
        List<WaitingRequest> requests,

        @Size(max = 64)
        @JsonPropertyDescription(
                "Projects that left within the last absentFor without Keystone's own word for it: together with the next"
                        + " ones they may not be more than maxRemovals.")
        @Nullable
        List<RecentLeave> recentLeaves,

        @Size(max = 32)
        @JsonPropertyDescription(
                "When Keystone was last read (RFC 3339); by itself it is written once an hour at most.")
        @Nullable
        String lastSyncTime,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: the set is as declared. Reconciling: another try is coming. Stalled: a person is needed.")
        @Nullable
        List<Condition> conditions) {

    /** The status of a set that nobody waits to join. */
    public ProjectSetStatus(
            @Nullable Long observedGeneration,
            @Nullable String cloud,
            @Nullable String establishedAt,
            @Nullable Boolean complete,
            @Nullable List<SetProject> projects,
            @Nullable List<String> released,
            @Nullable SetSummary summary,
            @Nullable List<SelectorInfo> selectors,
            @Nullable HeldLeaves plan,
            @Nullable List<RecentLeave> recentLeaves,
            @Nullable String lastSyncTime,
            @Nullable List<Condition> conditions) {
        this(
                observedGeneration,
                cloud,
                establishedAt,
                complete,
                projects,
                released,
                summary,
                selectors,
                plan,
                null,
                recentLeaves,
                lastSyncTime,
                conditions);
    }

    public ProjectSetStatus {
        requests = requests == null ? null : List.copyOf(requests);
        projects = projects == null ? null : List.copyOf(projects);
        released = released == null ? null : List.copyOf(released);
        selectors = selectors == null ? null : List.copyOf(selectors);
        recentLeaves = recentLeaves == null ? null : List.copyOf(recentLeaves);
        conditions = conditions == null ? null : List.copyOf(conditions);
    }

    /** One project of the set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SetProject(
            @Required @Size(max = 255) @JsonPropertyDescription("The project's ID.")
            String projectID,

            @Size(max = 255)
            @JsonPropertyDescription("Its name, from spec.projects or as a selector last saw it.")
            @Nullable
            String name,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "What says that it is in the set: names of selectors, spec.projects, and requests as 'request"
                            + " NAMESPACE/NAME'. Empty once nothing does.")
            @Nullable
            List<@Size(max = 330) String> sources,

            @Size(max = 32)
            @JsonPropertyDescription("What said so before and no longer does, and when that was first seen.")
            @Nullable
            List<Absence> absences,

            @Size(max = 32) @JsonPropertyDescription("When it joined the set (RFC 3339).") @Nullable
            String since,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "Since when it is excluded, or nothing says that it is in the set (RFC 3339); missing"
                            + " otherwise.")
            @Nullable
            String absentSince,

            @Size(max = 40)
            @JsonPropertyDescription(
                    "When it leaves without approval (RFC 3339): its only source ends then, which was seen while it was still"
                            + " to come. Missing if nothing ends, or not yet seen.")
            @Nullable
            String expiresAt,

            @JsonPropertyDescription(
                    "True if Keystone no longer has the project: a selector listed it before, and neither the complete list"
                            + " of its domain nor Keystone, asked for the project itself, shows it now. Missing otherwise.")
            @Nullable
            Boolean gone) {

        /** A project that Keystone isn't known to have deleted. */
        public SetProject(
                String projectID,
                @Nullable String name,
                @Nullable List<String> sources,
                @Nullable List<Absence> absences,
                @Nullable String since,
                @Nullable String absentSince,
                @Nullable String expiresAt) {
            this(projectID, name, sources, absences, since, absentSince, expiresAt, null);
        }

        public SetProject {
            sources = sources == null ? null : List.copyOf(sources);
            absences = absences == null ? null : List.copyOf(absences);
        }
    }

    /** A source that no longer has a project. */
    public record Absence(
            @Required
            @Size(max = 330)
            @JsonPropertyDescription("The selector's name, spec.projects, or 'request NAMESPACE/NAME'.")
            String source,

            @Required
            @Size(max = 32)
            @JsonPropertyDescription("When a complete list was first without the project (RFC 3339).")
            String since) {}

    /** Counts over the set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SetSummary(
            @JsonPropertyDescription("Projects in the set, those that are absent included.")
            int projects,

            @JsonPropertyDescription("Projects that nothing says any more, and that are still in the set.")
            int absent,

            @JsonPropertyDescription("Projects that are held: they leave once that is approved.")
            int held,

            @JsonPropertyDescription("Requests that wait for a decision. Missing if spec.requests is.") @Nullable
            Integer waiting,

            @Size(max = 40) @JsonPropertyDescription("When the next project expires (RFC 3339).") @Nullable
            String nextExpiry) {}

    /** A request that waits for a decision. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record WaitingRequest(
            @Required @Size(max = 63) @JsonPropertyDescription("The request's namespace.")
            String namespace,

            @Required @Size(max = 253) @JsonPropertyDescription("The request's name.")
            String name,

            @Required @Size(max = 64) @JsonPropertyDescription("The request's UID.")
            String uid,

            @Required
            @Size(max = 255)
            @JsonPropertyDescription("The ID of the project that asks, as it proved it to Keystone.")
            String projectID,

            @Size(max = 255) @JsonPropertyDescription("The project's name, as Keystone gave it.") @Nullable
            String projectName,

            @Required @Size(max = 32) @JsonPropertyDescription("When the request was created (RFC 3339).")
            String since,

            @Size(max = 256) @JsonPropertyDescription("What the team that asks says it is for.") @Nullable
            String reason,

            @Size(max = 32) @JsonPropertyDescription("How long it asks for, from the approval on.") @Nullable
            String duration) {}

    /** What a pass saw of one selector. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SelectorInfo(
            @Required @Size(max = 63) @JsonPropertyDescription("The selector's name.")
            String name,

            @JsonPropertyDescription("How many projects it matched when it was last read.") @Nullable
            Integer matched,

            @JsonPropertyDescription("Whether its list was read to the end in the last pass.")
            boolean complete,

            @Size(max = 64) @JsonPropertyDescription("Why it isn't complete, in one word.") @Nullable
            String reason,

            @Size(max = 1024) @JsonPropertyDescription("Why it isn't complete, in words.") @Nullable
            String message,

            @Size(max = 64)
            @JsonPropertyDescription(
                    "A hash of whose list it is: the cloud, the user, its scope and roles, and what is listed. Projects that"
                            + " this reader never listed leave only with approval.")
            @Nullable
            String reader,

            @Size(max = 32)
            @JsonPropertyDescription("When this reader's first complete list was read (RFC 3339).")
            @Nullable
            String readerSince) {}

    /** Leaves that wait for a person. Frozen: what is due later waits for the next plan. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HeldLeaves(
            @Size(max = 1000) @JsonPropertyDescription("Projects that would leave.") @Nullable
            List<@Size(max = 255) String> remove,

            @Size(max = 64)
            @JsonPropertyDescription(
                    "Names exactly these leaves; as the value of the annotation imageshare.dev/approve-removals it approves"
                            + " them.")
            @Nullable
            String hash,

            @Size(max = 1024)
            @JsonPropertyDescription("Why they are held, as it was when they were first held.")
            @Nullable
            String because) {
        public HeldLeaves {
            remove = remove == null ? null : List.copyOf(remove);
        }
    }

    /** Projects that left at one time. */
    public record RecentLeave(
            @Required @Size(max = 32) @JsonPropertyDescription("When (RFC 3339).")
            String time,

            @JsonPropertyDescription("How many.") int projects) {}
}
