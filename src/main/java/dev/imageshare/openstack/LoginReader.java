package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.CloudKeys.Use;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entry's login, like the plugins of keystoneauth, and rejects what they would ignore or treat as something
 * else.
 */
final class LoginReader {
    private static final String[] DEFAULT_DOMAIN_ID = {"domain_id", "default_domain_id", "default_domain"};
    private static final String[] DEFAULT_DOMAIN_NAME = {"domain_name", "default_domain_name"};
    private static final String[] DEFAULT_USER_DOMAIN_ID = {"default_domain_id", "default_domain"};
    private static final String[] DEFAULT_USER_DOMAIN_NAME = {"default_domain_name"};

    private static final List<String> USER = List.of("user_id", "username", "user_name");
    private static final List<String> USER_DOMAIN = List.of("user_domain_id", "user_domain_name");
    private static final List<String> PROJECT = List.of("project_id", "project_name", "tenant_id", "tenant_name");
    private static final List<String> DOMAINS =
            List.of("project_domain_id", "project_domain_name", "domain_id", "domain_name");
    private static final List<String> SYSTEM = List.of("system_scope");
    private static final List<String> DEFAULTS = List.of("default_domain", "default_domain_id", "default_domain_name");
    private static final List<String> FEDERATION = List.of("identity_provider", "protocol");

    private static final String V2 = "v?2(\\.0)?";

    private final CloudEntry entry;
    private final Purpose purpose;
    private final Method method;
    private final boolean v2;

    /** How to log in, and the keys that it takes in addition to {@code auth_url}. */
    private enum Method {
        PASSWORD(List.of(USER, USER_DOMAIN, PROJECT, DOMAINS, SYSTEM, DEFAULTS, List.of("password", "trust_id"))),
        TOKEN(List.of(PROJECT, DOMAINS, SYSTEM, DEFAULTS, List.of("token", "auth_token", "trust_id"))),
        APPLICATION_CREDENTIAL(List.of(
                USER,
                USER_DOMAIN,
                PROJECT,
                DOMAINS,
                SYSTEM,
                DEFAULTS,
                List.of(
                        "application_credential_id",
                        "application_credential_name",
                        "application_credential_secret",
                        "trust_id"))),
        OIDC_CLIENT(List.of(
                FEDERATION,
                PROJECT,
                DOMAINS,
                SYSTEM,
                DEFAULTS,
                List.of(
                        "trust_id",
                        "client_id",
                        "client_secret",
                        "openid_scope",
                        "access_token_endpoint",
                        "discovery_endpoint",
                        "access_token_type"))),
        OIDC_TOKEN(List.of(FEDERATION, PROJECT, DOMAINS, SYSTEM, DEFAULTS, List.of("trust_id", "access_token"))),
        API_KEY(List.of(List.of("username", "user_name", "api_key"), PROJECT));

        @SuppressWarnings("ImmutableEnumChecker") // unmodifiable, which the checker doesn't detect
        private final Set<String> keys;

        Method(List<List<String>> keys) {
            this.keys = keys.stream().flatMap(List::stream).collect(Collectors.toUnmodifiableSet());
        }
    }

    LoginReader(CloudEntry entry, Purpose purpose) {
        this.entry = entry;
        this.purpose = purpose;
        String type = entry.top("auth_type", "auth_plugin");
        this.method = method(type);
        this.v2 = isV2(type);
    }

    Login read() {
        checkKeys();
        checkVersion();
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ObjectNode auth = request.putObject("auth");
        HttpUrl keystone = keystone();
        if (v2) {
            List<String> secrets = List.of(identityV2(auth));
            LoginScope scope = scope();
            putTenant(auth, scope);
            return new Login(keystone, request.toString(), null, scope, secrets);
        }
        Federation federation = federation();
        List<String> secrets;
        if (federation == null) {
            secrets = List.of(identity(auth.putObject("identity")));
        } else {
            auth.putObject("identity").putArray("methods").add("token");
            secrets = List.of(
                    federation.client() == null
                            ? entry.need("access_token", "access_token")
                            : federation.client().password());
        }
        LoginScope scope = scope();
        putScope(auth, scope);
        return new Login(keystone, request.toString(), federation, scope, secrets);
    }

    // ---------------------------------------------------------------------- who

