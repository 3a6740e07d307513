package dev.imageshare.openstack;

import dev.imageshare.openstack.CloudKeys.Use;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a clouds.yaml, read as in openstacksdk: dashes in keys are underscores, the first of {@code regions}
 * applies with its values, and keys that belong under {@code auth} may be next to it. A key is rejected if ignoring it
 * would change who logs in, where, or what is called.
 */
final class CloudEntry {
    /** Longer than any token that Keystone accepts. A Secret can have 1 MiB, and each entry is kept in memory. */
    private static final int LONGEST_TEXT = 20_000;

    private static final int LONGEST_NAME = 255;
    private static final Set<String> TRUE = Set.of("true", "yes", "on", "1");
    private static final Set<String> FALSE = Set.of("false", "no", "off", "0");

    private final String name;
    private final boolean inSecret;
    private final Map<String, Object> entry;
    private final Map<String, Object> auth;

    /**
     * @param name for messages
     * @param region the region to use, one of the entry's if it has any; null: the entry's first
     * @param inSecret whether it may not refer to files of this machine
     */
    CloudEntry(String name, Map<?, ?> given, @Nullable String region, boolean inSecret) {
        this.name = name;
        this.inSecret = inSecret;
        this.entry = normalized("", given);
        this.auth = auth(entry.remove("auth"));
        applyRegion(region);
        entry.forEach((key, value) -> check("", CloudKeys.inEntry(key), value));
        auth.forEach((key, value) -> check("auth.", CloudKeys.inAuth(key), value));
    }

