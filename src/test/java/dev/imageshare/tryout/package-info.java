/** The try-out: the operator on an embedded Kubernetes and an embedded OpenStack, shown live in a terminal. */
package dev.imageshare.tryout;