    private Method method(@Nullable String type) {
        if (type == null) {
            return entry.has("application_credential_secret")
                    ? Method.APPLICATION_CREDENTIAL
                    : (entry.has("token") || entry.has("auth_token")) && !entry.has("password")
                            ? Method.TOKEN
                            : Method.PASSWORD;
        }
        CloudKeys.CloudKey known = CloudKeys.authType(type).orElse(null);
        if (known == null) {
            throw entry.invalid("auth_type is not supported: use "
                    + CloudKeys.AUTH_TYPES.stream()
                            .filter(each -> each.use() == Use.READ)
                            .map(CloudKeys.CloudKey::name)
                            .collect(Collectors.joining(", ")));
        }
        if (known.use() == Use.REFUSED) {
            throw entry.invalid("auth_type " + type + " " + known.says());
        }
        return switch (type) {
            case "v3applicationcredential" -> Method.APPLICATION_CREDENTIAL;
            case "token", "v3token", "v2token" -> Method.TOKEN;
            case "v3oidcclientcredentials" -> Method.OIDC_CLIENT;
            case "v3oidcaccesstoken" -> Method.OIDC_TOKEN;
            case "rackspace_apikey" -> Method.API_KEY;
            default -> Method.PASSWORD;
        };
    }

    /** If a key were ignored, it would not do what its author expects; keystoneauth rejects these too. */
    private void checkKeys() {
        for (String key : entry.loginKeys()) {
            if (!key.equals("auth_url") && !method.keys.contains(key)) {
                throw entry.invalid("auth." + key + " belongs to another auth_type: remove it, or set auth_type");
            }
        }
        if (v2) {
            for (String key : entry.loginKeys()) {
                if (key.contains("domain") && !key.startsWith("default_domain")) {
                    throw entry.invalid(
                            "auth." + key + " can't be used with Keystone v2.0, which has no domains: remove it, or"
                                    + " end auth_url in /v3");
                }
                if (key.equals("trust_id") || key.equals("system_scope")) {
                    throw entry.invalid("auth." + key + " can't be used with Keystone v2.0 here: end auth_url in /v3");
                }
            }
            if (purpose == Purpose.PROJECTS) {
                throw entry.invalid("is for Keystone v2.0, which can't list projects: end auth_url in /v3");
            }
        }
    }

    private String identity(ObjectNode identity) {
        switch (method) {
            case APPLICATION_CREDENTIAL -> {
                // no scope: Keystone rejects one, even the credential's own project
                ObjectNode credential = method(identity, "application_credential");
                String id = entry.field("application_credential_id");
                if (id != null) {
                    credential.put("id", id);
                } else {
                    credential.put(
                            "name",
                            entry.need(
                                    "application_credential_id, or application_credential_name",
                                    "application_credential_name"));
                    user(credential.putObject("user"));
                }
                String secret = entry.need("application_credential_secret", "application_credential_secret");
                credential.put("secret", secret);
                return secret;
            }
            case TOKEN -> {
                String token = entry.need("token", "token", "auth_token");
                method(identity, "token").put("id", token);
                return token;
            }
            default -> {
                ObjectNode user = method(identity, "password").putObject("user");
                user(user);
                String password = entry.need("password", "password");
                user.put("password", password);
                return password;
            }
        }
    }

    private static ObjectNode method(ObjectNode identity, String name) {
        identity.putArray("methods").add(name);
        return identity.putObject(name);
    }

    private void user(ObjectNode target) {
        String id = entry.field("user_id");
        if (id != null) {
            target.put("id", id);
        } else {
            target.put("name", entry.need("username or user_id", "username", "user_name"));
            domain(target, "user");
        }
    }

    /** Of Keystone v2.0, and of Rackspace's extension RAX-KSKEY. */
    private String identityV2(ObjectNode auth) {
        switch (method) {
            case TOKEN -> {
                String token = entry.need("token", "token", "auth_token");
                auth.putObject("token").put("id", token);
                return token;
            }
            case API_KEY -> {
                String key = entry.need("api_key", "api_key");
                auth.putObject("RAX-KSKEY:apiKeyCredentials")
                        .put("username", entry.need("username", "username", "user_name"))
                        .put("apiKey", key);
                return key;
            }
            default -> {
                ObjectNode credentials = auth.putObject("passwordCredentials");
                String id = entry.field("user_id");
                if (id != null) {
                    credentials.put("userId", id);
                } else {
                    credentials.put("username", entry.need("username or user_id", "username", "user_name"));
                }
                String password = entry.need("password", "password");
                credentials.put("password", password);
                return password;
            }
        }
    }

