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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes ImageShare manifests of images. Pure; the same images give the same text. */
final class Export {

    private static final int MAX_MEMBERS = 1000;
    private static final int LONGEST_NAME = 54;

    /**
     * One object.
     *
     * @param name the object's
     * @param text the manifest, ending in a line end
     * @param warnings what a person should know
     */
    record Manifest(String name, String text, List<String> warnings) {}

    private final String cloud;
    private final String secret;
    private final @Nullable String namespace;

    Export(String cloud, String secret, @Nullable String namespace) {
        this.cloud = cloud;
        this.secret = secret;
        this.namespace = namespace;
    }

    /** One manifest for each image that has a member; by name. */
    List<Manifest> of(List<Owned> images) {
        var names = new HashSet<String>();
        return images.stream()
                .filter(image -> image.members() != null && !image.members().isEmpty())
                // The oldest keeps the plain name, whatever is added later.
                .sorted(Comparator.comparing(Owned::image, CloudImages.byAge()))
                .map(image -> manifest(image, unique(image.image(), names)))
                .sorted(Comparator.comparing(Manifest::name))
                .toList();
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

    private Manifest manifest(Owned owned, String name) {
        var image = owned.image();
        var members = Objects.requireNonNull(owned.members());
        var valid = members.stream()
                .filter(member -> FieldRules.isProjectId(member.projectId()))
                .toList();
        var listed = valid.stream().limit(MAX_MEMBERS).toList();
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
        var all = yaml.list();
        for (var member : listed) {
            all.add(yaml.mapping().putQuoted("projectID", member.projectId(), note(member, image)));
        }
        spec.put("members", all);
        var metadata = yaml.mapping().put("name", name);
        if (namespace != null) {
            metadata.put("namespace", namespace);
        }
        var object = yaml.mapping()
                .comment((image.name().isEmpty() ? "(no name)" : image.name()) + (owned.hidden() ? " (hidden)" : ""))
                .put("apiVersion", NearMiss.VERSION)
                .put("kind", "ImageShare")
                .put("metadata", metadata)
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
