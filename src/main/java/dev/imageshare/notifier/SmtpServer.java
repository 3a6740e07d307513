package dev.imageshare.notifier;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mail server, as a Secret names it.
 *
 * @param host a name or an address
 * @param isImplicitTls whether TLS begins with the connection; else STARTTLS is asked for
 * @param isTlsRequired false: without STARTTLS too, which a Secret has to say
 * @param username for AUTH; null if there is none
 * @param password for AUTH; null if there is none
 * @param authorities trusted alone, if there are any
 */
record SmtpServer(
        String host,
        int port,
        boolean isImplicitTls,
        boolean isTlsRequired,
        @Nullable String username,
        @Nullable String password,
        List<X509Certificate> authorities) {

    private static final int SUBMISSION = 587;
    private static final int SUBMISSION_TLS = 465;

    SmtpServer {
        authorities = List.copyOf(authorities);
    }

    /**
     * The server of a Secret.
     *
     * @param data its keys and their texts
     * @param ports those that may be used; empty for any
     * @throws IllegalArgumentException if a key is missing or wrong; the message names the key, and nothing of its value
     */
    static SmtpServer of(Map<String, String> data, Set<Integer> ports) {
        var address = data.getOrDefault("address", "").strip();
        URI uri;
        try {
            uri = new URI(address);
        } catch (URISyntaxException e) {
            throw badAddress();
        }
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("smtp") || scheme.equals("smtps"))
                || uri.getHost() == null
                || uri.getUserInfo() != null
                || uri.getQuery() != null
                || uri.getFragment() != null
                || !(uri.getPath().isEmpty() || uri.getPath().equals("/"))) {
            throw badAddress();
        }
        var implicit = scheme.equals("smtps");
        var port = uri.getPort() > 0 ? uri.getPort() : implicit ? SUBMISSION_TLS : SUBMISSION;
        if (!ports.isEmpty() && !ports.contains(port)) {
            throw new IllegalArgumentException("the key address has a port to which no mail can be sent; allowed are "
                    + new TreeSet<>(ports) + ", and an administrator can allow others with --smtp-ports");
        }
        var startTls = data.getOrDefault("starttls", "required").strip();
        if (!Set.of("required", "off").contains(startTls)) {
            throw new IllegalArgumentException("the key starttls must be required (the default) or off");
        }
        var username = text(data, "username");
        var password = text(data, "password");
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("the keys username and password belong together: give both or none");
        }
        if (!implicit && startTls.equals("off") && username != null) {
            throw new IllegalArgumentException(
                    "a password is not sent without TLS: remove the key starttls, or the keys"
                            + " username and password");
        }
        var host = uri.getHost();
        return new SmtpServer(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                implicit,
                !startTls.equals("off"),
                username,
                password,
                Webhook.authorities(data));
    }

    private static @Nullable String text(Map<String, String> data, String key) {
        var value = data.get(key);
        // what 'kubectl create secret --from-file' and echo leave at the end
        return value == null || value.isBlank() ? null : value.replaceAll("\\R$", "");
    }

    private static IllegalArgumentException badAddress() {
        return new IllegalArgumentException("the key address must be like smtp://mail.example.org:587 (STARTTLS), or"
                + " smtps://mail.example.org:465; user and password have keys of their own");
    }

    /** Neither the password nor the user. */
    @Override
    public String toString() {
        return "SmtpServer[]";
    }
}