    private Map<String, Object> normalized(String prefix, Map<?, ?> given) {
        Map<String, Object> keys = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            if (!(key instanceof String text)) {
                throw invalid("a key is not a string");
            }
            if (keys.put(text.replace('-', '_'), value == null ? "" : value) != null) {
                throw invalid(prefix + printable(text.replace('-', '_')) + " is given twice, once with dashes");
            }
        });
        return keys;
    }

    private Map<String, Object> auth(@Nullable Object given) {
        if (given == null || given.equals("")) {
            return new LinkedHashMap<>();
        }
        if (!(given instanceof Map<?, ?> map)) {
            throw invalid("auth must be a mapping of auth_url, username and so on");
        }
        return normalized("auth.", map);
    }

    /** Like {@code OpenStackConfig._get_region}. */
    private void applyRegion(@Nullable String wanted) {
        Object regions = entry.remove("regions");
        if (regions == null || regions.equals("")) {
            List<String> names = texts("region_name").stream()
                    .flatMap(each -> Stream.of(each.split(",")).map(String::strip))
                    .toList();
            if (wanted != null) {
                mustBeAmong(names, wanted);
                entry.put("region_name", wanted);
            }
            return;
        }
        if (!(regions instanceof List<?> list) || list.isEmpty()) {
            throw invalid("regions must be a list of names, or of mappings with name and values");
        }
        List<String> names = list.stream().map(this::regionName).toList();
        if (wanted != null) {
            mustBeAmong(names, wanted);
        }
        int index = wanted == null ? 0 : names.indexOf(wanted);
        List<String> given = texts("region_name");
        if (wanted == null && !given.isEmpty() && !given.get(0).equals(names.get(0))) {
            throw invalid(
                    "region_name and regions differ, and OpenStack's clients use the first of regions: remove one of"
                            + " the two");
        }
        if (list.get(index) instanceof Map<?, ?> map) {
            applyValues(map);
        }
        entry.put("region_name", names.get(index));
    }

    private void mustBeAmong(List<String> names, String wanted) {
        if (!names.isEmpty() && !names.contains(wanted)) {
            throw invalid("OS_REGION_NAME is not one of the entry's regions: " + String.join(", ", names));
        }
    }

    private String regionName(Object element) {
        Object name = element instanceof Map<?, ?> map ? map.get("name") : element;
        if (!(name instanceof String text) || text.isBlank()) {
            throw invalid("regions must be a list of names, or of mappings with name and values");
        }
        return text;
    }

    private void applyValues(Map<?, ?> region) {
        if (!Set.of("name", "values").containsAll(region.keySet())) {
            throw invalid("an element of regions may only have name and values");
        }
        Object values = region.get("values");
        if (values instanceof Map<?, ?> its) {
            Map<String, Object> more = normalized("regions.values.", its);
            auth.putAll(auth(more.remove("auth")));
            more.values().removeIf(""::equals);
            entry.putAll(more);
        } else if (values != null) {
            throw invalid("values of an element of regions must be a mapping");
        }
    }

    private void check(String prefix, CloudKeys.CloudKey key, Object value) {
        if (value.equals("") || (value instanceof String text && text.isBlank())) {
            return;
        }
        String shown = prefix + printable(key.name());
        if (key.use() == Use.LOCAL && inSecret) {
            boolean isPem = value instanceof String text && text.contains("-----BEGIN ");
            throw invalid(shown + " "
                    + (isPem
                            ? key.says().replace("is a path to a file", "is a PEM, but a path is expected")
                            : key.says()));
        }
        if (key.name().equals("unscoped")
                && value instanceof String text
                && FALSE.contains(text.toLowerCase(Locale.ROOT))) {
            return;
        }
        if (key.use() == Use.REFUSED) {
            throw invalid(shown + " " + key.says());
        }
    }

    /** The first of these keys, which belong under {@code auth}, that is set. */
    @Nullable
    String field(String... names) {
        String value = text(auth, "auth.", names);
        return value == null ? text(entry, "", names) : value;
    }

    /** The first of these keys of the entry itself that is set. */
    @Nullable
    String top(String... names) {
        return text(entry, "", names);
    }

    /** Like {@link #field}, but required. */
    String need(String described, String... names) {
        String value = field(names);
        if (value == null) {
            throw invalid("auth." + described + " is missing or empty");
        }
        return value;
    }

    /** A string of the entry itself, or several, the most preferred first; empty if it isn't set. */
    List<String> texts(String key) {
        Object value = entry.get(key);
        if (!(value instanceof List<?> list)) {
            String text = top(key);
            return text == null ? List.of() : List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (Object each : list) {
            if (!(each instanceof String text) || text.isBlank()) {
                throw invalid(key + " must be a string or a list of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** A name that is sent, compared and shown; null if it isn't there. */
    @Nullable
    String name(String key) {
        String given = top(key);
        if (given != null && (given.length() > LONGEST_NAME || given.chars().anyMatch(Character::isISOControl))) {
            throw invalid(key + " is too long or has a control character");
        }
        return given;
    }

    boolean flag(String key, boolean otherwise, String advice) {
        String given = top(key);
        String value = given == null ? "" : given.toLowerCase(Locale.ROOT);
        if (!value.isEmpty() && !TRUE.contains(value) && !FALSE.contains(value)) {
            throw invalid(key + " must be true or false" + advice);
        }
        return value.isEmpty() ? otherwise : TRUE.contains(value);
    }

    /** Whether the entry says anything under these, or beside {@code auth}. */
    boolean has(String key) {
        return field(key) != null;
    }

    /** The keys for the login that say something. */
    List<String> loginKeys() {
        return CloudKeys.AUTH.stream()
                .filter(key -> key.use() == Use.READ)
                .map(CloudKeys.CloudKey::name)
                .filter(this::has)
                .toList();
    }

    /** A URL, in which {@code {region_name}} is the region, as openstacksdk has it. */
    HttpUrl url(String shown, String given) {
        String region = Objects.requireNonNullElse(region(), "");
        HttpUrl url = Endpoint.parse(given.replace("{region_name}", region));
        if (url == null || given.replace("{region_name}", region).matches(".*[{}].*")) {
            throw invalid(shown + " must be like https://host:port/path, without user, query and fragment");
        }
        return url;
    }

    /** The region of all services; several in a text are separated by commas, and of several the first counts. */
    @Nullable
    String region() {
        List<String> names = texts("region_name");
        String first = names.isEmpty() ? "" : names.get(0).split(",", 2)[0].strip();
        if (first.length() > LONGEST_NAME || first.chars().anyMatch(Character::isISOControl)) {
            throw invalid("region_name is too long or has a control character");
        }
        return first.isEmpty() ? null : first;
    }

    private @Nullable String text(Map<String, Object> map, String prefix, String... names) {
        for (String key : names) {
            Object value = map.get(key);
            // the tag could make it bytes, a set or a date, whose text differs from what was typed
            if (value != null && !(value instanceof String)) {
                throw invalid(prefix + key + " must be a string");
            }
            String text = Objects.toString(value, "");
            if (text.length() > LONGEST_TEXT) {
                throw invalid(prefix + key + " is longer than " + LONGEST_TEXT + " characters");
            }
            if (!text.isBlank()) {
                return text;
            }
        }
        return null;
    }

    OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, "clouds.yaml, entry " + name + ": " + what);
    }

    /** An unknown key can be anything, even a password without its key. */
    private static String printable(String key) {
        return key.matches("[a-z0-9_]{1,40}") ? key : "(a key that isn't a name)";
    }
}
