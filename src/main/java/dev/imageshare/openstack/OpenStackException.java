package dev.imageshare.openstack;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Any failure of a call to OpenStack. The message is one line that can be shown to a user: what was asked of which host,
 * what came back, and what to do about it. It holds no password and no token, and there is no cause: the causes of an
 * HTTP client quote headers and answers.
 */
public final class OpenStackException extends RuntimeException {

    /** What went wrong, as far as the answer tells. */
    public enum Kind {
        /** The clouds.yaml or the CA can't be used as it is, or its auth_url is not a Keystone v3. */
        INVALID_CONFIG,
        /** The token's catalog has no image endpoint of the interface and region asked for. */
        NO_IMAGE_SERVICE,
        /**
         * Keystone gave a token without a project, with which Glance answers 200 and empty lists, or of another project than
         * the entry names.
         */
        NOT_SCOPED,
        /** Keystone refused the credentials: 401, 403, or 404 for an unknown application credential. */
        LOGIN_REFUSED,
        /** The server's certificate is not trusted, or is for another host name. */
        TLS_UNTRUSTED,
        /** No connection, or one that ended before the whole answer came. */
        UNREACHABLE,
        /** No whole answer in time. */
        TIMEOUT,
        /** 5xx. */
        SERVER_ERROR,
        /** An answer that is not Keystone's or Glance's, or lacks what it must have. */
        MALFORMED_ANSWER,
        /** A longer answer, or more pages, than {@link AnswerLimits} allow. */
        ANSWER_TOO_LARGE,
        /** An answer for which there was no memory at that moment: see {@link AnswerLimits#inFlight}. */
        OVERLOADED,
        /** 429. */
        RATE_LIMITED,
        /** 400 and other 4xx, or refused here before anything was sent. */
        BAD_REQUEST,
        /** Glance's 401, also with a new token: see the message for what else it can mean. */
        UNAUTHORIZED,
        /** 403: not the owner, not a shared image, or a policy. */
        FORBIDDEN,
        /** 404 in Glance's own words: no such image or member, or not for this project to see. */
        NOT_FOUND,
        /** 409: the member may be there already. */
        CONFLICT,
        /** 413: the image has as many members as Glance allows. Comes before 409 when the quota is full. */
        QUOTA_EXCEEDED,
        /** Given up: this thread was interrupted (its interrupt flag is kept), or the call is no longer wanted. */
        INTERRUPTED;

        /** Whether most likely the entry is to be corrected, or what it leads to is out of order: a message says which it is. */
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

    /** The HTTP status, 0 if there was no answer. */
    public int status() {
        return status;
    }

    /** The ID under which the service's log has the request; null if no log has it under one that is known here. */
    public @Nullable String requestId() {
        return requestId;
    }

    /** How long the service asks to be left alone: its {@code Retry-After}, at most one hour. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Whether the same call may succeed later without anybody's doing. */
    public boolean retryable() {
        return switch (kind) {
            case UNREACHABLE, TIMEOUT, SERVER_ERROR, MALFORMED_ANSWER, OVERLOADED, RATE_LIMITED, INTERRUPTED -> true;
            default -> false;
        };
    }

    /** Whether a write may have taken effect all the same: read before you send it again. */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
