package dev.imageshare.openstack;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Dns;
import okhttp3.HttpUrl;

/**
 * Where an entry may point. Whoever writes a Secret chooses which hosts this process calls, and the process may reach
 * networks that they can't. A host is checked when it is resolved, so that the checked address is the one connected to;
 * a literal address is checked before it is used. Behind a proxy, which resolves names itself, only literal names and
 * addresses are checked.
 *
 * @param allowed if not empty, only these: host names, or {@code *.example.org} for all below it; in lower case
 * @param local whether addresses of this machine, its network's own services and the API server may be called
 * @param apiServer host names and addresses of the Kubernetes API server
 */
public record CloudHosts(Set<String> allowed, boolean local, Set<String> apiServer) {
    private static final Pattern NAME = Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}");
    /** What OkHttp treats as an address, and doesn't pass to a {@link Dns}. */
    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F]*:[0-9a-fA-F:.]*|[\\d.]+");

    /** Metadata services of clouds at addresses that aren't link-local. */
    private static final Set<String> METADATA =
            Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "168.63.129.16", "192.0.0.192");

    public CloudHosts {
        allowed = Set.copyOf(allowed);
        apiServer = apiServer.stream().map(CloudHosts::plain).collect(Collectors.toUnmodifiableSet());
    }

    /** Any host: for a user's own clouds.yaml. */
    public static CloudHosts any() {
        return new CloudHosts(Set.of(), true, Set.of());
    }

    /** The same, knowing where the API server is. */
    public CloudHosts exceptApiServer(Set<String> hosts) {
        return new CloudHosts(allowed, local, hosts);
    }

    /** Whether this is a valid element of {@link #allowed}. */
    public static boolean isPattern(String text) {
        return NAME.matcher(text).matches()
                || (text.contains(":") && LITERAL.matcher(text).matches());
    }

    /** Passed through OkHttp, whose callers expect {@link UnknownHostException}s. */
    static final class RefusedHostException extends UnknownHostException {
        RefusedHostException(String why) {
            super(why);
        }
    }

    /** Checks a host as written; for an address this is the final check. */
    void check(HttpUrl url) throws RefusedHostException {
        String host = plain(url.host());
        if (!allowed.isEmpty() && allowed.stream().noneMatch(each -> covers(each, host))) {
            throw new RefusedHostException("it is not in --cloud-hosts");
        }
        if (local) {
            return;
        }
        if (apiServer.contains(host)) {
            throw refused();
        }
        if (LITERAL.matcher(host).matches()) {
            // "127.1" and "2130706433" are addresses for some resolvers and names for others
            if (!host.contains(":") && !IPV4.matcher(host).matches()) {
                throw refused();
            }
            try {
                check(List.of(InetAddress.getByName(host)));
            } catch (RefusedHostException e) {
                throw e;
            } catch (UnknownHostException e) {
                throw refused();
            }
        }
    }

    /**
     * The addresses of a host that isn't a cloud's, but that a Secret names as well.
     *
     * @param host a name or an address, as written in a URL
     * @throws UnknownHostException if it has none, or may not be called; the message says why
     */
    public List<InetAddress> resolve(String host) throws UnknownHostException {
        checkWritten(host);
        try {
            return dns().lookup(plain(host));
        } catch (RefusedHostException e) {
            throw e;
        } catch (UnknownHostException e) {
            throw new UnknownHostException("there is no such host"); // the system's own message repeats the name
        }
    }

    /**
     * Checks a host as written, which is all that can be checked if a proxy resolves it.
     *
     * @param host a name or an address, as written in a URL
     * @throws UnknownHostException if it may not be called; the message says why
     */
    public void checkWritten(String host) throws UnknownHostException {
        String name = plain(host);
        HttpUrl url = HttpUrl.parse("http://" + (name.contains(":") ? "[" + name + "]" : name));
        if (url == null) {
            throw new UnknownHostException("it is not a valid host name or address");
        }
        check(url);
    }

    /** A resolver that never returns an address that may not be called. */
    Dns dns() {
        return local
                ? Dns.SYSTEM
                : name -> {
                    List<InetAddress> found = Dns.SYSTEM.lookup(name);
                    check(found);
                    return found;
                };
    }

    /** One forbidden address is enough: a name that also resolves to it isn't a cloud's. */
    void check(List<InetAddress> addresses) throws RefusedHostException {
        Set<InetAddress> own = new HashSet<>();
        for (String name : apiServer) {
            try {
                own.addAll(List.of(InetAddress.getAllByName(name)));
            } catch (UnknownHostException e) {
                // then it can't be valid
            }
        }
        for (InetAddress address : addresses) {
            if (isInternal(address) || own.contains(address)) {
                throw refused();
            }
        }
    }

    private static RefusedHostException refused() {
        return new RefusedHostException(
                "it has a loopback, link-local, multicast or metadata address, or is the API server, and"
                        + " --allow-local-clouds is not set");
    }

    private static boolean covers(String pattern, String host) {
        return pattern.startsWith("*.")
                ? host.endsWith(pattern.substring(1))
                : plain(pattern).equals(host);
    }

    private static String plain(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int from = lower.startsWith("[") ? 1 : 0;
        int end = lower.length();
        return lower.substring(from, end > from && (lower.endsWith("]") || lower.endsWith(".")) ? end - 1 : end);
    }

    /** Whether an address, in any notation, is on this machine or belongs to services of its own network. */
    static boolean isInternal(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress()
                || METADATA.contains(address.getHostAddress().replaceAll("%.*", ""))) {
            return true;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return bytes[0] == 0
                    || (bytes[0] & 0xf0) == 0xf0; // "this network", and reserved with the broadcast address
        }
        return embedded(bytes).anyMatch(CloudHosts::isInternal);
    }

    /** The IPv4 addresses that an IPv6 address may stand for. */
    private static Stream<InetAddress> embedded(byte[] ipv6) {
        int first = ((ipv6[0] & 0xff) << 8) | (ipv6[1] & 0xff);
        int second = ((ipv6[2] & 0xff) << 8) | (ipv6[3] & 0xff);
        if (first == 0x2002) {
            return Stream.of(ipv4(ipv6, 2, 0)); // 6to4
        }
        if (first == 0x2001 && second == 0) {
            return Stream.of(ipv4(ipv6, 4, 0), ipv4(ipv6, 12, 0xff)); // Teredo: the server's, and the client's inverted
        }
        boolean zeros = Arrays.equals(ipv6, 0, 8, new byte[8], 0, 8); // mapped, compatible, translated
        boolean nat64 = first == 0x64 && second == 0xff9b;
        boolean isatap = (ipv6[8] & 0xfc) == 0 && ipv6[9] == 0 && ipv6[10] == 0x5e && ipv6[11] == (byte) 0xfe;
        return zeros || nat64 || isatap ? Stream.of(ipv4(ipv6, 12, 0)) : Stream.of();
    }

    private static InetAddress ipv4(byte[] from, int offset, int mask) {
        byte[] address = Arrays.copyOfRange(from, offset, offset + 4);
        for (int i = 0; i < address.length; i++) {
            address[i] = (byte) (address[i] ^ mask);
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
