package dev.imageshare.openstack;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * One validated cloud entry of a clouds.yaml; created by {@link #parse}. Two are equal if the entry and the
 * certificates are.
 *
 * @param source where the entry is, for messages: {@code Secret NAME, entry NAME}
 * @param purpose what it is used for
 * @param login who logs in, where and with which scope: holds the secret
 * @param catalog which of the catalog's endpoints is the Image service's
 * @param imageEndpoint used instead of the catalog's, without {@code /v2} at its end; or null
 * @param verifyTls false: any certificate for any host name is accepted
 * @param authorities the CAs to trust instead of Java's; empty: Java's
 * @param certificate presented to servers that ask for one; or null
 * @param witnesses the CAs under which a server's certificate must be valid as well; empty: Java's; null: none
 */
public record CloudConfig(
        String source,
        Purpose purpose,
        Login login,
        CatalogFilter catalog,
        @Nullable URI imageEndpoint,
        boolean verifyTls,
        List<X509Certificate> authorities,
        @Nullable ClientCertificate certificate,
        @Nullable List<X509Certificate> witnesses) {

    /** The keys of a Secret that are read. */
    public static final String CLOUDS_YAML = "clouds.yaml";

    public static final String CACERT = "cacert";
    public static final String TLS_CERTIFICATE = "tls.crt";
    public static final String TLS_KEY = "tls.key";
    public static final Set<String> SECRET_KEYS = Set.of(CLOUDS_YAML, CACERT, TLS_CERTIFICATE, TLS_KEY);

    public CloudConfig {
        authorities = List.copyOf(authorities);
        witnesses = witnesses == null ? null : List.copyOf(witnesses);
    }

    /** Reads one entry, for images: see {@link #parse(String, String, String, Purpose)}. */
    public static CloudConfig parse(String cloudsYaml, String cloudName, @Nullable String cacertPem) {
        return parse(cloudsYaml, cloudName, cacertPem, Purpose.IMAGES);
    }

    /**
     * Reads one entry. Neither files nor environment variables are read: an entry that needs them is rejected.
     *
     * @param cloudsYaml the whole text, at most 1 MiB, like a Secret
     * @param cloudName the entry under {@code clouds:}
     * @param cacertPem one or more CA certificates, or null for Java's
     * @throws OpenStackException of kind INVALID_CONFIG, whose message names the field and the fix and quotes nothing
     *     secret
     */
    public static CloudConfig parse(String cloudsYaml, String cloudName, @Nullable String cacertPem, Purpose purpose) {
        return of("", cloudsYaml, cloudName, cacertPem, null, purpose);
    }

    /**
     * Reads one entry of a Secret, like {@link #parse}.
     *
     * @param secretName for messages
     * @param data returns the Secret's text for a key of {@link #SECRET_KEYS}, or null; {@link #CLOUDS_YAML} is
     *     required
     */
    public static CloudConfig ofSecret(
            String secretName, UnaryOperator<@Nullable String> data, String cloudName, Purpose purpose) {
        return of(
                "Secret " + secretName + ", ",
                Objects.requireNonNull(data.apply(CLOUDS_YAML)),
                cloudName,
                data.apply(CACERT),
                ClientCertificate.of(data.apply(TLS_CERTIFICATE), data.apply(TLS_KEY)),
                purpose);
    }

    private static CloudConfig of(
            String where,
            String cloudsYaml,
            String cloudName,
            @Nullable String cacertPem,
            @Nullable ClientCertificate certificate,
            Purpose purpose) {
        String name = CloudsYaml.shown(cloudName);
        Map<?, ?> given = CloudsYaml.entry(cloudsYaml, cloudName);
        return of(
                where + "entry " + name,
                new CloudEntry(name, given, null, true),
                Certificates.parse(cacertPem),
                certificate,
                purpose);
    }

    /**
     * An entry of a file on this machine, whose own files are read.
     *
     * @param region the region to use, one of the entry's if it has any; null: the entry's first
     * @param read returns a file's text by the path in the entry
     */
    static CloudConfig ofFile(
            String where,
            Map<?, ?> given,
            String cloudName,
            @Nullable String region,
            UnaryOperator<String> read,
            Purpose purpose) {
        String name = CloudsYaml.shown(cloudName);
        CloudEntry entry = new CloudEntry(name, given, region, false);
        String authorities = entry.top("cacert");
        String certificate = entry.top("cert");
        String key = entry.top("key");
        if (certificate == null && key != null) {
            throw entry.invalid("key is set, but cert isn't");
        }
        String certificatePem = certificate == null ? null : read.apply(certificate);
        return of(
                where + "entry " + name,
                entry,
                Certificates.parse(authorities == null ? null : read.apply(authorities)),
                // one file can contain both
                ClientCertificate.of(certificatePem, key == null ? certificatePem : read.apply(key)),
                purpose);
    }

    private static CloudConfig of(
            String source,
            CloudEntry entry,
            List<X509Certificate> authorities,
            @Nullable ClientCertificate certificate,
            Purpose purpose) {
        Login login = new LoginReader(entry, purpose).read();
        String version = entry.top("image_api_version");
        if (version != null && !version.matches("v?2(\\.\\d{1,3})?|latest")) {
            throw entry.invalid("image_api_version must be 2: only Glance v2 has members with answers");
        }
        String region = entry.name("image_region_name");
        String type = entry.name("image_service_type");
        String endpoint = entry.top("image_endpoint_override", "image_endpoint");
        boolean insecure = entry.flag("insecure", false, "");
        return new CloudConfig(
                source,
                purpose,
                login,
                new CatalogFilter(
                        region == null ? entry.region() : region,
                        interfaces(entry),
                        type == null ? "image" : type,
                        entry.name("image_service_name")),
                endpoint == null
                        ? null
                        : Endpoint.withoutVersion(entry.url("image_endpoint_override", endpoint))
                                .uri(),
                entry.flag("verify", true, "; a CA goes into cacert") && !insecure,
                authorities,
                certificate,
                null);
    }

    /** The same entry, whose servers need certificates that the other entry trusts too. */
    public CloudConfig witnessedBy(CloudConfig other) {
        return new CloudConfig(
                source, purpose, login, catalog, imageEndpoint, verifyTls, authorities, certificate, other.authorities);
    }

    /** Whether Keystone is called over https. */
    public boolean isHttps() {
        return login.keystone().isHttps();
    }

    private static List<String> interfaces(CloudEntry entry) {
        // in openstacksdk the older spelling takes precedence, and a service-specific key comes first
        for (String key : List.of("image_endpoint_type", "image_interface", "endpoint_type", "interface")) {
            List<String> given = entry.texts(key);
            if (!given.isEmpty()) {
                return given.stream()
                        .map(each -> each.replaceFirst("URL$", ""))
                        .peek(each -> {
                            if (!List.of("public", "internal", "admin").contains(each)) {
                                throw entry.invalid(key + " must be public, internal or admin");
                            }
                        })
                        .distinct()
                        .toList();
            }
        }
        return List.of("public");
    }

    /** What must never be shown: the password, the application credential's secret, the token and so on. */
    public List<String> secrets() {
        return login.secrets();
    }

    /** The Image service's region; null: the only one in the catalog. */
    public @Nullable String region() {
        return catalog.region();
    }

    /** The Identity service's base, ending in {@code /v3} or {@code /v2.0}. */
    public URI keystone() {
        return login.keystone().uri();
    }

    /** Identifies the Keystone: scheme, host in lower case without a trailing dot, and port. */
    public String keystoneOrigin() {
        return origin(login.keystone());
    }

    /**
     * Identifies the service that the entry leads to, as far as that is known without a request: entries that lead to
     * different services have different names.
     */
    public String destination() {
        HttpUrl endpoint = imageEndpoint == null ? null : Endpoint.parse(imageEndpoint.toString());
        return Stream.of(
                        keystoneOrigin(),
                        catalog.region(),
                        String.join(",", catalog.interfaces()),
                        catalog.serviceType().equals("image") ? null : catalog.serviceType(),
                        catalog.serviceName(),
                        endpoint == null ? null : origin(endpoint))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
    }

    private static String origin(HttpUrl url) {
        return Endpoint.of(url).replaceFirst("\\.(?=:\\d+$)", "");
    }

    /** Where the entry is, never how to log in. */
    @Override
    public String toString() {
        return "CloudConfig[" + login.keystone().host() + ", " + catalog + "]";
    }
}
