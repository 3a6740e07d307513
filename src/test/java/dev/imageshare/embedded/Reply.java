package dev.imageshare.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of one of the two services. */
record Reply(int status, Map<String, String> headers, String body) {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(409, "Conflict"),
            Map.entry(413, "Request Entity Too Large"),
            Map.entry(500, "Internal Server Error"));

    static Reply json(int status, Object body) {
        return new Reply(status, Map.of("Content-Type", "application/json"), text(body));
    }

    static Reply empty(int status) {
        return new Reply(status, Map.of("Content-Type", "text/html; charset=UTF-8"), "");
    }

    /** As Keystone tells an error. */
    static Reply keystoneError(int status, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", status);
        error.put("message", message);
        error.put("title", TITLES.get(status));
        return json(status, Map.of("error", error));
    }

    /** As Glance tells an error to who accepts JSON: with HTML in it. */
    static Reply glanceError(int status, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", message + "<br /><br />\n\n\n");
        error.put("code", status + " " + TITLES.get(status));
        error.put("title", TITLES.get(status));
        return json(status, error);
    }

    Reply with(String header, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(header, value);
        return new Reply(status, all, body);
    }

    private static String text(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
