package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.projectset.ProjectSetRules;
import dev.imageshare.reconcile.FieldRules;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the decisions about a request come to, for one project. */
sealed interface AccessVerdict {

    /** Nothing was decided. */
    record Undecided() implements AccessVerdict {}

    /**
     * Somebody said no.
     *
     * @param message what the team that asked is told; null for nothing
     */
    record Denied(@Nullable String message) implements AccessVerdict {}

    /**
     * The project may be in the set.
     *
     * @param end until then; null: without end
     * @param message what the team that asked is told; null for nothing
     */
    record Granted(@Nullable Instant end, @Nullable String message) implements AccessVerdict {

        boolean hasEnded(Instant now) {
            return end != null && !now.isBefore(end);
        }

        private boolean isLongerThan(Granted other) {
            return other.end != null && (end == null || end.isAfter(other.end));
        }
    }

    /**
     * Whether a decision is about a request, for whatever project.
     *
     * @param decision from the set's namespace
     */
    static boolean isAbout(ImageAccessDecision decision, ImageAccessRequest request) {
        var spec = decision.getSpec();
        var set = request.getSpec().projectSetRef();
        if (spec == null
                || spec.requestRef() == null
                || spec.projectSetRef() == null
                || set == null
                || decision.isMarkedForDeletion()) {
            return false;
        }
        var ref = spec.requestRef();
        var metadata = request.getMetadata();
        return Objects.equals(decision.getMetadata().getNamespace(), set.namespace())
                && Objects.equals(spec.projectSetRef().name(), set.name())
                && Objects.equals(ref.namespace(), metadata.getNamespace())
                && Objects.equals(ref.name(), metadata.getName())
                && (ref.uid() == null || ref.uid().equals(metadata.getUid()));
    }

    /**
     * What a set's policy and the decisions come to. Pure: the end may have come.
     *
     * @param policy of a set that admits the request's namespace
     * @param decisions those that are {@linkplain #isAbout about} the request
     * @param project the project that the request proved; null if none is known, so that only a denial counts
     */
    static AccessVerdict of(
            ImageAccessRequest request,
            RequestPolicy policy,
            Collection<ImageAccessDecision> decisions,
            @Nullable String project) {
        var denial = decisions.stream()
                .map(ImageAccessDecision::getSpec)
                .filter(spec -> spec.decision() == DecisionType.Denied
                        && (spec.projectID() == null || spec.projectID().equals(project)))
                .findFirst();
        if (denial.isPresent()) {
            return new Denied(denial.get().message());
        }
        if (project == null) {
            return new Undecided();
        }
        var automatic = policy.approval() == ApprovalMode.Automatic
                ? Stream.of(new Granted(end(request, request, policy), null))
                : Stream.<Granted>empty();
        var manual = decisions.stream().flatMap(decision -> granted(decision, request, policy, project).stream());
        return Stream.concat(automatic, manual)
                .reduce((one, other) -> other.isLongerThan(one) ? other : one)
                .<AccessVerdict>map(granted -> granted)
                .orElseGet(Undecided::new);
    }

    private static Optional<Granted> granted(
            ImageAccessDecision decision, ImageAccessRequest request, RequestPolicy policy, String project) {
        var spec = decision.getSpec();
        if (spec.decision() != DecisionType.Approved || !project.equals(spec.projectID())) {
            return Optional.empty();
        }
        var cut = end(decision, request, policy);
        if (spec.expiresAt() == null) {
            return Optional.of(new Granted(cut, spec.message()));
        }
        // A time that can't be read may not pass for none.
        return ofDecision(spec).map(end -> new Granted(earlier(cut, end), spec.message()));
    }

    private static Optional<Instant> ofDecision(ImageAccessDecisionSpec spec) {
        return FieldRules.time(Objects.requireNonNull(spec.expiresAt()));
    }

    /**
     * When the request's duration and the set's maxDuration are over.
     *
     * @param from what the access begins with
     */
    private static @Nullable Instant end(HasMetadata from, ImageAccessRequest request, RequestPolicy policy) {
        var begin = created(from);
        return Stream.of(AccessRules.duration(request.getSpec()), ProjectSetRules.maxDuration(policy))
                .flatMap(Optional::stream)
                .map(begin::plus) // at most 292 years
                .min(Instant::compareTo)
                .orElse(null);
    }

    /** The API server sets it, and nobody can change it. */
    static Instant created(HasMetadata object) {
        return Instant.parse(object.getMetadata().getCreationTimestamp());
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
        return one == null || other.isBefore(one) ? other : one;
    }
}
