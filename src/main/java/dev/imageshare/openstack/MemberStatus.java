package dev.imageshare.openstack;

/** A member's answer to a shared image, with the names that the Image service uses. */
public enum MemberStatus {
    pending,
    accepted,
    rejected
}
