/**
 * The plan: which members an image gets and loses. Pure: no I/O, no clock, no state; knows neither HTTP nor Kubernetes.
 * The reconciler, the unmanaged mode and the command line all use this one function.
 */
@NullMarked
package dev.imageshare.membership;

import org.jspecify.annotations.NullMarked;
