package dev.imageshare.cli;

import java.util.Objects;

/** A text that kubectl couldn't read either. */
final class Malformed extends Exception {

    /** From 1; 0 if it isn't known. */
    private final int line;

    /**
     * @param message what is wrong, for users
     */
    Malformed(int line, String message) {
        super(message, null, false, false);
        this.line = line;
    }

    int line() {
        return line;
    }

    /** The same in a text that begins some lines earlier. */
    Malformed after(int lines) {
        return line == 0 ? this : new Malformed(line + lines, getMessage());
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
