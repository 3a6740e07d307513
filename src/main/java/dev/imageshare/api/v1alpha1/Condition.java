package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A condition as Kubernetes' API conventions ({@code metav1.Condition}) and kstatus have it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required @Size(min = 1, max = 64) @JsonPropertyDescription("What this condition tells about.")
        String type,

        @Required @JsonPropertyDescription("Whether it holds: True, False or Unknown.")
        Status status,

        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription("Why, in one word for machines; the documentation's table names a cure for each.")
        String reason,

        @Required @Size(max = 32768) @JsonPropertyDescription("Why, in words for people, and what to do.")
        String message,

        @Required @Size(max = 32) @JsonPropertyDescription("When the condition's status last changed (RFC 3339).")
        String lastTransitionTime,

        @Required @JsonPropertyDescription("The metadata.generation that this was found for.")
        long observedGeneration) {

    /** The three values of a condition's status. */
    public enum Status {
        True,
        False,
        Unknown
    }
}
