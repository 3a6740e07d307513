package dev.imageshare.reconcile;

import dev.imageshare.openstack.OpenStackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What keeps an object from being Ready.
 *
 * @param reason the typed reason
 * @param message what is wrong and what to do, for people; holds no secret
 * @param retryAfter how long the cloud asked to be left alone
 */
public record Problem(Reason reason, String message, Optional<Duration> retryAfter) {

    public static Problem of(Reason reason, String message) {
        return new Problem(reason, message, Optional.empty());
    }

    /** What a failed call to the cloud means when nothing more is known of the circumstances. */
    public static Problem of(OpenStackException e) {
        var reason = switch (e.kind()) {
            case INVALID_CONFIG, NO_IMAGE_SERVICE, NOT_SCOPED, TLS_UNTRUSTED -> Reason.CredentialsInvalid;
            case LOGIN_REFUSED, UNAUTHORIZED -> Reason.AuthenticationFailed;
            case FORBIDDEN -> Reason.Forbidden;
            case NOT_FOUND -> Reason.ImageNotFound;
            case QUOTA_EXCEEDED -> Reason.QuotaExceeded;
            case RATE_LIMITED -> Reason.RateLimited;
            case UNREACHABLE, TIMEOUT, SERVER_ERROR, MALFORMED_ANSWER, ANSWER_TOO_LARGE, OVERLOADED ->
                Reason.CloudUnreachable;
            case BAD_REQUEST, CONFLICT -> Reason.PartiallySynced;
            case INTERRUPTED -> Reason.Progressing;
        };
        return new Problem(reason, e.getMessage(), e.retryAfter());
    }

    /**
     * What failed for some of many, one problem a reason, naming each.
     *
     * @param introduction such as {@code Not added}
     * @param failed why, by ID
     */
    public static List<Problem> ofMany(String introduction, Map<String, OpenStackException> failed) {
        var byReason = new EnumMap<Reason, Map<String, OpenStackException>>(Reason.class);
        failed.forEach((id, failure) -> byReason.computeIfAbsent(reasonAmongMany(failure), r -> new TreeMap<>())
                .put(id, failure));
        var problems = new ArrayList<Problem>();
        byReason.forEach((reason, failures) -> {
            var text = introduction + ": " + EventRecorder.names(failures.keySet()) + ". "
                    + failures.values().iterator().next().getMessage();
            var retryAfter = failures.values().stream()
                    .flatMap(f -> f.retryAfter().stream())
                    .max(Duration::compareTo);
            problems.add(new Problem(reason, text, retryAfter));
        });
        return problems;
    }

    private static Reason reasonAmongMany(OpenStackException failure) {
        return switch (failure.kind()) {
            // What failed for one, or for the image between two calls: another try is coming.
            case BAD_REQUEST, CONFLICT, SERVER_ERROR, MALFORMED_ANSWER, ANSWER_TOO_LARGE, OVERLOADED, NOT_FOUND ->
                Reason.PartiallySynced;
            default -> of(failure).reason();
        };
    }

    /** The same with more to say. */
    public Problem saying(String more) {
        return new Problem(reason, message + more, retryAfter);
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }
}
