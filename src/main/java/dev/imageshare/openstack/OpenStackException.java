package dev.imageshare.openstack;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Any failure of a call to OpenStack. The message is one line that can be shown to a user: what was requested from
 * which host, what came back, and what to do about it. It contains no password and no token, and there is no cause: the
 * causes of an HTTP client quote headers and responses.
 */
public final class OpenStackException extends RuntimeException {

    /** What went wrong, as far as the response shows. */
    public enum Kind {
        /** The clouds.yaml or the CA can't be used as it is, or its auth_url is not a Keystone v3. */
        INVALID_CONFIG,
        /** The token's catalog has no image endpoint with the requested interface and region. */
        NO_IMAGE_SERVICE,
        /**
         * Keystone issued a token without a project, with which Glance answers 200 and empty lists, or for another
         * project than the entry names.
         */
        NOT_SCOPED,
        /** Keystone refused the credentials: 401, 403, or 404 for an unknown application credential. */
        LOGIN_REFUSED,
        /** The server's certificate is not trusted, or is for another host name. */
        TLS_UNTRUSTED,
        /** No connection, or one that ended before the response was complete. */
        UNREACHABLE,
        /** No complete response in time. */
        TIMEOUT,
        /** 5xx. */
        SERVER_ERROR,
        /** A response that is not Keystone's or Glance's, or lacks required data. */
        MALFORMED_ANSWER,
        /** A longer response, or more pages, than {@link AnswerLimits} allow. */
        ANSWER_TOO_LARGE,
        /** A response for which there was no memory at that moment: see {@link AnswerLimits#inFlight}. */
        OVERLOADED,
        /** 429. */
        RATE_LIMITED,
        /** 400 and other 4xx, or rejected here before anything was sent. */
        BAD_REQUEST,
        /** Glance's 401, even with a new token: see the message for what else it can mean. */
        UNAUTHORIZED,
        /** 403: not the owner, not a shared image, or a policy. */
        FORBIDDEN,
        /** 404 in Glance's own words: no such image or member, or not visible to this project. */
        NOT_FOUND,
        /** 409: the member may exist already. */
        CONFLICT,
        /** 413: the image has as many members as Glance allows. Takes precedence over 409 when the quota is full. */
        QUOTA_EXCEEDED,
        /** Abandoned: this thread was interrupted (its interrupt flag is kept), or the call is no longer wanted. */
        INTERRUPTED;

        /**
         * Whether most likely the entry has to be corrected, or what it points to is broken: a message says which entry
         * it is.
         */
        boolean isAboutEntry() {
            return switch (this) {
                case INVALID_CONFIG,
                        NO_IMAGE_SERVICE,
                        NOT_SCOPED,
                        LOGIN_REFUSED,
                        TLS_UNTRUSTED,
                        UNREACHABLE,
                        TIMEOUT,
                        UNAUTHORIZED -> true;
                default -> false;
            };
        }
    }

    private final Kind kind;
    private final int status;
    private final @Nullable String requestId;
    private final @Nullable Duration retryAfter;
    private final boolean outcomeUnknown;

    OpenStackException(Kind kind, String message) {
        this(kind, message, 0, null, null, false);
    }

    OpenStackException(
            Kind kind,
            String message,
            int status,
            @Nullable String requestId,
            @Nullable Duration retryAfter,
            boolean outcomeUnknown) {
        super(message);
        this.kind = kind;
        this.status = status;
        this.requestId = requestId;
        this.retryAfter = retryAfter;
        this.outcomeUnknown = outcomeUnknown;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public Kind kind() {
        return kind;
    }

    /** The HTTP status, 0 if there was no response. */
    public int status() {
        return status;
    }

    /** The ID under which the service's log has the request; null if there is no known one. */
    public @Nullable String requestId() {
        return requestId;
    }

    /** How long the service asks to wait: its {@code Retry-After}, at most one hour. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Whether the same call may succeed later without intervention. */
    public boolean retryable() {
        return switch (kind) {
            case UNREACHABLE, TIMEOUT, SERVER_ERROR, MALFORMED_ANSWER, OVERLOADED, RATE_LIMITED, INTERRUPTED -> true;
            default -> false;
        };
    }

    /** Whether a write may have taken effect nevertheless: read before you send it again. */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
