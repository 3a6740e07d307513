package dev.imageshare.notifier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Who is told in which project. */
final class Contacts {

    /** The key of a Secret of contacts. */
    static final String KEY = "contacts.yaml";

    /** As RFC 5321 has it, without what nobody uses: quoted local parts and address literals, and without anything that a header could end with. */
    static final Pattern ADDRESS = Pattern.compile(
            "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*");

    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_ADDRESS = 254;
    private static final int MAX_ADDRESSES = 32;

    private final Map<String, List<Recipient>> byProject;
    private final List<Recipient> others;

    private Contacts(Map<String, List<Recipient>> byProject, List<Recipient> others) {
        this.byProject = byProject;
        this.others = others;
    }

    /** For a type with one receiver: that one, whatever the project. */
    static Contacts webhook() {
        return new Contacts(Map.of(), List.of(Recipient.WEBHOOK));
    }

    /** Those who are told in this project; none if nobody is. */
    List<Recipient> of(String project) {
        return byProject.getOrDefault(project, others);
    }

    /**
     * The contacts of a text such as {@code 8a4d…: [team-a@example.org]}, or with one address instead of a list.
     *
     * @throws IllegalArgumentException if it is anything else; the message names the line, and no address
     */
    static Contacts parse(String text, byte[] secret) {
        if (!(load(text) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(
                    KEY + " must be a YAML mapping of project IDs to addresses, such as 8a4d…: [team-a@example.org]");
        }
        var all = new LinkedHashMap<String, List<Recipient>>();
        var number = 0;
        for (var entry : map.entrySet()) {
            number++;
            if (!(entry.getKey() instanceof String project)) {
                throw new IllegalArgumentException(KEY + ": entry " + number + " has no project ID as its key");
            }
            all.put(project, addresses(number, entry.getValue(), secret));
        }
        return new Contacts(all, List.of());
    }

    private static List<Recipient> addresses(int number, @Nullable Object value, byte[] secret) {
        var texts = new ArrayList<Object>();
        if (value instanceof List<?> list) {
            texts.addAll(list);
        } else if (value != null) {
            texts.add(value);
        }
        if (texts.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException(
                    KEY + ": entry " + number + " has more than " + MAX_ADDRESSES + " addresses; use a mailing list");
        }
        var recipients = new LinkedHashSet<Recipient>();
        for (var text : texts) {
            if (!(text instanceof String address)
                    || address.length() > MAX_ADDRESS
                    || !ADDRESS.matcher(address).matches()) {
                throw new IllegalArgumentException(
                        KEY + ": entry " + number
                                + " has an address that doesn't look like team-a@example.org (no display name, no angle brackets, ASCII only)");
            }
            recipients.add(Recipient.of(address, secret));
        }
        return List.copyOf(recipients);
    }

    private static @Nullable Object load(String text) {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setAllowDuplicateKeys(false);
        options.setNestingDepthLimit(5);
        var unused = new DumperOptions();
        try {
            return new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new AsTyped())
                    .load(text);
        } catch (MarkedYAMLException e) {
            // its text quotes the lines around the problem, and those have addresses
            var mark = e.getProblemMark();
            throw new IllegalArgumentException(KEY + " is not valid YAML"
                    + (mark == null ? "" : " at line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                    + " (a syntax error, or a project named twice)");
        } catch (RuntimeException | StackOverflowError e) {
            throw new IllegalArgumentException(KEY + " can't be read as YAML: it is too long, or nested too deeply");
        }
    }

    /** A scalar is the text that was typed: 0123 and 1e5 are project IDs. */
    private static final class AsTyped extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
