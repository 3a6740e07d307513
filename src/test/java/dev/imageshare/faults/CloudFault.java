package dev.imageshare.faults;

import dev.imageshare.embedded.Fault;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;

/** What can happen to one call to Keystone or Glance. */
public enum CloudFault {
    REFUSED((call, end) -> new Fault.Down()),
    RESET_BEFORE((call, end) -> new Fault.Drop(false)),
    RESET_AFTER((call, end) -> new Fault.Drop(true)),
    TIME_OUT((call, end) -> new Fault.Hang(end)),
    SLOW_BODY((call, end) -> new Fault.SlowBody(end)),
    CUT_BODY((call, end) -> new Fault.CutBody(20)),
    BAD_REQUEST_400((call, end) -> error(call, 400, "Bad Request")),
    UNAUTHORIZED_401((call, end) -> error(call, 401, "Unauthorized")),
    FORBIDDEN_403((call, end) -> error(call, 403, "Forbidden")),
    NOT_FOUND_404((call, end) -> error(call, 404, "Not Found")),
    CONFLICT_409((call, end) -> error(call, 409, "Conflict")),
    TOO_LARGE_413((call, end) -> error(call, 413, "Request Entity Too Large")),
    RATE_LIMITED_429((call, end) -> error(call, 429, "Too Many Requests")),
    RATE_LIMITED_429_RETRY_AFTER((call, end) -> new Fault.Canned(429, Map.of("Retry-After", "2"), "")),
    SERVER_ERROR_500((call, end) -> error(call, 500, "Internal Server Error")),
    BAD_GATEWAY_502((call, end) -> html(502)),
    UNAVAILABLE_503((call, end) -> html(503)),
    GATEWAY_TIME_OUT_504((call, end) -> html(504)),
    INVALID_JSON((call, end) -> Fault.canned(good(call), "{\"members\": [")),
    PROXY_HTML((call, end) -> html(200)),
    EMPTY_LIST((call, end) -> Fault.canned(200, "{\"" + listed(call) + "\":[]}")),
    STALE_LIST((call, end) -> new Fault.Stale()),
    TOKEN_ENDS((call, end) -> new Fault.TokenEnds());

    private final BiFunction<CloudCall, CountDownLatch, Fault> fault;

    CloudFault(BiFunction<CloudCall, CountDownLatch, Fault> fault) {
        this.fault = fault;
    }

    /** Whether it can happen to a call of this kind. */
    public boolean fits(CloudCall call) {
        return switch (this) {
            case EMPTY_LIST, STALE_LIST -> call.isList();
            case TOKEN_ENDS -> call != CloudCall.LOGIN;
            // A DELETE's answer has no body, so none that could be cut, slow or invalid.
            case SLOW_BODY, CUT_BODY, INVALID_JSON -> call != CloudCall.MEMBER_DELETE;
            default -> true;
        };
    }

    /** Whether the call may take effect all the same. */
    public boolean mayTakeEffect() {
        return switch (this) {
            case RESET_AFTER, TIME_OUT, SLOW_BODY, CUT_BODY, TOKEN_ENDS -> true;
            default -> false;
        };
    }

    /** Whether it takes as long as the operator waits, so that a test that counts on its own clock can't use it. */
    public boolean takesTime() {
        return this == TIME_OUT || this == SLOW_BODY;
    }

    /**
     * The fault.
     *
     * @param end ends what waits
     */
    public Fault on(CloudCall call, CountDownLatch end) {
        return fault.apply(call, end);
    }

    private static String listed(CloudCall call) {
        return switch (call) {
            case IMAGE_LIST -> "images";
            case PROJECT_LIST, ASSIGNED_PROJECT_LIST -> "projects";
            default -> "members";
        };
    }

    private static int good(CloudCall call) {
        return call == CloudCall.LOGIN ? 201 : 200;
    }

    /** As Keystone and Glance word it. */
    private static Fault error(CloudCall call, int status, String title) {
        var message = "Spoiled for a test.";
        return Fault.canned(
                status,
                call.isKeystones()
                        ? "{\"error\":{\"code\":%d,\"message\":\"%s\",\"title\":\"%s\"}}"
                                .formatted(status, message, title)
                        : "{\"message\":\"%s\",\"code\":\"%d %s\",\"title\":\"%s\"}"
                                .formatted(message, status, title, title));
    }

    /** As something in between words it. */
    private static Fault html(int status) {
        return new Fault.Canned(
                status, Map.of("Content-Type", "text/html"), "<html><body><h1>" + status + "</h1></body></html>");
    }
}
