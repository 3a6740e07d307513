package dev.imageshare.embedded;

import com.sun.net.httpserver.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as it came. */
record Incoming(String method, String path, @Nullable String query, Headers headers, String body) {

    /**
     * The decoded path's segments. WSGI servers decode before the routes are matched, so an encoded slash does separate,
     * and to Latin-1, so an ID beyond ASCII is not found.
     */
    List<String> segments() {
        // not URLDecoder's form decoding of "+"
        String decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
        return Arrays.asList(decoded.substring(1).split("/", -1));
    }

    Map<String, List<String>> parameters() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        if (query != null && !query.isEmpty()) {
            for (String pair : query.split("&")) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                found.computeIfAbsent(URLDecoder.decode(name, StandardCharsets.UTF_8), unused -> new ArrayList<>())
                        .add(URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return found;
    }
}
