package dev.imageshare.openstack;

import java.util.List;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param what for a message, in words
 * @param template the path with placeholders, for the log
 * @param requestId sent along, so that a request without an answer can be found in the service's log
 * @param write whether it changes something when it is carried out
 * @param body JSON, or null
 * @param token or null
 * @param secrets what must not be shown even if the service repeats it
 */
record Ask(
        String method,
        HttpUrl url,
        String what,
        String template,
        String requestId,
        boolean write,
        @Nullable String body,
        @Nullable String token,
        List<String> secrets) {

    /** "DELETE member M of image I at glance:9292". */
    @Override
    public String toString() {
        return method + " " + what + " at " + Endpoint.host(url);
    }
}
