package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that this client presents to a server that asks for one (mutual TLS).
 *
 * @param chain the certificate first, then its issuers if they are given
 * @param key the certificate's private key
 */
record ClientCertificate(List<X509Certificate> chain, PrivateKey key) {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (RSA |EC |)PRIVATE KEY-----([^-]+)-----END (?:RSA |EC |)PRIVATE KEY-----");
    private static final String IN_SECRET = " (in a Secret the PEMs under the keys tls.crt and tls.key)";

    ClientCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * Reads both PEMs. Keys are PKCS #8, or PKCS #1 and SEC 1, which OpenSSL and cert-manager also write.
     *
     * @return null if both are null or blank
     * @throws OpenStackException INVALID_CONFIG if one is missing, can't be read or doesn't match the other
     */
    static @Nullable ClientCertificate of(@Nullable String certificatePem, @Nullable String keyPem) {
        String ofCertificate = Objects.requireNonNullElse(certificatePem, "");
        String ofKey = Objects.requireNonNullElse(keyPem, "");
        if (ofCertificate.isBlank() && ofKey.isBlank()) {
            return null;
        }
        if (ofCertificate.isBlank() || ofKey.isBlank()) {
            throw invalid((ofKey.isBlank() ? "its private key" : "its certificate") + " is missing: both are required"
                    + IN_SECRET);
        }
        List<X509Certificate> chain = Certificates.parse("client certificate", ofCertificate);
        PrivateKey key = key(ofKey, chain.get(0));
        if (!belongs(key, chain.get(0))) {
            throw invalid("the private key doesn't match the first certificate" + IN_SECRET);
        }
        return new ClientCertificate(chain, key);
    }

    private static PrivateKey key(String pem, X509Certificate certificate) {
        if (pem.contains("ENCRYPTED")) {
            throw invalid("the private key is encrypted: remove its passphrase");
        }
        Matcher found = KEY.matcher(pem);
        if (!found.find()) {
            throw invalid(
                    "the private key isn't in PEM form, which begins with -----BEGIN PRIVATE KEY-----" + IN_SECRET);
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(found.group(2));
            byte[] pkcs8 = found.group(1).isEmpty() ? der : wrapped(der, certificate);
            return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw invalid("the private key can't be read, or its type doesn't match the certificate" + IN_SECRET);
        }
    }

    /** PKCS #8: the version, the key's algorithm, which the certificate also has, and the key. */
    private static byte[] wrapped(byte[] der, X509Certificate certificate) {
        byte[] info = certificate.getPublicKey().getEncoded();
        byte[] algorithm = firstOf(info);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(new byte[] {0x02, 0x01, 0x00});
        content.writeBytes(algorithm);
        content.writeBytes(element(0x04, der));
        return element(0x30, content.toByteArray());
    }

    /** The first element in a sequence, with its tag and length. */
    private static byte[] firstOf(byte[] sequence) {
        int at = headerLength(sequence, 0);
        int header = headerLength(sequence, at);
        int length = sequence[at + 1] & 0xff; // an algorithm identifier has fewer than 128 bytes
        return Arrays.copyOfRange(sequence, at, at + header + length);
    }

    private static int headerLength(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return length < 0x80 ? 2 : 2 + (length & 0x7f);
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (content.length < 0x80) {
            element.write(content.length);
        } else {
            byte[] length = BigInteger.valueOf(content.length).toByteArray();
            int leading = length[0] == 0 ? 1 : 0;
            element.write(0x80 | (length.length - leading));
            element.write(length, leading, length.length - leading);
        }
        element.writeBytes(content);
        return element.toByteArray();
    }

    private static boolean belongs(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            byte[] text = {1, 2, 3};
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(text);
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(certificate.getPublicKey());
            checking.update(text);
            return checking.verify(signing.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Identifies the certificate. */
    String fingerprint() {
        try {
            return ByteString.of(chain.get(0).getEncoded()).sha256().hex();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("it was read from its encoding", e);
        }
    }

    private static OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, "client certificate: " + what);
    }

    @Override
    public String toString() {
        return "ClientCertificate[" + chain.size() + "]";
    }
}
