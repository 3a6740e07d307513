package dev.imageshare.openstack;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What each key of an entry of a clouds.yaml does here. {@code deploy/docs/clouds.md} shows this table. Names are
 * spelled with underscores; openstacksdk also accepts dashes, and so does {@link CloudEntry}.
 */
final class CloudKeys {

    enum Use {
        READ,
        /** Names a file or a profile: read on a user's machine, rejected in a Secret. */
        LOCAL,
        REFUSED,
        /** Has no effect here. */
        NO_EFFECT
    }

    /**
     * One key.
     *
     * @param says its description, for READ and NO_EFFECT; otherwise, to follow the key's name, why it is rejected in a
     *     Secret or anywhere
     */
    record CloudKey(String name, Use use, String says) {}

    /** Keys under {@code auth}, which openstacksdk also accepts next to it. */
    static final List<CloudKey> AUTH = List.of(
            read("auth_url", "Keystone's URL, with or without /v3 or /v2.0"),
            read("username", "the user's name"),
            read("user_name", "the same"),
            read("user_id", "the user's ID; takes precedence over the name"),
            read("user_domain_id", "the domain of the user's name"),
            read("user_domain_name", "the same, by name"),
            read("password", "the user's password"),
            read("project_id", "the project; takes precedence over the name"),
            read("project_name", "the project's name"),
            read("tenant_id", "as project_id"),
            read("tenant_name", "as project_name"),
            read("project_domain_id", "the domain of the project's name"),
            read("project_domain_name", "the same, by name"),
            read(
                    "domain_id",
                    "with a project: the domain of both names. Without one: the scope of the token, with which"
                            + " projects can be listed; rejected for images"),
            read("domain_name", "the same, by name"),
            read("default_domain", "the ID of the domain of both names, if nothing else sets it"),
            read("default_domain_id", "the same"),
            read("default_domain_name", "the same, by name"),
            read("trust_id", "a trust, instead of a project"),
            read("token", "a Keystone token"),
            read("auth_token", "the same"),
            read("application_credential_id", "the application credential; takes precedence over the name"),
            read("application_credential_name", "its name, which requires its user"),
            read("application_credential_secret", "its secret"),
            read("identity_provider", "OIDC: the identity provider's name in Keystone"),
            read("protocol", "OIDC: the protocol's name in Keystone"),
            read("client_id", "OIDC: the client"),
            read("client_secret", "OIDC: its secret"),
            read("openid_scope", "OIDC: the scope to request; openid profile if absent"),
            read("access_token_endpoint", "OIDC: where the provider issues access tokens; https"),
            read(
                    "discovery_endpoint",
                    "OIDC: the provider's discovery document, if access_token_endpoint is not set; https"),
            read("access_token_type", "OIDC: access_token (if absent) or id_token"),
            read("access_token", "OIDC: an access token"),
            read("api_key", "Rackspace: the user's API key"),
            read(
                    "system_scope",
                    "all: a token scoped to the system, with which projects can be listed; rejected for images"),
            refused(
                    "unscoped",
                    "requests a token without a scope, with which the Image service shows nothing: remove it and set a"
                            + " project"),
            refused("passcode", "is valid for one login only: use an application credential"),
            refused("auth_methods", "is not supported: use an application credential"),
            refused("code", "is valid for one login only: use v3oidcclientcredentials"),
            refused("authorization_code", "is valid for one login only: use v3oidcclientcredentials"),
            refused("redirect_uri", "needs a user at a browser: use v3oidcclientcredentials"),
            refused("device_authorization_endpoint", "needs a user at a browser: use v3oidcclientcredentials"),
            refused("endpoint", "bypasses the login: set a Keystone in auth_url"),
            refused("url", "bypasses the login: set a Keystone in auth_url"));

