package dev.imageshare.cli;

/** Ends a command with exit code 1; the message is one line for people that says what to do. */
final class CommandFailure extends RuntimeException {
    CommandFailure(String message) {
        super(message, null, false, false);
    }
}
