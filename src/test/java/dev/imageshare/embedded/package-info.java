/**
 * Keystone and Glance for tests and for the try-out: embedded, or the real ones of {@code
 * src/test/openstack/openstack-lab.sh} behind the same interface.
 */
package dev.imageshare.embedded;