    private @Nullable Federation federation() {
        if (method != Method.OIDC_CLIENT && method != Method.OIDC_TOKEN) {
            return null;
        }
        String provider = entry.need("identity_provider", "identity_provider");
        String protocol = entry.need("protocol", "protocol");
        if (method == Method.OIDC_TOKEN) {
            return new Federation(provider, protocol, entry.need("access_token", "access_token"), null);
        }
        HttpUrl tokens = providerUrl("access_token_endpoint");
        HttpUrl discovery = providerUrl("discovery_endpoint");
        if (tokens == null && discovery == null) {
            throw entry.invalid("auth.access_token_endpoint, or auth.discovery_endpoint, is missing or empty");
        }
        String type = entry.field("access_token_type");
        if (type != null && !type.equals("access_token") && !type.equals("id_token")) {
            throw entry.invalid("auth.access_token_type must be access_token or id_token");
        }
        String scope = entry.field("openid_scope");
        return new Federation(
                provider,
                protocol,
                null,
                new Federation.Client(
                        entry.need("client_id", "client_id"),
                        entry.need("client_secret", "client_secret"),
                        scope == null ? "openid profile" : scope,
                        type == null ? "access_token" : type,
                        tokens == null ? null : tokens.uri(),
                        discovery == null ? null : discovery.uri()));
    }

    /** The client's secret is sent there. */
    private @Nullable HttpUrl providerUrl(String key) {
        String given = entry.field(key);
        if (given == null) {
            return null;
        }
        HttpUrl url = entry.url("auth." + key, given);
        if (!url.isHttps()) {
            throw entry.invalid("auth." + key + " must be https: the client's secret is sent there");
        }
        return url;
    }

    // -------------------------------------------------------------------- where

    private boolean isV2(@Nullable String type) {
        if (type != null && (type.startsWith("v2") || type.equals("rackspace_apikey"))) {
            return true;
        }
        if ((type != null && type.startsWith("v3")) || method == Method.APPLICATION_CREDENTIAL) {
            return false;
        }
        String url = Objects.requireNonNullElse(entry.field("auth_url"), "").strip();
        String version = Objects.requireNonNullElse(entry.top("identity_api_version"), "");
        return url.matches(".*/v2\\.0/*") || (version.matches(V2) && !url.matches(".*/v3/*"));
    }

    private void checkVersion() {
        String version = entry.top("identity_api_version");
        if (version != null && !version.matches(v2 ? V2 : "v?3(\\.\\d{1,3})?")) {
            throw entry.invalid(
                    "identity_api_version must be " + (v2 ? "2" : "3") + ", to match auth_type and auth_url");
        }
    }

    private HttpUrl keystone() {
        String given = entry.field("auth_url");
        if (given == null) {
            throw entry.invalid("auth.auth_url is missing or empty"
                    + (method == Method.API_KEY
                            ? ": Rackspace's is https://identity.api.rackspacecloud.com/v2.0"
                            : ""));
        }
        HttpUrl url = entry.url("auth.auth_url", given);
        List<String> path = url.pathSegments();
        String last = path.get(path.size() - 1);
        if (v2) {
            if (last.startsWith("v3")) {
                throw entry.invalid("auth.auth_url is Keystone v3, but the login is for v2.0: correct auth_type");
            }
            return last.equals("v2.0") ? url : Endpoint.child(url, "v2.0");
        }
        if (last.startsWith("v2")) {
            throw entry.invalid("auth.auth_url is Keystone v2: end it in /v3, or set auth_type to v2password");
        }
        return last.equals("v3") ? url : Endpoint.child(url, "v3");
    }

    // ----------------------------------------------------------------- for what

