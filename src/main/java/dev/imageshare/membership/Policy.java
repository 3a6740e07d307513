package dev.imageshare.membership;

/** Which present members a declaration may remove. */
public enum Policy {
    /** Any that it doesn't declare. */
    AUTHORITATIVE,
    /** Only those that it added itself. */
    ADDITIVE
}
