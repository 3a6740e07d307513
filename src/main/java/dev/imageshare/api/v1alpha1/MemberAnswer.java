package dev.imageshare.api.v1alpha1;

/** A member's own answer, spelled as the Image service spells it. */
public enum MemberAnswer {
    pending,
    accepted,
    rejected
}
