package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** An entry of a clouds.yaml in a Secret in the object's namespace, with the same fields as ORC's: one Secret serves both. */
public record CloudCredentialsRef(
        @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription(
                "The name of a Secret in this namespace with the key clouds.yaml and, if the cloud's certificate"
                        + " needs it, the key cacert (PEM).")
        @Nullable
        String secretName,

        @Required
        @Size(min = 1, max = 256)
        @JsonPropertyDescription("The name of the entry under 'clouds' in that clouds.yaml.")
        @Nullable
        String cloudName) {}
