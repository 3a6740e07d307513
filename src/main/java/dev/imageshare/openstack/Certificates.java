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
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** CA certificates as text, and what a client trusts with them. */
public final class Certificates {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private Certificates() {}

    /**
     * The certificates of a text, which may have other words around them; none of an empty one.
     *
     * @throws OpenStackException INVALID_CONFIG if there is text but not a certificate, or one that can't be read
     */
    public static List<X509Certificate> parse(@Nullable String pem) {
        if (pem == null || pem.isBlank()) {
            return List.of();
        }
        List<X509Certificate> found = new ArrayList<>();
        for (int at = pem.indexOf(BEGIN); at >= 0; at = pem.indexOf(BEGIN, at)) {
            int end = pem.indexOf(END, at + BEGIN.length());
            if (end < 0) {
                throw invalid("has a certificate without " + END);
            }
            try {
                byte[] der = Base64.getMimeDecoder().decode(pem.substring(at + BEGIN.length(), end));
                found.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException | IllegalArgumentException e) {
                throw invalid("has a certificate (number " + (found.size() + 1) + ") that can't be read");
            }
            at = end;
        }
        if (found.isEmpty()) {
            throw invalid("has no " + BEGIN);
        }
        return found;
    }

    /** The client's TLS as the entry wants it. */
    static void trust(OkHttpClient.Builder client, CloudConfig config) {
        try {
            if (!config.verifyTls()) {
                use(client, new TrustAll());
                client.hostnameVerifier((host, session) -> true);
            } else if (!config.authorities().isEmpty()) {
                use(client, only(config.authorities()));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("can't be used by this Java: " + e.getClass().getSimpleName());
        }
    }

    /** The client trusts these beside Java's. */
    static void trustAlso(OkHttpClient.Builder client, List<X509Certificate> authorities) {
        if (authorities.isEmpty()) {
            return;
        }
        try {
            List<X509Certificate> all = new ArrayList<>(authorities);
            all.addAll(List.of(manager(null).getAcceptedIssuers()));
            use(client, only(all));
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("can't be used by this Java: " + e.getClass().getSimpleName());
        }
    }

    private static void use(OkHttpClient.Builder client, X509ExtendedTrustManager trust)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust}, null);
        client.sslSocketFactory(context.getSocketFactory(), trust);
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
        return new OpenStackException(
                Kind.INVALID_CONFIG, "cacert " + what + ": put the CA's certificates there in PEM form");
    }

    /** For {@code verify: false}, which the entry's own author asked for. */
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