    /** Keys of the entry itself. */
    static final List<CloudKey> ENTRY = List.of(
            read("auth", "who logs in, where and with which scope"),
            read("auth_type", "how: see below"),
            read("auth_plugin", "the same"),
            read("region_name", "the region; if there are several, the first"),
            read("regions", "the regions, of which the first is used, with its values"),
            read(
                    "interface",
                    "public (if absent), internal or admin; if there are several, the first that the catalog has"),
            read("endpoint_type", "the same, also as publicURL and so on"),
            read("image_region_name", "the Image service's region, if different"),
            read("image_interface", "the Image service's interface, if different"),
            read("image_endpoint_type", "the same"),
            read("image_service_name", "the service's name in the catalog, if there are several"),
            read("image_service_type", "the service's type in the catalog; image if absent"),
            read("image_endpoint_override", "the Image service's URL, instead of the catalog's"),
            read("image_endpoint", "the same"),
            read("image_api_version", "must be 2"),
            read("identity_api_version", "must match the login: 3, or 2 with Keystone v2.0"),
            read("verify", "false: any certificate for any host is accepted"),
            read("insecure", "true: the same"),
            local("cacert", "is a path to a file: put the PEM under the Secret's key cacert"),
            local("cert", "is a path to a file: put the PEM under the Secret's key tls.crt, and its key under tls.key"),
            local("key", "is a path to a file: put the PEM under the Secret's key tls.key"),
            local("profile", "is a vendor profile, which isn't supported here: copy its keys into the entry"),
            local("cloud", "is a vendor profile, which isn't supported here: copy its keys into the entry"),
            refused("ca_cert", "is not read by OpenStack's clients: use cacert"),
            refused("region", "is not read by OpenStack's clients: use region_name"),
            refused("endpoint", "names no service: use image_endpoint_override"),
            refused("endpoint_override", "names no service: use image_endpoint_override"),
            refused("service_type", "names no service: use image_service_type"),
            refused("service_name", "names no service: use image_service_name"),
            refused("default_microversion", "names no service, and the Image service has no microversions: remove it"),
            refused(
                    "image_default_microversion",
                    "requests a microversion, which the Image service doesn't have: remove it"),
            refused(
                    "identity_endpoint_override",
                    "points to a Keystone other than auth_url, the only one that is called: remove it"),
            refused(
                    "identity_endpoint",
                    "points to a Keystone other than auth_url, the only one that is called: remove it"),
            refused("service_provider", "requests a login at another Keystone: set that one in auth_url"),
            noEffect("identity_interface", "Keystone is only called at auth_url"),
            noEffect("identity_endpoint_type", "Keystone is only called at auth_url"),
            noEffect("identity_region_name", "Keystone is only called at auth_url"),
            noEffect("identity_service_name", "Keystone is only called at auth_url"),
            noEffect("identity_service_type", "Keystone is only called at auth_url"),
            noEffect("api_timeout", "the operator and the command line have their own settings"),
            noEffect("timeout", "the same"),
            noEffect("connect_retries", "as in api_timeout"),
            noEffect("status_code_retries", "as in api_timeout"),
            noEffect("image_connect_retries", "as in api_timeout"),
            noEffect("image_status_code_retries", "as in api_timeout"),
            noEffect("image_format", "for uploads"),
            noEffect("image_api_use_tasks", "for uploads"));

    /** The values of {@code auth_type}. */
    static final List<CloudKey> AUTH_TYPES = List.of(
            read("password", "the default; v3, or v2.0 if auth_url ends in that"),
            read("v3password", "a user's name or ID, and password"),
            read("v2password", "the same with Keystone v2.0, which has no domains"),
            read("token", "a token, v3 or v2.0 depending on auth_url"),
            read("v3token", "a token; with a project or trust, a token for that"),
            read("v2token", "a Keystone v2.0 token"),
            read("v3applicationcredential", "an application credential"),
            read("v3oidcclientcredentials", "OIDC: the client's ID and secret"),
            read("v3oidcaccesstoken", "OIDC: an access token, while it is valid"),
            read("rackspace_apikey", "Rackspace: a user's name and API key"),
            refused("v3totp", "needs a new code for each login: use an application credential"),
            refused("v3multifactor", "needs a new code for each login: use an application credential"),
            refused("v3oidcpassword", "is not supported: use v3oidcclientcredentials, or an application credential"),
            refused("v3oidcauthcode", "needs a user at a browser: use v3oidcclientcredentials"),
            refused("v3oidcdeviceauthz", "needs a user at a browser: use v3oidcclientcredentials"),
            refused("v3samlpassword", "is not supported: use an application credential"),
            refused("v3adfspassword", "is not supported: use an application credential"),
            refused("v3kerberos", "is not supported: use an application credential"),
            refused("v3fedkerb", "is not supported: use an application credential"),
            refused("v3oauth1", "is not supported: use an application credential"),
            refused("v3oauth2clientcredential", "is not supported: use an application credential"),
            refused("v3oauth2mtlsclientcredential", "is not supported: use an application credential"),
            refused("v3tokenlessauth", "yields no token: use an application credential"),
            refused("http_basic", "yields no token: use an application credential"),
            refused("none", "means no login, but the Image service requires one: use an application credential"),
            refused("admin_token", "isn't scoped to a project: use an application credential"),
            refused("token_endpoint", "is of no project: use an application credential"));

