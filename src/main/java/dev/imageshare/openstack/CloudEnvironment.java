package dev.imageshare.openstack;

import dev.imageshare.openstack.CloudKeys.Use;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Clouds from {@code OS_…} variables. On their own, as set by an openrc file, they are an entry; together with a named
 * entry they override some of its keys, like in the {@code openstack} command (verified with 6.0.0).
 */
final class CloudEnvironment {
    /** Names a file and an HMAC key; not keys of an entry. */
    private static final Set<String> OTHER = Set.of("cloud", "profile");

    /** The command has options for these, so it reads them from the environment whatever the entry says. */
    private static final List<String> BEFORE_ENTRY = List.of(
            "auth_type",
            "cacert",
            "cert",
            "key",
            "interface",
            "image_api_version",
            "identity_api_version",
            "default_domain");

    private static final List<String> BEFORE_AUTH = List.of(
            "auth_url",
            "username",
            "user_id",
            "password",
            "trust_id",
            "system_scope",
            "passcode",
            "application_credential_id",
            "application_credential_name",
            "application_credential_secret",
            "identity_provider",
            "protocol",
            "client_id",
            "client_secret",
            "access_token_endpoint",
            "discovery_endpoint",
            "access_token_type",
            "access_token");

    /** For these, in each of their spellings, openstacksdk lets the entry take precedence. */
    private static final List<List<String>> AFTER_AUTH = List.of(
            List.of("project_id", "tenant_id"),
            List.of("project_name", "tenant_name"),
            List.of("project_domain_id"),
            List.of("project_domain_name"),
            List.of("user_domain_id"),
            List.of("user_domain_name"),
            List.of("domain_id"),
            List.of("domain_name"),
            List.of("token", "auth_token"));

    private final UnaryOperator<@Nullable String> environment;

    /**
     * @param environment returns a variable's value, or null
     */
    CloudEnvironment(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    private @Nullable String value(String key) {
        String value = environment.apply("OS_" + key.toUpperCase(Locale.ROOT));
        return value == null || value.isBlank() ? null : value;
    }

    /** The name of the entry from variables. */
    String entryName() {
        String given = value("cloud_name");
        return given == null ? "envvars" : given;
    }

    /**
     * The entry from variables; empty unless they say who logs in. Variables that aren't keys belong to other programs.
     */
    Optional<Map<String, Object>> entry() {
        Map<String, Object> auth = new LinkedHashMap<>();
        CloudKeys.AUTH.forEach(key -> put(auth, key.name()));
        Map<String, Object> entry = new LinkedHashMap<>();
        CloudKeys.ENTRY.stream()
                .filter(key -> key.use() == Use.READ || key.use() == Use.LOCAL)
                .map(CloudKeys.CloudKey::name)
                .filter(key -> !OTHER.contains(key) && !key.equals("auth"))
                .forEach(key -> put(entry, key));
        if (auth.isEmpty()) {
            return Optional.empty();
        }
        entry.put("auth", auth);
        return Optional.of(withDefaultDomain(entry, auth));
    }

    /** The same entry with the variables applied. */
    Map<String, Object> over(Map<String, Object> entry) {
        Map<String, Object> result = new LinkedHashMap<>(entry);
        Map<String, Object> auth = new LinkedHashMap<>();
        if (entry.get("auth") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> auth.put(String.valueOf(key).replace('-', '_'), value));
        } else if (entry.get("auth") != null) {
            return result; // rejected unchanged
        }
        BEFORE_ENTRY.forEach(key -> put(result, key));
        BEFORE_AUTH.forEach(key -> {
            if (value(key) != null) {
                // the old name, and the same next to auth
                Stream.of(key, key.equals("username") ? "user_name" : key).forEach(name -> {
                    auth.remove(name);
                    result.remove(name);
                    result.remove(name.replace('_', '-'));
                });
                put(auth, key);
            }
        });
        AFTER_AUTH.forEach(names -> {
            if (names.stream().noneMatch(name -> isSet(auth, name) || isSet(result, name))) {
                names.forEach(name -> {
                    if (names.stream().noneMatch(auth::containsKey)) {
                        put(auth, name);
                    }
                });
            }
        });
        if (!auth.isEmpty()) {
            result.put("auth", auth);
        }
        return withDefaultDomain(result, auth);
    }

    /** The region to use; null: the entry's own. */
    @Nullable
    String region() {
        return value("region_name");
    }

    private static boolean isSet(Map<String, Object> map, String name) {
        return map.get(name) != null || map.get(name.replace('_', '-')) != null;
    }

    private void put(Map<String, Object> into, String key) {
        String value = value(key);
        if (value != null) {
            into.put(key, value);
        }
    }

    /** With version 3 the command uses the domain {@code default} for names without one. */
    private static Map<String, Object> withDefaultDomain(Map<String, Object> entry, Map<String, Object> auth) {
        Object type = entry.get("auth_type");
        boolean byPassword = type == null || type.equals("password") || type.equals("v3password");
        if ("3".equals(entry.get("identity_api_version"))
                && byPassword
                && (auth.containsKey("username") || auth.containsKey("project_name"))
                && Stream.of("domain_id", "domain_name", "default_domain", "default_domain_id", "default_domain_name")
                        .noneMatch(key -> isSet(entry, key) || isSet(auth, key))) {
            entry.put("default_domain", "default");
        }
        return entry;
    }
}
