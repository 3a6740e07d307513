package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The clouds.yaml on a user's machine, found and merged as in openstacksdk: the first that exists of {@code
 * OS_CLIENT_CONFIG_FILE}, the working directory, {@code ~/.config/openstack} and {@code /etc/openstack}, merged with
 * the first secure.yaml in the same places, and with the profile that an entry names in a clouds-public.yaml there.
 */
public final class CloudFiles {

    private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".json");

    private final @Nullable Path clouds;
    private final CloudEnvironment environment;
    private final Places places;
    private final Map<String, Object> entries;

    /**
     * Where to look.
     *
     * @param environment returns a variable's value, or null
     * @param workingDirectory the base of relative paths
     * @param home the user's home
     * @param etc {@code /etc}
     */
    public record Places(UnaryOperator<@Nullable String> environment, Path workingDirectory, Path home, Path etc) {

        /** This process's own. */
        public static Places ofThisProcess() {
            return new Places(
                    System::getenv,
                    Path.of("").toAbsolutePath(),
                    Path.of(System.getProperty("user.home")),
                    Path.of("/etc"));
        }

        private Stream<Path> directories() {
            String config = environment.apply("XDG_CONFIG_HOME");
            return Stream.concat(
                            Stream.of(workingDirectory),
                            Stream.concat(
                                    config == null || config.isBlank()
                                            ? Stream.empty()
                                            : Stream.of(Path.of(config, "openstack")),
                                    Stream.of(
                                                    Stream.of(home.resolve(".config/openstack")),
                                                    site(),
                                                    Stream.of(etc.resolve("openstack")))
                                            .flatMap(each -> each)))
                    .distinct();
        }

        private Stream<Path> site() {
            String given = environment.apply("XDG_CONFIG_DIRS");
            return given == null || given.isBlank()
                    ? Stream.of(etc.resolve("xdg/openstack"))
                    : Stream.of(given.split(":"))
                            .filter(each -> !each.isBlank())
                            .map(each -> Path.of(each, "openstack"));
        }

        private Optional<Path> first(String name) {
            return directories()
                    .flatMap(directory -> SUFFIXES.stream().map(suffix -> directory.resolve(name + suffix)))
                    .filter(Files::isRegularFile)
                    .findFirst();
        }

        /** Expands a path as a user writes it. */
        Path resolve(String given) {
            return given.startsWith("~/") ? home.resolve(given.substring(2)) : workingDirectory.resolve(given);
        }
    }

    private CloudFiles(
            @Nullable Path clouds, CloudEnvironment environment, Places places, Map<String, Object> entries) {
        this.clouds = clouds;
        this.environment = environment;
        this.places = places;
        this.entries = entries;
    }

    /**
     * Finds and reads the files.
     *
     * @param given the clouds.yaml to use, or null to look for one
     * @throws OpenStackException INVALID_CONFIG, saying where it looked, or which file can't be used
     */
    public static CloudFiles find(@Nullable String given, Places places) {
        CloudEnvironment environment = new CloudEnvironment(places.environment());
        Optional<Map<String, Object>> variables = environment.entry();
        Path clouds = (given != null
                        ? Optional.of(named("--clouds", given, places))
                        : variable("OS_CLIENT_CONFIG_FILE", places).or(() -> places.first("clouds")))
                .orElse(null);
        if (clouds == null && variables.isEmpty()) {
            throw invalid("no clouds.yaml found: use --clouds or OS_CLIENT_CONFIG_FILE, put it into this directory,"
                    + " ~/.config/openstack or /etc/openstack, or set OS_AUTH_URL and so on");
        }
        Map<String, Object> entries = new LinkedHashMap<>();
        if (clouds != null) {
            entries.putAll(copy(CloudsYaml.section(load(clouds), "clouds")));
            secure(given, clouds, places).ifPresent(file -> merge(entries, CloudsYaml.section(load(file), "clouds")));
        }
        if (variables.isPresent() && entries.putIfAbsent(environment.entryName(), variables.get()) != null) {
            throw invalid(clouds + " has an entry " + environment.entryName()
                    + ", which is the name of the entry from the OS_… variables: rename it, or set"
                    + " OS_CLOUD_NAME to another name");
        }
        return new CloudFiles(clouds, environment, places, entries);
    }

    private static Optional<Path> secure(@Nullable String given, Path clouds, Places places) {
        Path beside = clouds.resolveSibling("secure.yaml");
        return variable("OS_CLIENT_SECURE_FILE", places)
                .or(() -> Files.isRegularFile(beside) ? Optional.of(beside) : Optional.empty())
                .or(() -> given != null ? Optional.empty() : places.first("secure"));
    }

    private static Optional<Path> variable(String name, Places places) {
        String given = places.environment().apply(name);
        return given == null || given.isBlank() ? Optional.empty() : Optional.of(named(name, given, places));
    }

    private static Path named(String by, String given, Places places) {
        Path file = places.resolve(given);
        if (!Files.isRegularFile(file)) {
            throw invalid(by + " names " + given + ", which is not a file");
        }
        return file;
    }

    /** The entry to use if none is named: the one from variables, or the only one there is. */
    public Optional<String> defaultName() {
        if (environment.entry().isPresent()) {
            return Optional.of(environment.entryName());
        }
        return entries.size() == 1 ? entries.keySet().stream().findFirst() : Optional.empty();
    }

    /** The entries' names, in file order. */
    public Set<String> names() {
        return new LinkedHashSet<>(entries.keySet());
    }

    /** One entry, for images: see {@link #config(String, Purpose)}. */
    public CloudConfig config(String name) {
        return config(name, Purpose.IMAGES);
    }

    /**
     * One entry. If {@code OS_CLOUD} names it, the other variables apply to it, like in the {@code openstack} command.
     * A run can use several entries, and one password can't apply to all of them. Its {@code cacert}, {@code cert} and
     * {@code key} may be files on this machine.
     */
    public CloudConfig config(String name, Purpose purpose) {
        String where = clouds == null ? "" : clouds + ", ";
        try {
            Map<?, ?> entry = CloudsYaml.entry(withProfile(name), name);
            boolean isOwn =
                    !name.equals(places.environment().apply("OS_CLOUD")) || name.equals(environment.entryName());
            return CloudConfig.ofFile(
                    where,
                    isOwn ? entry : environment.over(copy(entry)),
                    name,
                    isOwn ? null : environment.region(),
                    path -> read(places.resolve(path)),
                    purpose);
        } catch (OpenStackException e) {
            throw e.kind() == Kind.INVALID_CONFIG && clouds != null ? invalid(clouds + ": " + e.getMessage()) : e;
        }
    }

    /** A profile applies to keys that the entry doesn't set; {@code cloud} is its old name. */
    private Map<?, ?> withProfile(String name) {
        if (!(entries.get(name) instanceof Map<?, ?> entry)) {
            return entries;
        }
        Object profile = entry.containsKey("profile") ? entry.get("profile") : entry.get("cloud");
        if (!(profile instanceof String profileName) || profileName.isBlank()) {
            return entries;
        }
        Object profiles = places.first("clouds-public").map(CloudFiles::load).orElse(null);
        if (!(CloudsYaml.section(profiles, "public-clouds").get(profileName) instanceof Map<?, ?> found)) {
            throw invalid("entry " + CloudsYaml.shown(name) + ": the profile " + CloudsYaml.shown(profileName)
                    + " is in no clouds-public.yaml, and there are no built-in profiles: copy its keys into the entry");
        }
        Map<String, Object> merged = copy(found);
        merge(merged, entry);
        Map<String, Object> all = new LinkedHashMap<>(entries);
        all.put(name, merged);
        return all;
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value instanceof Map<?, ?> m ? copy(m) : value));
        return copy;
    }

    /** Deeply, the later one first. */
    @SuppressWarnings("unchecked")
    private static void merge(Map<String, Object> into, Map<?, ?> more) {
        more.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (value instanceof Map<?, ?> inner && into.get(name) instanceof Map<?, ?> there) {
                merge((Map<String, Object>) there, inner);
            } else {
                into.put(name, value instanceof Map<?, ?> inner ? copy(inner) : value);
            }
        });
    }

    private static @Nullable Object load(Path file) {
        String text = read(file);
        try {
            return file.toString().endsWith(".json") ? CloudsYaml.loadJson(text) : CloudsYaml.load(text);
        } catch (OpenStackException e) {
            throw invalid(e.getMessage()
                    .replaceFirst("^clouds\\.yaml", file.toString().replace("$", "\\$")));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw invalid("can't read " + file + ": " + e.getClass().getSimpleName());
        }
    }

    private static OpenStackException invalid(String what) {
        return new OpenStackException(Kind.INVALID_CONFIG, what);
    }
}
