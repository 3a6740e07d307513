package dev.imageshare.operator;

/**
 * Something that the operator needs to start is missing. The message is one sentence on what, and one on how to mend it; it
 * holds no secret, and is logged as it is, without a stack trace.
 */
final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
