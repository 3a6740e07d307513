package dev.imageshare.operator;

/**
 * Something that the operator needs to start is missing. The message is one sentence on what is missing, and one on how
 * to fix it; it contains no secret, and is logged without a stack trace.
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
