package dev.imageshare.reconcile;

/** Whether what a pass set out to do is still to be done; asked right before each write, and quick. */
public interface Mandate {

    /** Whether the object is still the one that this pass is about, and this process still leads. */
    boolean holds();

    /** Whether this process still leads. */
    boolean leads();
}
