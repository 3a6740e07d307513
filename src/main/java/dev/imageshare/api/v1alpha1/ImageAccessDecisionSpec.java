package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How an {@link ImageAccessRequest} is answered. Absent required fields stay null; such a decision counts for nothing. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self == oldSelf",
        message = "spec can't be changed: delete this ImageAccessDecision and create another one")
@ValidationRule(
        value = "self.decision == 'Denied' || has(self.projectID)",
        message = "spec.projectID is needed to approve: the project that the request proved, in the ProjectSet's"
                + " status.requests")
@ValidationRule(
        value = "self.decision == 'Approved' || !has(self.expiresAt)",
        message = "spec.expiresAt goes with decision Approved only; a denial holds as long as it exists")
public record ImageAccessDecisionSpec(
        @Required @JsonPropertyDescription("The ImageAccessRequest that is answered.") @Nullable
        RequestReference requestRef,

        @Required @JsonPropertyDescription("The ProjectSet that the request names, in this namespace.") @Nullable
        LocalSetReference projectSetRef,

        @Size(min = 1, max = 255)
        @Pattern(ProjectSetSpec.PROJECT_ID)
        @JsonPropertyDescription(
                "The ID of the project that the request proved. The decision is about this project only, so no other can take"
                        + " its place. Required with Approved; a denial without it is about any project.")
        @Nullable
        String projectID,

        @Required
        @JsonPropertyDescription(
                "Approved: the project joins the set. Denied: it doesn't, or leaves at once. If there are several decisions"
                        + " about a request, Denied wins, and of approvals the one that ends last.")
        @Nullable
        DecisionType decision,

        @Size(min = 20, max = 40)
        @Pattern(
                "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$")
        @JsonPropertyDescription(
                "When the access ends (RFC 3339, such as 2027-01-31T00:00:00Z). It ends earlier if the request's duration or the"
                        + " set's maxDuration, counted from this object's creation, are over before.")
        @Nullable
        String expiresAt,

        @Size(min = 1, max = 1024)
        @JsonPropertyDescription("What the team that asked is told. Shown in its request's status.")
        @Nullable
        String message) {

    /** An ImageAccessRequest of any namespace. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RequestReference(
            @Required
            @Size(min = 1, max = 63)
            @Pattern(ImageAccessRequestSpec.NAMESPACE)
            @JsonPropertyDescription("The request's namespace.")
            @Nullable
            String namespace,

            @Required
            @Size(min = 1, max = ImageShareSpec.MAX_OBJECT_NAME)
            @Pattern(ImageShareSpec.OBJECT_NAME)
            @JsonPropertyDescription("The request's name.")
            @Nullable
            String name,

            @Size(min = 1, max = 64)
            @JsonPropertyDescription(
                    "The request's UID. With it, the decision is about this very object. Without it, also about a later request"
                            + " of this name by the same project, whatever duration that asks for.")
            @Nullable
            String uid) {}

    /** A ProjectSet of this namespace. */
    public record LocalSetReference(
            @Required
            @Size(min = 1, max = ImageShareSpec.MAX_OBJECT_NAME)
            @Pattern(ImageShareSpec.OBJECT_NAME)
            @JsonPropertyDescription("The ProjectSet's name.")
            @Nullable
            String name) {}

    /** What is decided. */
    public enum DecisionType {
        Approved,
        Denied
    }
}
