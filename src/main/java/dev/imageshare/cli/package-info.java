/**
 * The command line: plan, export, report, projects, look, site and dashboard, for people and for CI. They never write to
 * OpenStack; what they plan, the operator's own code plans. Nothing of the SDK's or of Fabric8's client is loaded unless a
 * command asks a cluster: they are to start at once.
 */
@NullMarked
package dev.imageshare.cli;

import org.jspecify.annotations.NullMarked;
