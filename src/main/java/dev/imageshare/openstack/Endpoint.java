package dev.imageshare.openstack;

import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Base URLs, out of a clouds.yaml or a catalog: untrusted text. */
final class Endpoint {
    private Endpoint() {}

    /** The URL without slashes at its end; null unless it is http or https with a host, and has neither user, query nor fragment. */
    static @Nullable HttpUrl parse(String text) {
        // a blank inside would be encoded, with what was meant for another line, perhaps a password
        HttpUrl url = text.strip().matches("\\S+") ? HttpUrl.parse(text.strip()) : null;
        if (url == null
                || !url.username().isEmpty()
                || !url.password().isEmpty()
                || url.query() != null
                || url.fragment() != null) {
            return null;
        }
        return withoutSlash(url);
    }

    /** {@code /v2}, {@code /v2.15} or {@code /v1} at the end is taken off: catalogs have the Image service with and without. */
    static HttpUrl withoutVersion(HttpUrl url) {
        int last = url.pathSize() - 1;
        return url.pathSegments().get(last).matches("v\\d{1,2}(\\.\\d{1,3})?")
                ? withoutSlash(url.newBuilder().removePathSegment(last).build())
                : url;
    }

    static HttpUrl child(HttpUrl base, String segment) {
        return base.newBuilder().addPathSegment(segment).build();
    }

    /** What a limit or a message is about. */
    static String of(HttpUrl url) {
        return url.scheme() + "://" + host(url);
    }

    /** Whose service it is: scheme, host without a final dot, and port; OkHttp has the host in lower case already. */
    static String origin(HttpUrl url) {
        String host =
                url.host().endsWith(".") ? url.host().substring(0, url.host().length() - 1) : url.host();
        return url.scheme() + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + url.port();
    }

    static String host(HttpUrl url) {
        String name = url.host().contains(":") ? "[" + url.host() + "]" : url.host();
        return name + ":" + url.port();
    }

    private static HttpUrl withoutSlash(HttpUrl url) {
        HttpUrl.Builder builder = url.newBuilder();
        for (int last = url.pathSize() - 1;
                last > 0 && url.pathSegments().get(last).isEmpty();
                last--) {
            builder.removePathSegment(last);
        }
        return builder.build();
    }
}
