/**
 * Faults between the operator and its two servers, by name: what can happen to a call to Keystone or Glance, and to one to
 * the Kubernetes API. {@code deploy/docs/faults.md} tells users what the operator does then.
 */
package dev.imageshare.faults;
