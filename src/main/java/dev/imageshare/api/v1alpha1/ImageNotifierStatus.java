package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was done for an {@link ImageNotifier}, and what later looks must remember. Holds no address. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageNotifierStatus(
        @JsonPropertyDescription("The metadata.generation that this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Messages that a receiver has taken.") @Nullable
        Long sent,

        @JsonPropertyDescription("Messages that were given up: refused for good, or not taken within an hour.")
        @Nullable
        Long failed,

        @Size(max = 32) @JsonPropertyDescription("When a receiver last took a message (RFC 3339).") @Nullable
        String lastSentTime,

        @JsonPropertyDescription("What has been told; without it a restart would tell it again.") @Nullable
        NotifierProgress progress,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Ready: what there is to tell is told. Reconciling: another try is coming. Stalled: a person is needed.")
        @Nullable
        List<Condition> conditions) {

    /** What has been told: a notice of a share's step is told to a project once its look is that of the step or later. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NotifierProgress(
            @Required
            @Size(max = 32)
            @JsonPropertyDescription("What was so before then is not told (RFC 3339).")
            @Nullable
            String since,

            @JsonPropertyDescription("The number of the last look that found something to tell.")
            long look,

            @Size(max = 1000) @JsonPropertyDescription("How far each ImageShare was looked at.") @Nullable
            List<ShareProgress> shares,

            @Size(max = 5000)
            @JsonPropertyDescription("How far each project was told of it, while some are not told yet.")
            @Nullable
            List<ProjectProgress> projects) {
        public NotifierProgress {
            shares = shares == null ? null : List.copyOf(shares);
            projects = projects == null ? null : List.copyOf(projects);
        }
    }

    /** How far an ImageShare was looked at. */
    public record ShareProgress(
            @Required @Size(max = 64) @JsonPropertyDescription("The UID of the ImageShare.")
            String uid,

            @Required
            @Size(max = 16)
            @JsonPropertyDescription(
                    "The first is told to everybody; what lies between two is told of with the later one.")
            List<LookStep> steps) {
        public ShareProgress {
            steps = List.copyOf(steps);
        }
    }

    /** How far an ImageShare was looked at by one look. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LookStep(
            @JsonPropertyDescription("The look's number.") long look,

            @Size(max = 32) @JsonPropertyDescription("The last addition that it saw (RFC 3339).") @Nullable
            String added,

            @Size(max = 32) @JsonPropertyDescription("Until when reminders and ends were due (RFC 3339).") @Nullable
            String due,

            @Size(max = 32) @JsonPropertyDescription("The last answer that it saw (RFC 3339).") @Nullable
            String answered,

            @Size(max = 64) @JsonPropertyDescription("The projects that answered in that very second.") @Nullable
            List<@Size(max = 255) String> answeredBy,

            @Size(max = 64)
            @JsonPropertyDescription("The held removals that it saw, by the hash that approves them.")
            @Nullable
            String held) {
        public LookStep {
            answeredBy = answeredBy == null ? null : List.copyOf(answeredBy);
        }
    }

    /** How far a project was told. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectProgress(
            @Required @Size(max = 255) @JsonPropertyDescription("The project's ID.")
            String projectID,

            @JsonPropertyDescription("The look up to which all its recipients were told.")
            long look,

            @Size(max = 32) @JsonPropertyDescription("When it was last told (RFC 3339).") @Nullable
            String sentAt,

            @Size(max = 32)
            @JsonPropertyDescription(
                    "Of several recipients those who were told more, by a keyed hash that names nobody.")
            @Nullable
            List<RecipientProgress> recipients) {
        public ProjectProgress {
            recipients = recipients == null ? null : List.copyOf(recipients);
        }
    }

    /** How far one of a project's recipients was told. */
    public record RecipientProgress(
            @Required @Size(max = 32) @JsonPropertyDescription("A keyed hash of the recipient.")
            String recipient,

            @JsonPropertyDescription("The look up to which it was told.")
            long look) {}

    public ImageNotifierStatus {
        conditions = conditions == null ? null : List.copyOf(conditions);
    }
}
