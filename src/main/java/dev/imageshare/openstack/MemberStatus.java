package dev.imageshare.openstack;

/** A member's own answer to a shared image, spelled as the Image service spells it. */
public enum MemberStatus {
    pending,
    accepted,
    rejected
}
