package dev.imageshare.openstack;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What each key of an entry of a clouds.yaml does here. {@code deploy/docs/clouds.md} shows this table. Names are spelled
 * with underscores; openstacksdk takes dashes for them, and so does {@link CloudEntry}.
 */
final class CloudKeys {

    enum Use {
        READ,
        /** Names a file or a profile: read on a person's machine, refused in a Secret. */
        LOCAL,
        REFUSED,
        /** Changes nothing that is done here. */
        NO_EFFECT
    }

    /**
     * One key.
     *
     * @param says what it is, for READ and NO_EFFECT; after the key's name, why it is refused in a Secret or anywhere
     */
    record CloudKey(String name, Use use, String says) {}

    /** Keys under {@code auth}, which openstacksdk takes from beside it as well. */
    static final List<CloudKey> AUTH = List.of(
            read("auth_url", "Keystone's URL, with or without /v3 or /v2.0"),
            read("username", "the user's name"),
            read("user_name", "the same"),
            read("user_id", "the user's ID; comes before the name"),
            read("user_domain_id", "the domain of the user's name"),
            read("user_domain_name", "the same by its name"),
            read("password", "the user's password"),
            read("project_id", "the project; comes before the name"),
            read("project_name", "the project's name"),
            read("tenant_id", "as project_id"),
            read("tenant_name", "as project_name"),
            read("project_domain_id", "the domain of the project's name"),
            read("project_domain_name", "the same by its name"),
            read(
                    "domain_id",
                    "beside a project: the domain of both names. Without one: a token of the domain, with which projects"
                            + " can be listed; with images it is refused"),
            read("domain_name", "the same by its name"),
            read("default_domain", "the ID of the domain of both names, where nothing else says it"),
            read("default_domain_id", "the same"),
            read("default_domain_name", "the same by its name"),
            read("trust_id", "a trust, in place of a project"),
            read("token", "a token of Keystone"),
            read("auth_token", "the same"),
            read("application_credential_id", "the application credential; comes before the name"),
            read("application_credential_name", "its name, which needs its user"),
            read("application_credential_secret", "its secret"),
            read("identity_provider", "OIDC: the identity provider's name in Keystone"),
            read("protocol", "OIDC: the protocol's name in Keystone"),
            read("client_id", "OIDC: the client"),
            read("client_secret", "OIDC: its secret"),
            read("openid_scope", "OIDC: the scope to ask for; openid profile if absent"),
            read("access_token_endpoint", "OIDC: where the provider gives access tokens; https"),
            read("discovery_endpoint", "OIDC: the provider's discovery document, if that isn't given; https"),
            read("access_token_type", "OIDC: access_token (if absent) or id_token"),
            read("access_token", "OIDC: an access token"),
            read("api_key", "Rackspace: the user's API key"),
            read(
                    "system_scope",
                    "all: a token of the system, with which projects can be listed; with images it is refused"),
            refused(
                    "unscoped",
                    "asks for a token of no project, with which the Image service shows nothing: take it out and name a"
                            + " project"),
            refused("passcode", "is for one login only: use an application credential"),
            refused("auth_methods", "is not supported: use an application credential"),
            refused("code", "is for one login only: use v3oidcclientcredentials"),
            refused("authorization_code", "is for one login only: use v3oidcclientcredentials"),
            refused("redirect_uri", "needs a person at a browser: use v3oidcclientcredentials"),
            refused("device_authorization_endpoint", "needs a person at a browser: use v3oidcclientcredentials"),
            refused("endpoint", "goes without a login: name a Keystone in auth_url"),
            refused("url", "goes without a login: name a Keystone in auth_url"));

    /** Keys of the entry itself. */
    static final List<CloudKey> ENTRY = List.of(
            read("auth", "who logs in, where and for what"),
            read("auth_type", "how: see below"),
            read("auth_plugin", "the same"),
            read("region_name", "the region; of several the first"),
            read("regions", "the regions, of which the first is taken, with what it says under values"),
            read("interface", "public (if absent), internal or admin; of several the first that the catalog has"),
            read("endpoint_type", "the same, also as publicURL and so on"),
            read("image_region_name", "the Image service's region, if another"),
            read("image_interface", "the Image service's interface, if another"),
            read("image_endpoint_type", "the same"),
            read("image_service_name", "the service's name in the catalog, if it has several"),
            read("image_service_type", "the service's type in the catalog; image if absent"),
            read("image_endpoint_override", "the Image service's URL, in place of the catalog's"),
            read("image_endpoint", "the same"),
            read("image_api_version", "must be 2"),
            read("identity_api_version", "must be that of the login: 3, or 2 with Keystone v2.0"),
            read("verify", "false: any certificate of any host will do"),
            read("insecure", "true: the same"),
            local("cacert", "is a path to a file: put the PEM under the Secret's key cacert"),
            local("cert", "is a path to a file: put the PEM under the Secret's key tls.crt, and its key under tls.key"),
            local("key", "is a path to a file: put the PEM under the Secret's key tls.key"),
            local("profile", "is a vendor profile, which are not known here: write what it says into the entry"),
            local("cloud", "is a vendor profile, which are not known here: write what it says into the entry"),
            refused("ca_cert", "is not read by OpenStack's clients: write cacert"),
            refused("region", "is not read by OpenStack's clients: write region_name"),
            refused("endpoint", "is of no service: write image_endpoint_override"),
            refused("endpoint_override", "is of no service: write image_endpoint_override"),
            refused("service_type", "is of no service: write image_service_type"),
            refused("service_name", "is of no service: write image_service_name"),
            refused("default_microversion", "is of no service, and the Image service has none: take it out"),
            refused("image_default_microversion", "asks for what the Image service doesn't have: take it out"),
            refused(
                    "identity_endpoint_override",
                    "leads to another Keystone than auth_url, which is the only one that is called: take it out"),
            refused(
                    "identity_endpoint",
                    "leads to another Keystone than auth_url, which is the only one that is called: take it out"),
            refused("service_provider", "asks for a login at another Keystone: name that one in auth_url"),
            noEffect("identity_interface", "Keystone is called at auth_url only"),
            noEffect("identity_endpoint_type", "Keystone is called at auth_url only"),
            noEffect("identity_region_name", "Keystone is called at auth_url only"),
            noEffect("identity_service_name", "Keystone is called at auth_url only"),
            noEffect("identity_service_type", "Keystone is called at auth_url only"),
            noEffect("api_timeout", "the operator and the command line have settings of their own"),
            noEffect("timeout", "the same"),
            noEffect("connect_retries", "as in api_timeout"),
            noEffect("status_code_retries", "as in api_timeout"),
            noEffect("image_connect_retries", "as in api_timeout"),
            noEffect("image_status_code_retries", "as in api_timeout"),
            noEffect("image_format", "of uploads"),
            noEffect("image_api_use_tasks", "of uploads"));

