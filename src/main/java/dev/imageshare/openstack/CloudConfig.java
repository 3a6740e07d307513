package dev.imageshare.openstack;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * One cloud entry of a clouds.yaml, checked; made by {@link #parse}. Two are equal when the entry and the CA are.
 *
 * @param keystone the Identity service's base, ending in {@code /v3}
 * @param login the body of {@code POST /auth/tokens}: holds the secret
 * @param scope what the login says that it is for; a token must be for that
 * @param secrets what must never be shown: the password, the application credential's secret or the token
 * @param region the region to use; null: the only one of the catalog
 * @param serviceInterface {@code public}, {@code internal} or {@code admin}
 * @param imageEndpoint used in place of the catalog's, without {@code /v2}; or null
 * @param verifyTls false: any certificate of any host name will do
 * @param authorities the CAs to trust in place of Java's; empty: Java's
 */
public record CloudConfig(
        URI keystone,
        String login,
        LoginScope scope,
        List<String> secrets,
        @Nullable String region,
        String serviceInterface,
        @Nullable URI imageEndpoint,
        boolean verifyTls,
        List<X509Certificate> authorities) {

    public CloudConfig {
        secrets = List.copyOf(secrets);
        authorities = List.copyOf(authorities);
    }

    /**
     * Reads one entry. Neither files nor environment variables are read: an entry that needs them is refused.
     *
     * @param cloudsYaml the whole text, at most 1 MiB as a Secret's
     * @param cloudName the entry under {@code clouds:}
     * @param cacertPem one or more CA certificates, or null for Java's
     * @throws OpenStackException of kind INVALID_CONFIG, whose message names the field and the fix and quotes nothing secret
     */
    public static CloudConfig parse(String cloudsYaml, String cloudName, @Nullable String cacertPem) {
        return CloudsYaml.entry(cloudsYaml, cloudName).config(Certificates.parse(cacertPem));
    }

    /** Which Keystone it is: scheme, host in lower case without a final dot, and port. */
    public String keystoneOrigin() {
        return origin(keystone);
    }

    /**
     * Names what it leads to, as far as that is known without asking: entries that lead to other services have other names.
     */
    public String destination() {
        return Stream.of(
                        keystoneOrigin(),
                        region,
                        serviceInterface,
                        imageEndpoint == null ? null : origin(imageEndpoint))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
    }

    private static String origin(URI uri) {
        HttpUrl url = Endpoint.parse(uri.toString());
        return url == null ? uri.toString() : Endpoint.of(url).replaceFirst("\\.(?=:\\d+$)", "");
    }

    /** Where it is, never how to get in. */
    @Override
    public String toString() {
        return "CloudConfig[" + keystone.getHost() + ", region " + region + ", " + serviceInterface + "]";
    }
}
