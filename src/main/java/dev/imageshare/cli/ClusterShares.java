package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.site.DeclaredProjects;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ImageShares of a cluster, according to their status. */
final class ClusterShares {

    private final List<ImageShare> shares;
    /** By the image's ID. */
    private final Map<String, List<Declarer>> declarers;

    private final Map<String, String> names = new HashMap<>();
    private final Map<PlaceOfSet, Set<String>> gone = new HashMap<>();

    /**
     * What a ProjectSet says of a cloud's projects counts for images of that cloud that are shared from its namespace.
     *
     * @param cloud the Keystone, as in statuses
     */
    private record PlaceOfSet(String namespace, @Nullable String cloud) {}

    /**
     * @param owner null while the object has not found its image
     */
    private record Declarer(
            String name,
            PlaceOfSet place,
            String imageId,
            @Nullable String owner,
            Set<String> projects) {

        boolean isOf(@Nullable String imageOwner) {
            return owner == null || owner.equals(imageOwner);
        }
    }

    /**
     * @param sets which call projects by names, and know which of them Keystone no longer has
     * @param now members whose time has ended by then are no longer declared
     */
    ClusterShares(List<ImageShare> shares, List<ProjectSet> sets, Instant now) {
        this.shares = List.copyOf(shares);
        for (var set : sets) {
            names.putAll(set.projectNames());
            if (!set.goneProjects().isEmpty()) {
                gone.computeIfAbsent(
                                new PlaceOfSet(
                                        set.getMetadata().getNamespace(),
                                        Objects.requireNonNull(set.getStatus()).cloud()),
                                place -> new HashSet<>())
                        .addAll(set.goneProjects());
            }
        }
        this.declarers = shares.stream()
                .flatMap(share -> declarer(share, now).stream())
                .collect(Collectors.groupingBy(Declarer::imageId));
    }

    /** Empty for one that refers to its image in another way than by ID, and has found none yet. */
    private static Optional<Declarer> declarer(ImageShare share, Instant now) {
        var image = share.getStatus() == null ? null : share.getStatus().image();
        var reference = share.getSpec() == null ? null : share.getSpec().image();
        var id = image != null ? image.id() : reference == null ? null : reference.id();
        return Optional.ofNullable(id)
                .map(known -> new Declarer(
                        name(share),
                        new PlaceOfSet(share.getMetadata().getNamespace(), image == null ? null : image.cloud()),
                        known,
                        image == null ? null : image.owner(),
                        DeclaredProjects.of(share, now)));
    }

    Map<String, String> names() {
        return Map.copyOf(names);
    }

    /** Whether a ProjectSet of an object that is about this image says that Keystone no longer has this project. */
    boolean isGone(String imageId, @Nullable String owner, String project) {
        return declarers.getOrDefault(imageId, List.of()).stream()
                .filter(by -> by.place.cloud() != null && by.isOf(owner))
                .anyMatch(by -> gone.getOrDefault(by.place, Set.of()).contains(project));
    }

    /** The objects that name this project as a member of this image, as {@code namespace/name}. */
    List<String> declaring(String imageId, @Nullable String owner, String project) {
        return declarers.getOrDefault(imageId, List.of()).stream()
                .filter(by -> by.isOf(owner))
                .filter(by -> by.projects.contains(project))
                .map(Declarer::name)
                .sorted()
                .toList();
    }

    private static String name(ImageShare share) {
        return share.getMetadata().getNamespace() + "/" + share.getMetadata().getName();
    }

    /** One row per membership in the objects' status; an image with several objects is reported once. */
    List<Report.Row> rows(List<String> notes) {
        var rows = new ArrayList<Report.Row>();
        var seen = new HashSet<String>();
        var unknown = new ArrayList<String>();
        String oldest = null;
        for (var share : shares) {
            var status = share.getStatus();
            if (status == null || status.image() == null) {
                unknown.add(name(share));
                continue;
            }
            if (status.lastSyncTime() != null
                    && (oldest == null || status.lastSyncTime().compareTo(oldest) < 0)) {
                oldest = status.lastSyncTime();
            }
            rows(share, status, status.image(), seen, rows);
            var summary = status.summary();
            if (summary != null && status.members() != null && summary.present() > present(status)) {
                notes.add(name(share) + " lists " + present(status) + " of the image's " + summary.present()
                        + " members; use --cloud for all.");
            }
        }
        if (!unknown.isEmpty()) {
            notes.add("Not reported, since the operator has found no image for them yet: " + String.join(", ", unknown)
                    + ".");
        }
        notes.addAll(atSeveralUrls());
        if (oldest != null) {
            notes.add("As last seen by the operator; the oldest pass was at " + oldest + ".");
        }
        return rows;
    }

    /** Images that objects in several namespaces have in common except for the cloud's URL: it may be one cloud. */
    private List<String> atSeveralUrls() {
        record CloudOfNamespace(String namespace, String cloud) {}
        var places = new HashMap<List<String>, Set<CloudOfNamespace>>();
        for (var share : shares) {
            var image = share.getStatus() == null ? null : share.getStatus().image();
            if (image != null && image.cloud() != null) {
                places.computeIfAbsent(List.of(image.id(), image.owner(), image.region()), key -> new HashSet<>())
                        .add(new CloudOfNamespace(share.getMetadata().getNamespace(), image.cloud()));
            }
        }
        return places.values().stream()
                .filter(those -> those.stream()
                                .map(CloudOfNamespace::namespace)
                                .distinct()
                                .count()
                        > 1)
                .map(those -> those.stream()
                        .map(CloudOfNamespace::cloud)
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(",")))
                .filter(urls -> urls.contains(","))
                .distinct()
                .sorted()
                .map(urls -> "Images of the same ID, owner and region are shared from several namespaces at " + urls
                        + ". If these URLs are one cloud, start the operator with --same-cloud=" + urls + ".")
                .toList();
    }

    private static int present(ImageShareStatus status) {
        return status.members() == null
                ? 0
                : (int) status.members().stream()
                        .filter(m -> m.status() != null)
                        .count();
    }

    private void rows(
            ImageShare share,
            ImageShareStatus status,
            ImageShareStatus.ImageInfo image,
            Set<String> seen,
            List<Report.Row> rows) {
        // May be absent from an older operator's status.
        var visibility = Objects.requireNonNullElse(image.visibility(), "shared");
        var shown = new Report.Shown(
                name(share),
                image.id(),
                Objects.requireNonNullElse(image.name(), ""),
                image.owner(),
                visibility,
                Objects.requireNonNullElse(image.status(), "active"),
                null,
                false,
                status.lastSyncTime());
        var members = status.members() == null || !visibility.equals("shared")
                ? List.<ImageShareStatus.MemberInfo>of()
                : status.members().stream().filter(m -> m.status() != null).toList();
        for (var member : members) {
            if (seen.add(image.id() + " " + image.region() + " " + member.projectID())) {
                rows.add(shown.member(
                        member.projectID(),
                        names.get(member.projectID()),
                        isGone(image.id(), image.owner(), member.projectID()),
                        String.valueOf(member.status()),
                        member.updatedAt(),
                        declaring(image.id(), image.owner(), member.projectID())));
            }
        }
        if (members.isEmpty() && seen.add(image.id() + " " + image.region())) {
            rows.add(shown.alone());
        }
    }
}
