package dev.imageshare.notifier;

import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.OpenStackException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP receiver, as a Secret names it.
 *
 * @param address the URL; often it holds a secret itself
 * @param token what messages are signed with; null if they aren't
 * @param headers sent with each message
 * @param authorities trusted alone, if there are any
 */
record Webhook(String address, @Nullable String token, Map<String, String> headers, List<X509Certificate> authorities) {

    private static final Pattern HEADER = Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\\x20-\\x7e\t]*)");

    /** Made by the client. */
    private static final Set<String> RESERVED = Set.of(
            "host", "content-length", "content-type", "transfer-encoding", "connection", "x-signature", "expect", "te");

    private static final int MAX_HEADERS = 20;

    Webhook {
        headers = Map.copyOf(headers);
        authorities = List.copyOf(authorities);
    }

    /**
     * The receiver of a Secret.
     *
     * @param data its keys and their texts
     * @param isHttpAllowed whether it may be http, in a lab
     * @throws IllegalArgumentException if a key is missing or wrong; the message names the key, and nothing of its value
     */
    static Webhook of(Map<String, String> data, boolean isHttpAllowed) {
        var address = data.getOrDefault("address", "").strip();
        String scheme;
        try {
            var uri = new URI(address);
            scheme = uri.getScheme() == null || uri.getHost() == null || uri.getUserInfo() != null
                    ? ""
                    : uri.getScheme().toLowerCase(Locale.ROOT);
        } catch (URISyntaxException e) {
            scheme = "";
        }
        if (!scheme.equals("https") && !(scheme.equals("http") && isHttpAllowed)) {
            throw new IllegalArgumentException(
                    "the key address must be a URL like https://hooks.example.org/…, without a user");
        }
        var token = data.get("token");
        return new Webhook(
                address,
                token == null || token.isBlank() ? null : token.replaceAll("\\R$", ""),
                headers(data.getOrDefault("headers", "")),
                authorities(data));
    }

    private static Map<String, String> headers(String text) {
        var all = new LinkedHashMap<String, String>();
        for (var line : text.lines().filter(each -> !each.isBlank()).toList()) {
            var header = HEADER.matcher(line.strip());
            if (!header.matches() || RESERVED.contains(header.group(1).toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "the key headers must have one header per line, like Authorization: Bearer …,"
                                + " in ASCII, and can't have "
                                + String.join(", ", RESERVED.stream().sorted().toList()));
            }
            all.put(header.group(1), header.group(2).strip());
        }
        if (all.size() > MAX_HEADERS) {
            throw new IllegalArgumentException("the key headers has more than " + MAX_HEADERS + " headers");
        }
        return all;
    }

    static List<X509Certificate> authorities(Map<String, String> data) {
        try {
            return Certificates.parse(data.get("cacert"));
        } catch (OpenStackException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Neither the address nor what is sent with it. */
    @Override
    public String toString() {
        return "Webhook[]";
    }
}
