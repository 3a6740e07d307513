package dev.imageshare.openstack;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Failures as a cloud's answers would make them, for tests of who handles them. */
public final class Failures {

    private Failures() {}

    public static OpenStackException of(OpenStackException.Kind kind) {
        return of(kind, null);
    }

    public static OpenStackException of(OpenStackException.Kind kind, @Nullable Duration retryAfter) {
        return new OpenStackException(kind, "the cloud's words", 0, null, retryAfter, false);
    }
}
