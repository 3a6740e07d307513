package dev.imageshare.openstack;

import java.util.List;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Base URLs from a clouds.yaml or a catalog: untrusted text. */
final class Endpoint {
    private static final String VERSION = "v\\d{1,2}(\\.\\d{1,3})?";

    private Endpoint() {}

    /**
     * The URL without trailing slashes; null unless it is http or https with a host, and has no user, query or
     * fragment.
     */
    static @Nullable HttpUrl parse(String text) {
        // a blank inside would be encoded, together with text meant for another line, perhaps a password
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

    /**
     * Removes {@code /v2}, {@code /v2.15} or {@code /v1} at the end: catalogs have the Image service with and without a
     * version.
     */
    static HttpUrl withoutVersion(HttpUrl url) {
        int last = url.pathSize() - 1;
        return url.pathSegments().get(last).matches(VERSION)
                ? withoutSlash(url.newBuilder().removePathSegment(last).build())
                : url;
    }

    /**
     * Where an Image service is.
     *
     * @param base without a version, where its version document is
     * @param api the prefix of {@code /images}: the base with {@code /v2}, and with the project if the catalog has it
     */
    record ImageService(HttpUrl base, HttpUrl api) {}

    /**
     * Catalogs have the Image service with and without a version, and also as {@code /v2/PROJECT}, such as Rackspace's,
     * where keystoneauth keeps the project too.
     */
    static ImageService image(HttpUrl url, String project) {
        List<String> path = url.pathSegments();
        int last = path.size() - 1;
        if (last > 0
                && (path.get(last).equals(project) || path.get(last).equals("AUTH_" + project))
                && path.get(last - 1).matches(VERSION)) {
            HttpUrl base = withoutSlash(url.newBuilder()
                    .removePathSegment(last)
                    .removePathSegment(last - 1)
                    .build());
            return new ImageService(base, child(child(base, "v2"), path.get(last)));
        }
        HttpUrl base = withoutVersion(url);
        return new ImageService(base, child(base, "v2"));
    }

    static HttpUrl child(HttpUrl base, String segment) {
        return base.newBuilder().addPathSegment(segment).build();
    }

    /** The key of a limit, and how messages name the endpoint. */
    static String of(HttpUrl url) {
        return url.scheme() + "://" + host(url);
    }

    /**
     * Identifies the service: scheme, host without a trailing dot, and port. In OkHttp the host is in lower case
     * already.
     */
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
