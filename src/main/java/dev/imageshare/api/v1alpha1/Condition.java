package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A condition, as defined by Kubernetes' API conventions ({@code metav1.Condition}) and kstatus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The type of the condition.")
        String type,

        @Required @JsonPropertyDescription("Whether it holds: True, False or Unknown.")
        Status status,

        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription(
                "The reason in one word, for machines. The troubleshooting page says what to do about each.")
        String reason,

        @Required @Size(max = 32768) @JsonPropertyDescription("A human-readable explanation, and what to do.")
        String message,

        @Required @Size(max = 32) @JsonPropertyDescription("When the condition's status last changed (RFC 3339).")
        String lastTransitionTime,

        @Required @JsonPropertyDescription("The metadata.generation that the condition refers to.")
        long observedGeneration) {

    /** The three values of a condition's status. */
    public enum Status {
        True,
        False,
        Unknown
    }
}
