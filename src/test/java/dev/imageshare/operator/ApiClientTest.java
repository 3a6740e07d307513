package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.ServerClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import java.security.cert.X509Certificate;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;

/** Whom the API server's client trusts. */
class ApiClientTest {

    private static final HeldCertificate AUTHORITY =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    private static Config config(String url, String authority) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withCaCertData(authority)
                .build();
    }

    private static X509Certificate[] trusted(Config config) {
        try (var client = ApiClient.create(config, ApiSerialization.create(), new ServerClock(System::nanoTime))) {
            return ((OkHttpClientImpl) client.getHttpClient())
                    .getOkHttpClient()
                    .x509TrustManager()
                    .getAcceptedIssuers();
        }
    }

    @Test
    void anAuthorityThatIsNamedIsTrustedAlone() {
        assertThat(trusted(config("https://127.0.0.1:1", AUTHORITY.certificatePem())))
                .containsExactly(AUTHORITY.certificate());
    }

    @Test
    void withoutOneJavasAreTrusted() {
        assertThat(trusted(config("https://127.0.0.1:1", null))).hasSizeGreaterThan(20);
    }

    @Test
    void forPlainHttpNoneAreRead() {
        assertThat(trusted(config("http://127.0.0.1:1", null))).isEmpty();
    }

    @Test
    void nothingIsLeftBehindForOtherClients() {
        var before = System.getProperty("javax.net.ssl.trustStore");

        trusted(config("https://127.0.0.1:1", AUTHORITY.certificatePem()));

        assertThat(System.getProperty("javax.net.ssl.trustStore")).isEqualTo(before);
        assertThat(trusted(config("https://127.0.0.1:1", null))).hasSizeGreaterThan(20);
    }
}
