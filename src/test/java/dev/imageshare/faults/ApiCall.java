package dev.imageshare.faults;

import java.util.Optional;
import java.util.regex.Pattern;

/** The kinds of calls that the operator makes to the Kubernetes API. */
public enum ApiCall {
    LIST("GET", "/api.*/(imageshares|imageacceptances|secrets)"),
    WATCH("WATCH", "/api.*/(imageshares|imageacceptances|secrets)"),
    OBJECT_READ("GET", "/apis/imageshare.dev/.*/imageshares/[^/]+"),
    FINALIZER_PATCH("PATCH", "/apis/imageshare.dev/.*/imageshares/[^/]+"),
    STATUS_PATCH("PATCH", "/apis/imageshare.dev/.*/status"),
    SECRET_READ("GET", "/api/v1/namespaces/[^/]+/secrets/[^/]+"),
    SECRET_PATCH("PATCH", "/api/v1/namespaces/[^/]+/secrets/[^/]+"),
    EVENT("POST|PATCH", "/api/v1/namespaces/[^/]+/events.*");

    private final Pattern method;
    private final Pattern path;

    ApiCall(String method, String path) {
        this.method = Pattern.compile(method);
        this.path = Pattern.compile(path);
    }

    /** The kind of a call, where a watch has the method {@code WATCH}; empty for one that isn't among them. */
    public static Optional<ApiCall> of(String method, String path) {
        for (var call : values()) {
            if (call.method.matcher(method).matches() && call.path.matcher(path).matches()) {
                return Optional.of(call);
            }
        }
        return Optional.empty();
    }
}
