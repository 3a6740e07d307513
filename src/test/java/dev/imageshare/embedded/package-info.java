/**
 * What the operator talks to, for tests and for the try-out: Keystone and Glance, embedded or the real ones of {@code
 * src/test/openstack/openstack-lab.sh} behind the same interface; and an embedded Kubernetes API, which kubectl can use
 * too. None of it is in the product.
 */
package dev.imageshare.embedded;
