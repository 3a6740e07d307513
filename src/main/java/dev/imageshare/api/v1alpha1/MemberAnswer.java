package dev.imageshare.api.v1alpha1;

/** A member's answer, with the names that the Image service uses. */
public enum MemberAnswer {
    pending,
    accepted,
    rejected
}
