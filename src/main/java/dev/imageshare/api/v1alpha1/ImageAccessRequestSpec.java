package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What an {@link ImageAccessRequest} asks for. Absent required fields stay null, and the reconciler rejects them. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self == oldSelf",
        message = "spec can't be changed: delete this ImageAccessRequest and create another one")
public record ImageAccessRequestSpec(
        @Required
        @JsonPropertyDescription("The ProjectSet that the project should be in. Its owners say what it is.")
        @Nullable
        ProjectSetAddress projectSetRef,

        @Required
        @JsonPropertyDescription(
                "The credentials of the project that asks: an entry of a clouds.yaml in a Secret in this namespace. They"
                        + " prove which project it is, and are used for nothing else. Only a token is requested.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @Size(min = 1, max = 1024)
        @JsonPropertyDescription("What the images are for. Shown to whoever decides.")
        @Nullable
        String reason,

        @Size(min = 2, max = 32)
        @Pattern(ImageAccessRequestSpec.DURATION)
        @ValidationRule(
                value = "duration(self) >= duration('1m')",
                message = "spec.duration must be at least 1m, for example 2160h")
        @JsonPropertyDescription(
                "How long the access is needed, counted from the approval, such as 2160h for 90 days. Missing: until it is"
                        + " withdrawn, or as long as the set or the approval allows.")
        @Nullable
        String duration) {

    static final String DURATION = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";

    static final String NAMESPACE = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /** A ProjectSet of any namespace. */
    public record ProjectSetAddress(
            @Required
            @Size(min = 1, max = 63)
            @Pattern(NAMESPACE)
            @JsonPropertyDescription("The ProjectSet's namespace.")
            @Nullable
            String namespace,

            @Required
            @Size(min = 1, max = ImageShareSpec.MAX_OBJECT_NAME)
            @Pattern(ImageShareSpec.OBJECT_NAME)
            @JsonPropertyDescription("The ProjectSet's name.")
            @Nullable
            String name) {}
}