    /** The values of {@code auth_type}. */
    static final List<CloudKey> AUTH_TYPES = List.of(
            read("password", "the default; v3, or v2.0 if auth_url ends in that"),
            read("v3password", "a user's name or ID, and password"),
            read("v2password", "the same with Keystone v2.0, which has no domains"),
            read("token", "a token, v3 or v2.0 by auth_url"),
            read("v3token", "a token; with a project or trust, one for that"),
            read("v2token", "a token of Keystone v2.0"),
            read("v3applicationcredential", "an application credential"),
            read("v3oidcclientcredentials", "OIDC: the client's ID and secret"),
            read("v3oidcaccesstoken", "OIDC: an access token, as long as that is good"),
            read("rackspace_apikey", "Rackspace: a user's name and API key"),
            refused("v3totp", "needs a new code for each login: use an application credential"),
            refused("v3multifactor", "needs a new code for each login: use an application credential"),
            refused("v3oidcpassword", "is not supported: use v3oidcclientcredentials, or an application credential"),
            refused("v3oidcauthcode", "needs a person at a browser: use v3oidcclientcredentials"),
            refused("v3oidcdeviceauthz", "needs a person at a browser: use v3oidcclientcredentials"),
            refused("v3samlpassword", "is not supported: use an application credential"),
            refused("v3adfspassword", "is not supported: use an application credential"),
            refused("v3kerberos", "is not supported: use an application credential"),
            refused("v3fedkerb", "is not supported: use an application credential"),
            refused("v3oauth1", "is not supported: use an application credential"),
            refused("v3oauth2clientcredential", "is not supported: use an application credential"),
            refused("v3oauth2mtlsclientcredential", "is not supported: use an application credential"),
            refused("v3tokenlessauth", "gives no token: use an application credential"),
            refused("http_basic", "gives no token: use an application credential"),
            refused("none", "goes without a login, and the Image service needs one: use an application credential"),
            refused("admin_token", "is of no project: use an application credential"),
            refused("token_endpoint", "is of no project: use an application credential"));

    private static final Map<String, CloudKey> AUTH_BY_NAME = byName(AUTH);
    private static final Map<String, CloudKey> ENTRY_BY_NAME = byName(ENTRY);

    /** The service types of OpenStack's service-types-authority and their aliases, but for image and identity. */
    private static final Pattern OTHER_SERVICE =
            Pattern.compile("(accelerator|admin_logic|alarm|alarming|application_\\w+"
                    + "|backup|baremetal|bare_metal|block_storage|block_store|clustering|compute|container_infrastructure"
                    + "|container|data_processing|database|dns|event|events|function|infra_optim|infrastructure_optimization"
                    + "|instance_ha|introspection|key_manager|load_balancer|message|messaging|meter|metering|metric|monitoring"
                    + "|network|nfv_orchestration|object_store|operator_policy|orchestration|placement|policy|queue|rca"
                    + "|registration|reservation|resource_cluster|resource_optimization|root_cause_analysis|search|share|sharev2"
                    + "|shared_file_system|tenant_deployment|volume|volumev2|volumev3|workflow|workflowv2|workload_optimization)"
                    + "_\\w+|has_\\w+|\\w+_disabled_reason|disabled_reason_\\w+");

    /** What a key that isn't known must not be about, to have no effect. */
    private static final Pattern CONCERNED = Pattern.compile(
            "auth|cert|domain|endpoint|identity|image|insecure|interface|passw|project|region|scope|secret|ssl|tenant|tls"
                    + "|token|trust|user|verify|version");

    private CloudKeys() {}

    /** A key under {@code auth}: none is passed over there. */
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

    private static final String UNKNOWN = "is not a key that is known here: take it out";

    private static CloudKey unknown(String name, List<CloudKey> among) {
        return refused(
                name,
                among.stream()
                        .map(CloudKey::name)
                        .filter(known -> isNear(name, known))
                        .findFirst()
                        .map(known -> "is not a key that is known here; did you mean " + known + "?")
                        .orElse(UNKNOWN));
    }

    /** One letter is wrong, missing or too much, or two are swapped. */
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
