/**
 * What the reconcilers of both kinds share: credentials from Secrets, reasons and conditions, status patches, events,
 * back-off. Knows the api and openstack, and neither kind.
 */
@NullMarked
package dev.imageshare.reconcile;

import org.jspecify.annotations.NullMarked;
