package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SameCloudsTest {

    @ParameterizedTest
    @CsvSource({
        "https://keystone.example.org/v3, https://keystone.example.org:443",
        "HTTPS://Keystone.Example.ORG./identity/v3, https://keystone.example.org:443",
        "http://keystone.example.org:5000, http://keystone.example.org:5000",
        "http://[2001:DB8::1]/v3, http://[2001:db8::1]:80",
        "https://bücher.example, https://xn--bcher-kva.example:443",
    })
    void anOriginIsSchemeHostAndPort(String url, String origin) {
        assertThat(Endpoint.origin(HttpUrl.get(url))).isEqualTo(origin);
    }

    @Test
    void urlsOfOneGroupAreOneCloudAndOthersAreNot() {
        var clouds = SameClouds.of(List.of(List.of("https://a/v3", "https://A.:443", "http://b:5000")));

        assertThat(clouds.cloud("http://b:5000")).isEqualTo(clouds.cloud("https://a:443"));
        assertThat(clouds.cloud("https://c:443")).isEqualTo("https://c:443");
    }

    @Test
    void aGroupOfOneAUrlInTwoGroupsAndWhatIsNoUrlAreRefused() {
        assertThatThrownBy(() -> SameClouds.of(List.of(List.of("https://a", "https://a:443/v3"))))
                .hasMessageContaining("two or more");
        assertThatThrownBy(() ->
                        SameClouds.of(List.of(List.of("https://a", "https://b"), List.of("https://c", "https://b"))))
                .hasMessageContaining("https://b:443 twice");
        assertThatThrownBy(() -> SameClouds.of(List.of(List.of("https://a", "https://user:secret@b"))))
                .hasMessageContaining("must have URLs")
                .hasMessageNotContaining("secret");
    }
}
