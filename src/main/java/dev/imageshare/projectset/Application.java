package dev.imageshare.projectset;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about one request for one project.
 *
 * @param source the request's name among a set's sources, see {@link Applications#source}
 * @param projectID the project, which the request proved in this process, or for which the set has this source already
 * @param projectName what Keystone calls it; null if unknown
 * @param granted whether it may be in the set; if not, it was denied
 * @param end from when on it no longer may, also if that has come; null: never
 */
public record Application(
        String source,
        String projectID,
        @Nullable String projectName,
        boolean granted,
        @Nullable Instant end) {}
