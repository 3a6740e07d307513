package dev.imageshare.reconcile;

/** The pass must not go on, by nobody's fault, and another one is due at once. */
public class PassAbandonedException extends RuntimeException {

    public PassAbandonedException(String message) {
        super(message, null, false, false);
    }
}
