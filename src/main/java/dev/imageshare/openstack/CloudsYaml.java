package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * One entry of a clouds.yaml, with the names and aliases that openstacksdk and keystoneauth read. SnakeYAML is used
 * itself, since Jackson's tree knows no anchors, and people have them.
 */
final class CloudsYaml {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_.@ -]{1,64}");
    /** Longer than any token that Keystone takes; a Secret can have a MiB, and each entry is kept. */
    private static final int LONGEST_TEXT = 20_000;

    /** What says who logs in or for what; also as {@code trust-id}, which openstacksdk takes for {@code trust_id}. */
    private static final List<String> SCOPE = List.of(
            "project_id",
            "project_name",
            "tenant_id",
            "tenant_name",
            "project_domain_id",
            "project_domain_name",
            "domain_id",
            "domain_name",
            "default_domain",
            "default_domain_id",
            "default_domain_name",
            "trust_id",
            "system_scope");

    private static final String[] DEFAULT_DOMAIN_ID = {"domain_id", "default_domain_id", "default_domain"};
    private static final String[] DEFAULT_DOMAIN_NAME = {"domain_name", "default_domain_name"};

    private final String cloud;
    private final Map<?, ?> entry;
    private final Map<?, ?> auth;

    private CloudsYaml(String cloud, Map<?, ?> entry) {
        this.cloud = cloud;
        this.entry = entry;
        Object given = entry.get("auth");
        if (given != null && !(given instanceof Map)) {
            throw invalid("auth must be a mapping of auth_url, username and so on");
        }
        this.auth = given == null ? Map.of() : (Map<?, ?>) given;
    }

    static CloudsYaml entry(String text, String cloudName) {
        return entry(section(load(text), "clouds"), cloudName);
    }

    /** A mapping of entries by name, such as the one under {@code clouds}; empty if there is none. */
    static Map<?, ?> section(@Nullable Object root, String name) {
        return root instanceof Map<?, ?> map && map.get(name) instanceof Map<?, ?> found ? found : Map.of();
    }

    static CloudsYaml entry(Map<?, ?> clouds, String cloudName) {
        if (clouds.isEmpty()) {
            throw new OpenStackException(
                    Kind.INVALID_CONFIG, "clouds.yaml has no entries: they go under the top-level key clouds");
        }
        if (clouds.containsKey(cloudName) && !(clouds.get(cloudName) instanceof Map)) {
            throw new OpenStackException(
                    Kind.INVALID_CONFIG, "clouds.yaml's entry " + shown(cloudName) + " must be a mapping");
        }
        if (!(clouds.get(cloudName) instanceof Map<?, ?> entry)) {
            String names = clouds.entrySet().stream()
                    .filter(e -> e.getValue() instanceof Map)
                    .map(e -> e.getKey())
                    // what is no name, say a whole mapping, can have a password in it
                    .filter(key ->
                            key instanceof String name && NAME.matcher(name).matches())
                    .map(String::valueOf)
                    .limit(20)
                    .collect(Collectors.joining(", "));
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml has no entry " + shown(cloudName) + "; it has: " + (names.isEmpty() ? "none" : names));
        }
        return new CloudsYaml(shown(cloudName), entry);
    }

    static @Nullable Object load(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        options.setNestingDepthLimit(20);
        DumperOptions unused = new DumperOptions();
        Yaml yaml = new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new AsTyped());
        try {
            return yaml.load(text);
        } catch (MarkedYAMLException e) {
            // its text quotes the lines around the problem, and those can hold a password
            Mark mark = e.getProblemMark();
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml is not valid YAML"
                            + (mark == null
                                    ? ""
                                    : " at line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                            + " (a syntax error, a key given twice, or an unknown alias or tag)");
        } catch (RuntimeException | StackOverflowError e) {
            // the latter for a key that is, or holds, itself
            throw new OpenStackException(
                    Kind.INVALID_CONFIG,
                    "clouds.yaml can't be read as YAML: it is too long, nested too deeply, has too many aliases,"
                            + " or an unknown tag or character");
        }
    }

    /** The entry of a Secret, which names no file. */
    CloudConfig config(List<X509Certificate> authorities) {
        for (String file : List.of("cacert", "ca_cert")) {
            if (top(file) != null) {
                throw invalid(file + " is a path to a file, and the operator's files are not read:"
                        + " put the PEM under the Secret's key cacert");
            }
        }
        return checked(authorities);
    }

    /** The entry of a file on this machine, whose own files are read; a relative path is from the working directory. */
    CloudConfig config(Function<String, String> read) {
        String file = top("cacert", "ca_cert");
        return checked(Certificates.parse(file == null ? null : read.apply(file)));
    }

    private CloudConfig checked(List<X509Certificate> authorities) {
        String version = top("identity_api_version");
        if (version != null && !version.matches("v?3(\\.\\d{1,3})?")) {
            throw invalid("identity_api_version must be 3: only Keystone v3 is spoken here");
        }
        HttpUrl keystone = keystone();
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ObjectNode login = request.putObject("auth");
        refuseOtherWays();
        String secret = identity(login);
        LoginScope scope = scope();
        putScope(login, scope);
        return new CloudConfig(
                keystone.uri(),
                request.toString(),
                scope,
                List.of(secret),
                region(),
                serviceInterface(),
                override(),
                verify(),
                authorities);
    }

    /** Fills {@code auth} of the login, as Keystone's "Authentication and token management" has it; gives the secret. */
    private String identity(ObjectNode target) {
        ObjectNode identity = target.putObject("identity");
        switch (method()) {
            case "application_credential" -> {
                // no scope: Keystone refuses one, also the credential's own project
                ObjectNode credential = method(identity, "application_credential");
                String id = field("application_credential_id");
                if (id != null) {
                    credential.put("id", id);
                } else {
                    credential.put(
                            "name",
                            need(
                                    "application_credential_id, or application_credential_name",
                                    "application_credential_name"));
                    user(credential.putObject("user"));
                }
                String secret = need("application_credential_secret");
                credential.put("secret", secret);
                return secret;
            }
            case "token" -> {
                String token = need("token");
                method(identity, "token").put("id", token);
                return token;
            }
            default -> {
                ObjectNode user = method(identity, "password").putObject("user");
                user(user);
                String password = need("password");
                user.put("password", password);
                return password;
            }
        }
    }

    private String method() {
        String type = top("auth_type");
        if (type == null) {
            if (auth.containsKey("application_credential_secret")) {
                return "application_credential";
            }
            return auth.containsKey("token") && !auth.containsKey("password") ? "token" : "password";
        }
        return switch (type) {
            case "password", "v3password" -> "password";
            case "v3applicationcredential" -> "application_credential";
            case "token", "v3token" -> "token";
            default ->
                throw invalid("auth_type is not supported: use password, v3password, v3applicationcredential,"
                        + " token or v3token");
        };
    }

    private static ObjectNode method(ObjectNode identity, String name) {
        identity.putArray("methods").add(name);
        return identity.putObject(name);
    }

    private void user(ObjectNode target) {
        String id = field("user_id");
        if (id != null) {
            target.put("id", id);
        } else {
            target.put("name", need("username or user_id", "username", "user_name"));
            domain(target, "user");
        }
    }

    /**
     * What the login is for, which no login goes out without: without a scope Keystone takes the user's default project,
     * which somebody else can change.
     */
    private LoginScope scope() {
        String method = method();
        String id = field("project_id", "tenant_id");
        String name = field("project_name", "tenant_name");
        String trust = field("trust_id");
        if (method.equals("application_credential")) {
            for (String key : SCOPE) {
                if (!key.startsWith("default_domain") && field(key) != null) {
                    throw invalid("auth." + key + " can't go with an application credential, which is of one project"
                            + " already, and Keystone refuses it: take it out"
                            + (key.startsWith("domain") ? ", or write user_" + key : ""));
                }
            }
            return LoginScope.OWN;
        }
        if (trust != null) {
            for (String key : SCOPE) {
                if (!key.startsWith("default_domain") && !key.equals("trust_id") && field(key) != null) {
                    throw invalid("auth." + key + " can't go with trust_id, which has a project of its own: take one of"
                            + " them out" + (key.startsWith("domain") ? ", or write user_" + key : ""));
                }
            }
            return LoginScope.ofTrust(trust);
        }
        if (id != null) {
            return new LoginScope(id, null, null, null, null);
        }
        if (name != null) {
            ObjectNode domain = JsonNodeFactory.instance.objectNode();
            domain(domain, "project");
            JsonNode named = domain.path("domain");
            return new LoginScope(
                    null,
                    name,
                    named.has("id") ? named.path("id").textValue() : null,
                    named.has("name") ? named.path("name").textValue() : null,
                    null);
        }
        for (String key : List.of("domain_id", "domain_name")) {
            if (field(key) != null) {
                throw invalid("auth." + key + " without a project asks for a token of the domain, with which the Image"
                        + " service shows nothing: add project_id or project_name; the user's domain is user_" + key);
            }
        }
        for (String key : List.of("project_domain_id", "project_domain_name")) {
            if (field(key) != null) {
                throw invalid("auth." + key + " is there, and no project: add project_name");
            }
        }
        if (method.equals("password")) {
            throw invalid("the entry names no project: add project_id, or project_name and project_domain_name; without"
                    + " one Keystone takes the user's default project, which can be changed at any time");
        }
        return LoginScope.OWN;
    }

    /** Ways to log in, and scopes, that aren't known here. */
    private void refuseOtherWays() {
        for (String key : SCOPE) {
            String dashed = key.replace('_', '-');
            if (!dashed.equals(key) && field(dashed) != null) {
                throw invalid("auth." + dashed + " must be written " + key);
            }
        }
        if (field("system_scope") != null) {
            throw invalid(
                    "auth.system_scope asks for a token of no project, with which the Image service shows nothing:"
                            + " take it out and name a project");
        }
        String unscoped = field("unscoped");
        if (unscoped != null && !unscoped.toLowerCase(Locale.ROOT).matches("false|no|off|0")) {
            throw invalid(
                    "auth.unscoped asks for a token of no project, with which the Image service shows nothing: take it"
                            + " out and name a project");
        }
        for (String key : List.of("auth_methods", "passcode")) {
            if (auth.get(key) != null || entry.get(key) != null) {
                throw invalid("auth." + key + " is not supported: log in by a password, an application credential or a"
                        + " token alone");
            }
        }
    }

    private static void putScope(ObjectNode target, LoginScope scope) {
        if (scope.trustId() != null) {
            target.putObject("scope").putObject("OS-TRUST:trust").put("id", scope.trustId());
        } else if (scope.projectId() != null) {
            target.putObject("scope").putObject("project").put("id", scope.projectId());
        } else if (scope.projectName() != null) {
            ObjectNode project = target.putObject("scope").putObject("project").put("name", scope.projectName());
            ObjectNode domain = project.putObject("domain");
            if (scope.domainId() != null) {
                domain.put("id", scope.domainId());
            } else {
                domain.put("name", scope.domainName());
            }
        }
    }

    private void domain(ObjectNode target, String of) {
        String id = field(of + "_domain_id");
        String name = field(of + "_domain_name");
        if (id == null && name == null) {
            id = field(DEFAULT_DOMAIN_ID);
            name = field(DEFAULT_DOMAIN_NAME);
        }
        if (id != null) {
            target.putObject("domain").put("id", id);
        } else if (name != null) {
            target.putObject("domain").put("name", name);
        } else {
            throw invalid("auth." + of + "_domain_name is missing: a " + of + "'s name needs its domain, most often "
                    + of + "_domain_name: Default");
        }
    }

    private HttpUrl keystone() {
        if (field("auth_url") == null && (entry.containsKey("profile") || entry.containsKey("cloud"))) {
            throw invalid("auth.auth_url is missing, and vendor profiles (profile, cloud) are not known here:"
                    + " write the profile's auth_url into the entry");
        }
        HttpUrl url = url("auth.auth_url", need("auth_url"));
        List<String> path = url.pathSegments();
        String last = path.get(path.size() - 1);
        if (last.startsWith("v2")) {
            throw invalid("auth.auth_url names Keystone v2: end it in /v3");
        }
        return last.equals("v3") ? url : Endpoint.child(url, "v3");
    }

    private @Nullable URI override() {
        String given = top("image_endpoint_override");
        return given == null
                ? null
                : Endpoint.withoutVersion(url("image_endpoint_override", given)).uri();
    }

    private HttpUrl url(String name, String given) {
        HttpUrl url = Endpoint.parse(given);
        if (url == null) {
            throw invalid(name + " must be like https://host:port/path, without user, query and fragment");
        }
        return url;
    }

    private @Nullable String region() {
        String name = top("region_name", "region");
        if (name != null && (name.length() > 255 || name.chars().anyMatch(Character::isISOControl))) {
            throw invalid("region_name is too long or has a control character");
        }
        return name;
    }

    private String serviceInterface() {
        String given = top("image_interface", "interface", "endpoint_type");
        String name = given == null ? "public" : given.replaceFirst("URL$", "");
        if (!List.of("public", "internal", "admin").contains(name)) {
            throw invalid("interface must be public, internal or admin");
        }
        return name;
    }

    private boolean verify() {
        String given = top("verify");
        return switch (given == null ? "true" : given.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default -> throw invalid("verify must be true or false; a CA goes into cacert");
        };
    }

    private String need(String name) {
        return need(name, name);
    }

    private String need(String described, String... names) {
        String value = field(names);
        if (value == null) {
            throw invalid("auth." + described + " is missing or empty");
        }
        return value;
    }

    /** One of the auth fields; openstacksdk takes them from beside {@code auth} as well. */
    private @Nullable String field(String... names) {
        String value = text(auth, "auth.", names);
        return value == null ? text(entry, "", names) : value;
    }

    private @Nullable String top(String... names) {
        return text(entry, "", names);
    }

    private @Nullable String text(Map<?, ?> map, String prefix, String... names) {
        for (String name : names) {
            Object value = map.get(name);
            // by a tag it could be bytes, a set or a date, whose text isn't what was typed
            if (value != null && !(value instanceof String)) {
                throw invalid(prefix + name + " must be text");
            }
            String text = Objects.toString(value, "");
            if (text.length() > LONGEST_TEXT) {
                throw invalid(prefix + name + " is longer than " + LONGEST_TEXT + " characters");
            }
            if (!text.isBlank()) {
                return text;
            }
        }
        return null;
    }

    private OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, "clouds.yaml, entry " + cloud + ": " + what);
    }

    private static String shown(String name) {
        String oneLine = name.replaceAll("\\p{Cntrl}", "?");
        return oneLine.length() > 64 ? oneLine.substring(0, 64) + "…" : oneLine;
    }

    /** A scalar is the text that was typed: a password of 0123, 1e5 or yes is meant as it stands. */
    private static final class AsTyped extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
