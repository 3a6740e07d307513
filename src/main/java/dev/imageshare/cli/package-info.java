/**
 * The command line: plan, export, report, projects, look, site and dashboard, for people and for CI. The commands never
 * write to OpenStack, and plan with the operator's own code. The SDK and Fabric8's client are only loaded if a command
 * needs a cluster, so that commands start quickly.
 */
@NullMarked
package dev.imageshare.cli;

import org.jspecify.annotations.NullMarked;
