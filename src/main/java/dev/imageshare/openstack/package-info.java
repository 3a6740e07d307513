/**
 * OpenStack as this operator needs it: clouds.yaml, a Keystone session, the Image service's image and member calls, and
 * one typed failure. Independent of Kubernetes.
 */
@NullMarked
package dev.imageshare.openstack;

import org.jspecify.annotations.NullMarked;
