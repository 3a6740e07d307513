package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import okhttp3.OkHttpClient;
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
     * @throws OpenStackException INVALID_CONFIG if this Java can't use them
     */
    public static Tls tls(List<X509Certificate> own, List<X509Certificate> also) {
        try {
            X509ExtendedTrustManager trust = own.isEmpty() ? beside(also) : only(own);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return new Tls(context.getSocketFactory(), trust);
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("cacert can't be used by this Java: " + e.getClass().getSimpleName());
        }
    }

    /**
     * The TLS configuration that the entry asks for.
     *
     * @param also trusted in addition to Java's CAs, if the entry has none of its own
     */
    static void trust(OkHttpClient.Builder client, CloudConfig config, List<X509Certificate> also) {
        try {
            X509ExtendedTrustManager trust;
            if (!config.verifyTls()) {
                trust = new TrustAll();
                client.hostnameVerifier((host, session) -> true);
            } else {
                trust = config.authorities().isEmpty() ? beside(also) : only(config.authorities());
            }
            use(client, trust, config.certificate());
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("cacert can't be used by this Java: " + e.getClass().getSimpleName());
        }
    }

    /** Makes the client trust these in addition to Java's. */
    static void trustAlso(OkHttpClient.Builder client, List<X509Certificate> authorities) {
        if (authorities.isEmpty()) {
            return;
        }
        try {
            use(client, beside(authorities), null);
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("cacert can't be used by this Java: " + e.getClass().getSimpleName());
        }
    }

    private static X509ExtendedTrustManager beside(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return manager(null);
        }
        List<X509Certificate> all = new ArrayList<>(authorities);
        all.addAll(List.of(manager(null).getAcceptedIssuers()));
        return only(all);
    }

    private static void use(
            OkHttpClient.Builder client, X509ExtendedTrustManager trust, @Nullable ClientCertificate certificate)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(certificate == null ? null : keys(certificate), new TrustManager[] {trust}, null);
        client.sslSocketFactory(context.getSocketFactory(), trust);
    }

    private static KeyManager[] keys(ClientCertificate certificate) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        char[] inMemory = {};
        store.setKeyEntry(
                "client", certificate.key(), inMemory, certificate.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, inMemory);
        return factory.getKeyManagers();
    }

    private static X509ExtendedTrustManager only(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        return manager(store);
    }

    /** @param store null for Java's own */
    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager trust) {
                return trust;
            }
        }
        throw new CertificateException("no X.509 trust manager");
    }

    private static OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, what + ": certificates are in PEM form");
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