    /**
     * The scope of the login, which is always requested: without it Keystone uses the user's default project, which
     * somebody else can change.
     */
    private LoginScope scope() {
        String id = entry.field("project_id", "tenant_id");
        String name = entry.field("project_name", "tenant_name");
        String trust = entry.field("trust_id");
        String system = entry.field("system_scope");
        if (system != null && purpose != Purpose.PROJECTS) {
            throw entry.invalid("auth.system_scope requests a token without a project, with which the Image service"
                    + " shows nothing: remove it and set a project");
        }
        if (method == Method.APPLICATION_CREDENTIAL) {
            refuseBeside(
                    "", "an application credential, which has a project already, and Keystone rejects it: remove it");
            return LoginScope.OWN;
        }
        if (trust != null) {
            refuseBeside("trust_id", "trust_id, which has a project of its own: remove one of them");
            return LoginScope.ofTrust(trust);
        }
        if (system != null) {
            return system(system);
        }
        if (id != null) {
            return LoginScope.ofProject(id);
        }
        if (name != null && v2) {
            return LoginScope.ofNamedProject(name, null, null);
        }
        if (name != null) {
            ObjectNode domain = JsonNodeFactory.instance.objectNode();
            domain(domain, "project");
            JsonNode named = domain.path("domain");
            return LoginScope.ofNamedProject(
                    name,
                    named.has("id") ? named.path("id").textValue() : null,
                    named.has("name") ? named.path("name").textValue() : null);
        }
        if (purpose == Purpose.PROJECTS && (entry.has("domain_id") || entry.has("domain_name"))) {
            return LoginScope.ofDomain(entry.field("domain_id"), entry.field("domain_name"));
        }
        for (String key : List.of("domain_id", "domain_name")) {
            if (entry.has(key)) {
                throw entry.invalid("auth." + key
                        + " without a project requests a token scoped to the domain, with which the Image service"
                        + " shows nothing: add project_id or project_name; for the user's domain use user_" + key);
            }
        }
        for (String key : List.of("project_domain_id", "project_domain_name")) {
            if (entry.has(key)) {
                throw entry.invalid("auth." + key + " is set, but no project: add project_name");
            }
        }
        if (method == Method.TOKEN || method == Method.API_KEY) {
            // a token has a project already, and so has a Rackspace account
            return LoginScope.OWN;
        }
        throw entry.invalid("the entry has no project: add project_id, or project_name"
                + (v2 ? "" : " and project_domain_name")
                + (purpose == Purpose.PROJECTS ? ", or, to list projects, domain_id or system_scope: all" : "")
                + (method == Method.PASSWORD
                        ? "; without one Keystone uses the user's default project, which can change at any time"
                        : "; without one the token is unscoped"));
    }

    private LoginScope system(String given) {
        if (!given.equals("all")) {
            throw entry.invalid("auth.system_scope must be all");
        }
        refuseBeside("system_scope", "system_scope, which excludes a project or a domain: remove one of them");
        return LoginScope.SYSTEM;
    }

    private void refuseBeside(String allowed, String what) {
        for (String key : Stream.of(PROJECT, DOMAINS, SYSTEM, List.of("trust_id"))
                .flatMap(List::stream)
                .toList()) {
            if (!key.equals(allowed) && entry.has(key)) {
                throw entry.invalid("auth." + key + " can't go with " + what
                        + (key.startsWith("domain") ? ", or use user_" + key : ""));
            }
        }
    }

    private static void putScope(ObjectNode target, LoginScope scope) {
        if (scope.isSystem()) {
            target.putObject("scope").putObject("system").put("all", true);
        } else if (scope.isDomain()) {
            putDomain(target.putObject("scope").putObject("domain"), scope);
        } else if (scope.trustId() != null) {
            target.putObject("scope").putObject("OS-TRUST:trust").put("id", scope.trustId());
        } else if (scope.projectId() != null) {
            target.putObject("scope").putObject("project").put("id", scope.projectId());
        } else if (scope.projectName() != null) {
            ObjectNode project = target.putObject("scope").putObject("project").put("name", scope.projectName());
            putDomain(project.putObject("domain"), scope);
        }
    }

    private static void putDomain(ObjectNode domain, LoginScope scope) {
        if (scope.domainId() != null) {
            domain.put("id", scope.domainId());
        } else {
            domain.put("name", scope.domainName());
        }
    }

    private static void putTenant(ObjectNode auth, LoginScope scope) {
        if (scope.projectId() != null) {
            auth.put("tenantId", scope.projectId());
        } else if (scope.projectName() != null) {
            auth.put("tenantName", scope.projectName());
        }
    }

    private void domain(ObjectNode target, String of) {
        String id = entry.field(of + "_domain_id");
        String name = entry.field(of + "_domain_name");
        if (id == null && name == null) {
            // without a project domain_id is the token's scope, and says nothing about the user's domain
            boolean isShared = purpose != Purpose.PROJECTS
                    || method == Method.APPLICATION_CREDENTIAL
                    || PROJECT.stream().anyMatch(entry::has);
            id = entry.field(isShared ? DEFAULT_DOMAIN_ID : DEFAULT_USER_DOMAIN_ID);
            name = entry.field(isShared ? DEFAULT_DOMAIN_NAME : DEFAULT_USER_DOMAIN_NAME);
        }
        if (id != null) {
            target.putObject("domain").put("id", id);
        } else if (name != null) {
            target.putObject("domain").put("name", name);
        } else {
            throw entry.invalid("auth." + of + "_domain_name is missing: a " + of + "'s name needs its domain, usually "
                    + of + "_domain_name: Default");
        }
    }
}