    private static final Map<String, CloudKey> AUTH_BY_NAME = byName(AUTH);
    private static final Map<String, CloudKey> ENTRY_BY_NAME = byName(ENTRY);

    /** The service types of OpenStack's service-types-authority and their aliases, except image and identity. */
    private static final Pattern OTHER_SERVICE =
            Pattern.compile("(accelerator|admin_logic|alarm|alarming|application_\\w+"
                    + "|backup|baremetal|bare_metal|block_storage|block_store|clustering|compute|container_infrastructure"
                    + "|container|data_processing|database|dns|event|events|function|infra_optim|infrastructure_optimization"
                    + "|instance_ha|introspection|key_manager|load_balancer|message|messaging|meter|metering|metric|monitoring"
                    + "|network|nfv_orchestration|object_store|operator_policy|orchestration|placement|policy|queue|rca"
                    + "|registration|reservation|resource_cluster|resource_optimization|root_cause_analysis|search|share|sharev2"
                    + "|shared_file_system|tenant_deployment|volume|volumev2|volumev3|workflow|workflowv2|workload_optimization)"
                    + "_\\w+|has_\\w+|\\w+_disabled_reason|disabled_reason_\\w+");

    /** An unknown key about any of these is rejected; others have no effect. */
    private static final Pattern CONCERNED = Pattern.compile(
            "auth|cert|domain|endpoint|identity|image|insecure|interface|passw|project|region|scope|secret|ssl|tenant|tls"
                    + "|token|trust|user|verify|version");

    private CloudKeys() {}

    /** A key under {@code auth}: unknown ones are rejected. */
    static CloudKey inAuth(String name) {
        return Optional.ofNullable(AUTH_BY_NAME.get(name)).orElseGet(() -> unknown(name, AUTH));
    }

    /** A key of the entry. */
    static CloudKey inEntry(String name) {
        CloudKey known = ENTRY_BY_NAME.containsKey(name) ? ENTRY_BY_NAME.get(name) : AUTH_BY_NAME.get(name);
        if (known != null) {
            return known;
        }
        if (OTHER_SERVICE.matcher(name).matches()) {
            return noEffect(name, "of another service");
        }
        CloudKey unknown = unknown(name, ENTRY);
        return CONCERNED.matcher(name).find() || !unknown.says().equals(UNKNOWN) ? unknown : noEffect(name, "unknown");
    }

    static Optional<CloudKey> authType(String name) {
        return AUTH_TYPES.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    private static final String UNKNOWN = "is not a supported key: remove it";

    private static CloudKey unknown(String name, List<CloudKey> among) {
        return refused(
                name,
                among.stream()
                        .map(CloudKey::name)
                        .filter(known -> isNear(name, known))
                        .findFirst()
                        .map(known -> "is not a supported key; did you mean " + known + "?")
                        .orElse(UNKNOWN));
    }

    /** One letter is wrong, missing or extra, or two are swapped. */
    private static boolean isNear(String name, String known) {
        int from = 0;
        int shorter = Math.min(name.length(), known.length());
        while (from < shorter && name.charAt(from) == known.charAt(from)) {
            from++;
        }
        String rest = name.substring(from);
        String knownRest = known.substring(from);
        return known.length() > 4
                && (tail(rest, 1).equals(tail(knownRest, 1))
                        || tail(rest, 1).equals(knownRest)
                        || rest.equals(tail(knownRest, 1))
                        || (rest.length() > 1
                                && knownRest.length() > 1
                                && rest.charAt(0) == knownRest.charAt(1)
                                && rest.charAt(1) == knownRest.charAt(0)
                                && tail(rest, 2).equals(tail(knownRest, 2))));
    }

    private static String tail(String text, int without) {
        return text.substring(Math.min(without, text.length()));
    }

    private static Map<String, CloudKey> byName(List<CloudKey> keys) {
        return keys.stream().collect(Collectors.toUnmodifiableMap(CloudKey::name, Function.identity()));
    }

    private static CloudKey read(String name, String says) {
        return new CloudKey(name, Use.READ, says);
    }

    private static CloudKey local(String name, String says) {
        return new CloudKey(name, Use.LOCAL, says);
    }

    private static CloudKey refused(String name, String says) {
        return new CloudKey(name, Use.REFUSED, says);
    }

    private static CloudKey noEffect(String name, String says) {
        return new CloudKey(name, Use.NO_EFFECT, says);
    }
}
