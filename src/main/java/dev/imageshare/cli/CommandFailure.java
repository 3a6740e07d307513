package dev.imageshare.cli;

/** Ends a command with exit code 1; the message is one line for users that says what to do. */
final class CommandFailure extends RuntimeException {

    private final int status;

    CommandFailure(String message) {
        this(0, message);
    }

    /**
     * @param status the status of a service's response; 0 if it wasn't called, or didn't respond
     */
    CommandFailure(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
