package dev.imageshare.faults;

import java.util.Optional;
import java.util.regex.Pattern;

/** The kinds of calls that the operator makes to Keystone and Glance. */
public enum CloudCall {
    LOGIN("POST", ".*/auth/tokens"),
    IMAGE_LIST("GET", "/v2/images"),
    IMAGE_SHOW("GET", "/v2/images/[^/]+"),
    MEMBER_LIST("GET", "/v2/images/[^/]+/members"),
    MEMBER_SHOW("GET", "/v2/images/[^/]+/members/[^/]+"),
    MEMBER_CREATE("POST", "/v2/images/[^/]+/members"),
    MEMBER_DELETE("DELETE", "/v2/images/[^/]+/members/[^/]+"),
    MEMBER_UPDATE("PUT", "/v2/images/[^/]+/members/[^/]+"),
    /** Asks an old Glance whether its private images have members. */
    VERSION_LIST("GET", "/(versions)?"),
    /** The names of projects whose removal is held. */
    PROJECT_LIST("GET", "/v3/projects");

    private final String method;
    private final Pattern path;

    CloudCall(String method, String path) {
        this.method = method;
        this.path = Pattern.compile(path);
    }

    /** The kind of a call; empty for one that the operator doesn't make. */
    public static Optional<CloudCall> of(String method, String path) {
        for (var call : values()) {
            if (call.method.equals(method) && call.path.matcher(path).matches()) {
                return Optional.of(call);
            }
        }
        return Optional.empty();
    }

    public boolean isList() {
        return this == IMAGE_LIST || this == MEMBER_LIST;
    }

    public boolean isWrite() {
        return this == MEMBER_CREATE || this == MEMBER_DELETE || this == MEMBER_UPDATE;
    }
}
