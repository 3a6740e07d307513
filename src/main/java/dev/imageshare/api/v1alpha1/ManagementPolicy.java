package dev.imageshare.api.v1alpha1;

/** Whether the operator writes to OpenStack for an object; the name and values are ORC's. */
public enum ManagementPolicy {
    managed,
    unmanaged
}
