package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/** PEM certificates, and the TLS configuration of a client. */
public final class Certificates {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private Certificates() {}

    /**
     * The certificates in a text, which may contain other text around them; none for an empty text.
     *
     * @throws OpenStackException INVALID_CONFIG if there is text without a certificate, or a certificate that can't be
     *     read
     */
    public static List<X509Certificate> parse(@Nullable String pem) {
        return pem == null || pem.isBlank() ? List.of() : parse("cacert", pem);
    }

    /** @param what for messages */
    static List<X509Certificate> parse(String what, String pem) {
        List<X509Certificate> found = new ArrayList<>();
        for (int at = pem.indexOf(BEGIN); at >= 0; at = pem.indexOf(BEGIN, at)) {
            int end = pem.indexOf(END, at + BEGIN.length());
            if (end < 0) {
                throw invalid(what + " has a certificate without " + END);
            }
            try {
                byte[] der = Base64.getMimeDecoder().decode(pem.substring(at + BEGIN.length(), end));
                found.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException | IllegalArgumentException e) {
                throw invalid(what + " has a certificate (number " + (found.size() + 1) + ") that can't be read");
            }
            at = end;
        }
        if (found.isEmpty()) {
            throw invalid(what + " has no " + BEGIN);
        }
        return found;
    }

    /**
     * TLS for a service named by a Secret.
     *
     * @param own trusted exclusively, if there are any
     * @param also trusted in addition to Java's CAs, if the service has none of its own
     */
    public static Tls tls(List<X509Certificate> own, List<X509Certificate> also) {
        var handshake = handshake(own, also, null);
        return new Tls(handshake.sslSocketFactory(), handshake.trustManager());
    }

    /**
     * The TLS configuration that the entry asks for.
     *
     * @param also trusted in addition to Java's CAs, if the entry has none of its own
     */
    static void trust(OkHttpClient.Builder client, CloudConfig config, List<X509Certificate> also) {
        if (config.verifyTls() && config.witnesses() != null) {
            trustWhomBothTrust(client, config, config.witnesses(), also);
        } else if (config.verifyTls()) {
            use(client, config.authorities(), also, config.certificate());
        } else {
            client.hostnameVerifier((host, session) -> true);
            trustAll(client, config.certificate());
        }
    }

    /** Makes the client trust these in addition to Java's. */
    static void trustAlso(OkHttpClient.Builder client, List<X509Certificate> authorities) {
        use(client, List.of(), authorities, null);
    }

    private static void use(
            OkHttpClient.Builder client,
            List<X509Certificate> own,
            List<X509Certificate> also,
            @Nullable ClientCertificate certificate) {
        if (own.isEmpty() && also.isEmpty() && certificate == null) {
            return; // OkHttp trusts Java's authorities by itself
        }
        var handshake = handshake(own, also, certificate);
        client.sslSocketFactory(handshake.sslSocketFactory(), handshake.trustManager());
    }

    private static HandshakeCertificates handshake(
            List<X509Certificate> own, List<X509Certificate> also, @Nullable ClientCertificate certificate) {
        var handshake = new HandshakeCertificates.Builder();
        if (own.isEmpty()) {
            handshake.addPlatformTrustedCertificates();
            also.forEach(handshake::addTrustedCertificate);
        } else {
            own.forEach(handshake::addTrustedCertificate);
        }
        if (certificate != null) {
            var chain = certificate.chain();
            handshake.heldCertificate(
                    new HeldCertificate(new KeyPair(chain.get(0).getPublicKey(), certificate.key()), chain.get(0)),
                    chain.subList(1, chain.size()).toArray(X509Certificate[]::new));
        }
        return handshake.build();
    }

    private static void trustWhomBothTrust(
            OkHttpClient.Builder client,
            CloudConfig config,
            List<X509Certificate> witnesses,
            List<X509Certificate> also) {
        var own = handshake(config.authorities(), also, config.certificate());
        var both = new BothTrust(
                own.trustManager(), handshake(witnesses, also, null).trustManager());
        client.sslSocketFactory(sockets(own.keyManager(), both), both);
    }

    private static SSLSocketFactory sockets(KeyManager keys, TrustManager trust) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    private static void trustAll(OkHttpClient.Builder client, @Nullable ClientCertificate certificate) {
        try {
            var context = SSLContext.getInstance("TLS");
            var keys = certificate == null
                    ? null
                    : new KeyManager[] {
                        handshake(List.of(), List.of(), certificate).keyManager()
                    };
            context.init(keys, new TrustManager[] {new TrustAll()}, null);
            client.sslSocketFactory(context.getSocketFactory(), new TrustAll());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    private static OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, what + ": certificates are in PEM form");
    }

    /** Trusts servers that two trust, each by its own authorities. The host's name is checked by the client. */
    private record BothTrust(X509TrustManager own, X509TrustManager witness) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            own.checkClientTrusted(chain, type);
            witness.checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            own.checkServerTrusted(chain, type);
            witness.checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return own.getAcceptedIssuers();
        }
    }

    /** For {@code verify: false}, which the entry's author asked for. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
