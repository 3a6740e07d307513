package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The CRD's rules, checked again: API servers before 1.25 don't evaluate CEL, and a request that breaks a rule asks for nothing. */
public final class AccessRules {

    private static final int MAX_NAMESPACE = 63;
    private static final int MAX_REASON = 1_024;
    private static final Duration LEAST = Duration.ofMinutes(1);

    private AccessRules() {}

    /** The first rule that the request breaks, naming the field and the fix; empty if it is valid. */
    static Optional<String> violation(ImageAccessRequest request) {
        var generation = request.getMetadata().getGeneration();
        return violation(request.getSpec())
                // Nothing but a change of the spec raises it, before the object is deleted.
                .or(() -> generation != null && generation > 1 && !request.isMarkedForDeletion()
                        ? Optional.of("spec can't be changed: delete this ImageAccessRequest and create another one.")
                        : Optional.empty());
    }

    /** The first rule that the spec breaks, naming the field and the fix; empty if it is valid. */
    public static Optional<String> violation(@Nullable ImageAccessRequestSpec spec) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        var set = spec.projectSetRef();
        if (set == null || !isNamespace(set.namespace()) || !FieldRules.isObjectName(set.name())) {
            return Optional.of("spec.projectSetRef needs namespace and name: where the ProjectSet is, and its name.");
        }
        if (spec.reason() != null && !FieldRules.isText(spec.reason(), MAX_REASON)) {
            return Optional.of("spec.reason must have 1 to 1,024 characters.");
        }
        if (spec.duration() != null && duration(spec).isEmpty()) {
            return Optional.of("spec.duration must be at least 1m, for example 2160h.");
        }
        return FieldRules.credentials(spec.cloudCredentialsRef());
    }

    /** The first rule that a decision breaks, naming the field and the fix; empty if it is valid. */
    public static Optional<String> violation(@Nullable ImageAccessDecisionSpec spec) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        var request = spec.requestRef();
        if (request == null || !isNamespace(request.namespace()) || !FieldRules.isObjectName(request.name())) {
            return Optional.of("spec.requestRef needs namespace and name of the ImageAccessRequest.");
        }
        if (spec.projectSetRef() == null
                || !FieldRules.isObjectName(spec.projectSetRef().name())) {
            return Optional.of("spec.projectSetRef needs the name of a ProjectSet of this namespace.");
        }
        if (spec.decision() == null) {
            return Optional.of("spec.decision must be Approved or Denied.");
        }
        if (spec.projectID() != null && !FieldRules.isProjectId(spec.projectID())) {
            return Optional.of("spec.projectID is no project ID: use the one in the ProjectSet's status.requests.");
        }
        if (spec.message() != null && !FieldRules.isText(spec.message(), MAX_REASON)) {
            return Optional.of("spec.message must have 1 to 1,024 characters.");
        }
        return spec.decision() == DecisionType.Approved ? approval(spec) : denial(spec);
    }

    private static Optional<String> approval(ImageAccessDecisionSpec spec) {
        if (spec.projectID() == null) {
            return Optional.of("spec.projectID is needed to approve: the project that the request proved, in the"
                    + " ProjectSet's status.requests.");
        }
        return spec.expiresAt() != null && FieldRules.time(spec.expiresAt()).isEmpty()
                ? Optional.of("spec.expiresAt must be an RFC 3339 time, such as 2027-01-31T00:00:00Z.")
                : Optional.empty();
    }

    private static Optional<String> denial(ImageAccessDecisionSpec spec) {
        return spec.expiresAt() != null
                ? Optional.of("spec.expiresAt goes with decision Approved only; a denial holds as long as it exists.")
                : Optional.empty();
    }

    private static boolean isNamespace(@Nullable String name) {
        return FieldRules.isObjectName(name) && name != null && name.length() <= MAX_NAMESPACE && name.indexOf('.') < 0;
    }

    /** How long the access is asked for; empty if without end. */
    static Optional<Duration> duration(ImageAccessRequestSpec spec) {
        return spec.duration() == null
                ? Optional.empty()
                : GoDuration.parse(spec.duration()).filter(duration -> duration.compareTo(LEAST) >= 0);
    }
}
