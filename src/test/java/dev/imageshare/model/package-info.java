/**
 * The operator driven on one thread against the embedded services, by random sequences of wishes, foreign changes, faults,
 * kills and restarts, and judged by a small model on the record of every request.
 */
package dev.imageshare.model;
