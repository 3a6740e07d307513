/** The process: command line, settings, wiring, probes and metrics. */
@NullMarked
package dev.imageshare.operator;

import org.jspecify.annotations.NullMarked;
