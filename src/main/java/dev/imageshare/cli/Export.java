package dev.imageshare.cli;

import dev.imageshare.cli.CloudImages.Owned;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.FieldRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes ImageShare manifests of images, and a ProjectSet of what they have in common. Pure; the same images give the same text. */
final class Export {

    private static final int MAX_MEMBERS = 1000;
    private static final int LONGEST_NAME = 54;
    private static final String SET_FILE = "project-set-";
    /** Characters of a project's name; the CRD's limit is far above Keystone's. */
    private static final int MAX_NAME = 255;

    /**
     * One object.
     *
     * @param file the file's name, without its ending
     * @param text the manifest, ending in a line end
     * @param warnings what a person should know
     */
    record Manifest(String file, String text, List<String> warnings) {}

    private final String cloud;
    private final String secret;
    private final @Nullable String namespace;
    private final @Nullable String set;
    private final Map<String, String> projectNames;

    /**
     * @param set the name of the ProjectSet for what many images have in common; null for none
     * @param projectNames what Keystone calls projects, by their IDs, as far as it tells
     */
    Export(
            String cloud,
            String secret,
            @Nullable String namespace,
            @Nullable String set,
            Map<String, String> projectNames) {
        this.cloud = cloud;
        this.secret = secret;
        this.namespace = namespace;
        this.set = set;
        this.projectNames = Map.copyOf(projectNames);
    }

    /**
     * One manifest for each image that has a member, by name; before them that of the ProjectSet, if there is one and at
     * least two images have a member in common.
     */
    List<Manifest> of(List<Owned> images) {
        var names = new HashSet<String>();
        var shared = images.stream()
                .filter(image -> image.members() != null && !image.members().isEmpty())
                .toList();
        var manifests = new ArrayList<Manifest>();
        var common = set == null
                ? Set.<String>of()
                : CommonMembers.of(shared.stream().map(this::forASet).toList());
        if (set != null && !common.isEmpty()) {
            var file = SET_FILE + set;
            names.add(file);
            manifests.add(new Manifest(file, setManifest(set, common), List.of()));
        }
        shared.stream()
                // The oldest keeps the plain name, whatever is added later.
                .sorted(Comparator.comparing(Owned::image, CloudImages.byAge()))
                .map(image -> manifest(image, unique(image.image(), names), common))
                .sorted(Comparator.comparing(Manifest::file))
                .forEach(manifests::add);
        return manifests;
    }

    /** The members that a ProjectSet can name without a remark. */
    private Set<String> forASet(Owned owned) {
        return declarable(owned).stream()
                .filter(member -> note(member, owned.image()).isEmpty())
                .map(Member::projectId)
                .collect(Collectors.toSet());
    }

    /** Those that one object can name, in Glance's order. */
    private static List<Member> declarable(Owned owned) {
        return Objects.requireNonNull(owned.members()).stream()
                .filter(member -> FieldRules.isProjectId(member.projectId()))
                .limit(MAX_MEMBERS)
                .toList();
    }

    private String setManifest(String name, Set<String> projects) {
        var yaml = new YamlWriter();
        var entries = yaml.list();
        for (var project : projects) {
            var entry = yaml.mapping().putQuoted("projectID", project);
            var called = projectNames.get(project);
            if (called != null && !called.isEmpty()) {
                entry.putQuoted("name", FieldRules.clipped(called, MAX_NAME));
            }
            entries.add(entry);
        }
        return yaml.write(yaml.mapping()
                .comment("What many images have in common")
                .put("apiVersion", NearMiss.VERSION)
                .put("kind", "ProjectSet")
                .put("metadata", metadata(yaml, name))
                .put("spec", yaml.mapping().put("projects", entries)));
    }

    private YamlWriter.Mapping metadata(YamlWriter yaml, String name) {
        var metadata = yaml.mapping().put("name", name);
        return namespace == null ? metadata : metadata.put("namespace", namespace);
    }

    private static String unique(Image image, Set<String> taken) {
        var plain = name(image.name(), "image");
        for (var candidate : List.of(
                plain,
                plain + "-" + image.id().substring(0, 8),
                plain.substring(0, Math.min(plain.length(), 20)) + "-" + image.id())) {
            if (taken.add(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException("image " + image.id() + " is listed twice");
    }

    /** A name that Kubernetes takes. */
    static String name(String text, String otherwise) {
        var name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        var cut = name.substring(0, Math.min(name.length(), LONGEST_NAME)).replaceAll("^-+|-+$", "");
        return cut.isEmpty() ? otherwise : cut;
    }

    private Manifest manifest(Owned owned, String name, Set<String> common) {
        var image = owned.image();
        var members = Objects.requireNonNull(owned.members());
        var valid = members.stream()
                .filter(member -> FieldRules.isProjectId(member.projectId()))
                .toList();
        var listed = declarable(owned);
        var left = new ArrayList<>(members);
        left.removeAll(listed);
        var warnings = new ArrayList<String>();
        var yaml = new YamlWriter();
        var spec = yaml.mapping();
        spec.put("cloudCredentialsRef", yaml.mapping().put("secretName", secret).put("cloudName", cloud));
        spec.put("image", yaml.mapping().putQuoted("id", image.id()));
        if (!left.isEmpty()) {
            var why = left.size() + " of its members can't be declared (" + reason(valid) + ") and keep their access: "
                    + some(left);
            warnings.add("image " + image.id() + ": " + why);
            spec.comment("Additive, since " + why).put("membershipPolicy", "Additive");
        }
        var namesSet = !common.isEmpty() && forASet(owned).containsAll(common);
        if (namesSet) {
            spec.put("projectSetRefs", List.of(yaml.mapping().put("name", Objects.requireNonNull(set))));
        }
        var all = yaml.list();
        for (var member : listed) {
            if (namesSet && common.contains(member.projectId())) {
                continue;
            }
            all.add(yaml.mapping().putQuoted("projectID", member.projectId(), note(member, image)));
        }
        if (!(namesSet && all.isEmpty())) {
            spec.put("members", all);
        }
        var object = yaml.mapping()
                .comment((image.name().isEmpty() ? "(no name)" : image.name()) + (owned.hidden() ? " (hidden)" : ""))
                .put("apiVersion", NearMiss.VERSION)
                .put("kind", "ImageShare")
                .put("metadata", metadata(yaml, name))
                .put("spec", spec);
        return new Manifest(name, yaml.write(object), warnings);
    }

    private static String reason(List<Member> valid) {
        return valid.size() > MAX_MEMBERS ? "an object has at most 1,000" : "they are not project IDs";
    }

    private static String note(Member member, Image image) {
        if (member.projectId().equals(image.owner())) {
            return "the image's owner";
        }
        return FieldRules.suspectNames(List.of(member.projectId())).isEmpty() ? "" : "no project ID; probably nobody";
    }

    private static String some(List<Member> members) {
        var names = members.stream()
                .limit(20)
                .map(member -> FieldRules.clipped(member.projectId(), 64))
                .toList();
        return String.join(", ", names) + (members.size() > 20 ? " and " + (members.size() - 20) + " more" : "");
    }
}
