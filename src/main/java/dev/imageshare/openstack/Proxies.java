package dev.imageshare.openstack;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.Authenticator;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP proxy for a host, if there is one: like every OpenStack client, according to {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} and {@code NO_PROXY}.
 */
public final class Proxies extends ProxySelector {

    private static final Pattern ADDRESS =
            Pattern.compile("(?:http://)?(?:([^/@]*)@)?(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?/?");
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** @param credentials the header's value, or null */
    private record Way(String host, int port, @Nullable String credentials) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    private final Map<String, Way> ways;
    private final List<String> exceptions;

    private Proxies(Map<String, Way> ways, List<String> exceptions) {
        this.ways = Map.copyOf(ways);
        this.exceptions = List.copyOf(exceptions);
    }

    /** No proxy for any host. */
    public static Proxies none() {
        return new Proxies(Map.of(), List.of());
    }

    /**
     * The proxies from a process's environment.
     *
     * @param environment the variables, in upper or lower case; lower case takes precedence
     * @throws IllegalArgumentException a proxy is not {@code http://host:port}; the message names the variable
     */
    public static Proxies of(Map<String, String> environment) {
        Map<String, Way> ways = new HashMap<>();
        for (String scheme : List.of("https", "http")) {
            String name = scheme + "_proxy";
            String value = variable(environment, name);
            if (!value.isEmpty()) {
                ways.put(scheme, way(name.toUpperCase(Locale.ROOT), value));
            }
        }
        List<String> exceptions = Stream.of(variable(environment, "no_proxy").split("[,\\s]+"))
                .map(entry -> entry.toLowerCase(Locale.ROOT))
                .filter(entry -> !entry.isEmpty())
                .toList();
        return new Proxies(ways, exceptions);
    }

    private static String variable(Map<String, String> environment, String name) {
        String upper = environment.getOrDefault(name.toUpperCase(Locale.ROOT), "");
        return environment.getOrDefault(name, upper).strip();
    }

    private static Way way(String name, String value) {
        Matcher matcher = ADDRESS.matcher(value);
        int port = matcher.matches() && matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : 80;
        if (!matcher.matches() || port < 1 || port > 65_535) {
            // the value may contain a password
            throw new IllegalArgumentException(name + " must be the URL of an HTTP proxy, such as http://proxy:3128");
        }
        return new Way(matcher.group(2), port, credentials(name, matcher.group(1)));
    }

    private static @Nullable String credentials(String name, @Nullable String userInfo) {
        if (userInfo == null || userInfo.isEmpty()) {
            return null;
        }
        try {
            String[] parts = userInfo.split(":", 2);
            return Credentials.basic(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name + " has a user or password with a % that is not followed by two digits");
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public List<Proxy> select(URI uri) {
        Way way = uri.getHost() == null ? null : way(uri.getScheme(), uri.getHost(), uri.getPort());
        return List.of(
                way == null
                        ? Proxy.NO_PROXY
                        : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(way.host, way.port)));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // there is no second one
    }

    /** Whether requests to this URL use a proxy. */
    boolean leadTo(HttpUrl url) {
        return way(url.scheme(), url.host(), url.port()) != null;
    }

    /** How a message describes the way to this URL: empty without a proxy. */
    String way(HttpUrl url) {
        Way way = way(url.scheme(), url.host(), url.port());
        return way == null ? "" : " (through the proxy " + way + ")";
    }

    /** Sends a proxy the credentials from its own variable, once. */
    public Authenticator authenticator() {
        return (route, response) -> {
            HttpUrl url = response.request().url();
            Way way = way(url.scheme(), url.host(), url.port());
            if (way == null || way.credentials == null || response.request().header("Proxy-Authorization") != null) {
                return null;
            }
            return response.request()
                    .newBuilder()
                    .header("Proxy-Authorization", way.credentials)
                    .build();
        };
    }

    private @Nullable Way way(@Nullable String scheme, String host, int port) {
        Way way = scheme == null ? null : ways.get(scheme);
        if (way == null) {
            return null;
        }
        String bare = host.replaceAll("^\\[|]$", "").toLowerCase(Locale.ROOT);
        int known = port > 0 ? port : HttpUrl.defaultPort(String.valueOf(scheme));
        return exceptions.stream().anyMatch(exception -> excepts(exception, bare, known)) ? null : way;
    }

    private static boolean excepts(String exception, String host, int port) {
        String name = exception;
        Matcher withPort = Pattern.compile("(\\[.*]|[^:]*):(\\d+)").matcher(exception);
        if (withPort.matches()) {
            if (!withPort.group(2).equals(Integer.toString(port))) {
                return false;
            }
            name = withPort.group(1);
        }
        name = name.replaceAll("^\\[|]$", "").replaceAll("^\\*?\\.", "");
        return name.equals("*") || host.equals(name) || host.endsWith("." + name) || contains(name, host);
    }

    /** Whether an address such as 10.1.2.3 is in a network such as 10.0.0.0/8. */
    private static boolean contains(String network, String host) {
        String[] parts = network.split("/", -1);
        if (!LITERAL.matcher(host).matches()
                || !LITERAL.matcher(parts[0]).matches()
                || parts.length > 2
                || (parts.length == 2 && !parts[1].matches("\\d{1,3}"))) {
            return false;
        }
        try {
            byte[] address = InetAddress.getByName(host).getAddress();
            byte[] first = InetAddress.getByName(parts[0]).getAddress();
            int bits = 8 * address.length;
            int prefix = parts.length == 2 ? Integer.parseInt(parts[1]) : bits;
            if (address.length != first.length || prefix > bits) {
                return false;
            }
            return new BigInteger(1, address)
                    .shiftRight(bits - prefix)
                    .equals(new BigInteger(1, first).shiftRight(bits - prefix));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Proxies that && ways.equals(that.ways) && exceptions.equals(that.exceptions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(ways, exceptions);
    }
}
