package dev.imageshare.openstack;

import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param source the entry that it is sent for, for messages
 * @param service the service that it is sent to
 * @param what a description for messages
 * @param template the path with placeholders, for the log
 * @param requestId sent along, so that a request without a response can be found in the service's log
 * @param write whether it changes something
 * @param body or null
 * @param token Keystone's, or null
 * @param authorization the header of that name, or null
 * @param secrets what must not be shown even if the service repeats it
 */
record Ask(
        String source,
        Service service,
        String method,
        HttpUrl url,
        String what,
        String template,
        String requestId,
        boolean write,
        @Nullable RequestBody body,
        @Nullable String token,
        @Nullable String authorization,
        List<String> secrets) {

    enum Service {
        KEYSTONE,
        /** Uses the request ID that is sent as its own; Keystone doesn't. */
        GLANCE,
        /** An OpenID Connect provider. */
        PROVIDER
    }

    private static final MediaType JSON = MediaType.get("application/json");

    static RequestBody json(String text) {
        return RequestBody.create(text, JSON);
    }

    /** Whether the request can safely be sent again unchanged: it reads, or only creates one more token. */
    boolean repeatable() {
        return !write;
    }

    /** "DELETE member M of image I at glance:9292". */
    @Override
    public String toString() {
        return method + " " + what + " at " + Endpoint.host(url);
    }
}
