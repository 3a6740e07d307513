package dev.imageshare.operator;

import dev.imageshare.cli.DurationConverter;
import dev.imageshare.reconcile.GoDuration;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Reads options from environment variables only, according to their {@link Option#defaultValue}, as picocli does, but
 * without it: its classes are of a kind that no class archive holds on every Java, and loading and using them takes a
 * quarter of a pod's start: Java 25 with an archive starts in 0.57 s, of the 0.6 s that it may take. Anything that it can't handle is left to picocli, which also reports errors.
 */
final class EnvironmentOptions {

    private static final Pattern DEFAULT = Pattern.compile("\\$\\{env:(\\w+)(?::-([^}]+))?}");

    /**
     * A value without blanks, quotes and variables, for which picocli has rules, and which doesn't begin like an
     * option.
     */
    private static final Pattern PLAIN = Pattern.compile("[\\w.:/,+][\\w.:/,+-]*");

    private EnvironmentOptions() {}

    /**
     * Sets the fields that are options.
     *
     * @param options an object with {@link Option} fields, each with a default of the form {@code ${env:NAME}} or
     *     {@code ${env:NAME:-VALUE}}
     * @return false if picocli is needed; some of the fields may have been set
     */
    static boolean fill(Object options, Map<String, String> environment) {
        try {
            for (var field : options.getClass().getDeclaredFields()) {
                var option = field.getAnnotation(Option.class);
                if (option != null && !fill(options, field, option, environment)) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false; // a value of the wrong type: picocli reports it
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("an option's field can't be set", e);
        }
    }

    private static boolean fill(Object options, Field field, Option option, Map<String, String> environment)
            throws IllegalAccessException {
        Matcher form = DEFAULT.matcher(option.defaultValue());
        if (!form.matches()) {
            return false;
        }
        @Nullable String text = environment.getOrDefault(form.group(1), form.group(2));
        if (text == null) {
            return true;
        }
        if (!PLAIN.matcher(text).matches()) {
            return false;
        }
        Object value = value(field.getType(), option, text);
        if (value == null) {
            return false;
        }
        field.setAccessible(true);
        field.set(options, value);
        return true;
    }

    /** @return null for a value that can't be read */
    private static @Nullable Object value(Class<?> type, Option option, String text) {
        if (option.converter().length > 0) {
            return List.of(option.converter()).equals(List.of(DurationConverter.class))
                    ? GoDuration.parse(text).orElse(null)
                    : null;
        }
        if (type == int.class || type == Integer.class) {
            return text.matches("[1-9]\\d{0,8}|0") ? Integer.valueOf(text) : null;
        }
        if (type == boolean.class) {
            return text.matches("true|false") ? Boolean.valueOf(text) : null;
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(each -> ((Enum<?>) each).name().equalsIgnoreCase(text))
                    .findFirst()
                    .orElse(null);
        }
        if (type == Set.class && option.split().equals(",")) {
            return new LinkedHashSet<>(Arrays.asList(text.split(",")));
        }
        if (type == List.class) {
            return new ArrayList<>(List.of(text));
        }
        if (type == Path.class) {
            return Path.of(text);
        }
        return type == String.class ? text : null;
    }
}
