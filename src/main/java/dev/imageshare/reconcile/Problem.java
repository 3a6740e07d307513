package dev.imageshare.reconcile;

import dev.imageshare.openstack.OpenStackException;
import java.time.Duration;
import java.util.Optional;

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
            case UNREACHABLE, TIMEOUT, SERVER_ERROR, MALFORMED_ANSWER, ANSWER_TOO_LARGE -> Reason.CloudUnreachable;
            case BAD_REQUEST, CONFLICT -> Reason.PartiallySynced;
            case INTERRUPTED -> Reason.Progressing;
        };
        return new Problem(reason, e.getMessage(), e.retryAfter());
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }
}
