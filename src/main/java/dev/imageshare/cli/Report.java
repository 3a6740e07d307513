package dev.imageshare.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who may boot what. As JSON it is printed by {@code report --output json}, so fields are only ever added.
 *
 * @param total the counts
 * @param rows one entry per image and project; one without a project for an image that everyone or only its owner may
 *     use
 * @param notes what a reader should know about the figures
 */
record Report(Total total, List<Row> rows, List<String> notes) {

    /** Who may use an image, whatever the answer. */
    enum ProjectAccess {
        /** The member: the image is in its lists once accepted, and its ID is sufficient in any case. */
        member,
        /** Every project, by the image's visibility. */
        everyone,
        /** The owner's project alone. */
        owner,
        /** Nobody now: the image isn't active. */
        nobody
    }

    /**
     * What all rows of one image have in common.
     *
     * @param cloud, asOf as in a row
     */
    record Shown(
            String cloud,
            String id,
            String name,
            @Nullable String owner,
            String visibility,
            String status,
            @Nullable String createdAt,
            boolean hidden,
            @Nullable String asOf) {

        /**
         * The row of one member.
         *
         * @param notInKeystone whether Keystone says that it doesn't have the project
         */
        Row member(
                String project,
                @Nullable String projectName,
                boolean notInKeystone,
                String answer,
                @Nullable String since,
                @Nullable List<String> declaredBy) {
            return row(
                    project,
                    projectName,
                    notInKeystone ? Boolean.TRUE : null,
                    answer,
                    since,
                    status.equals("active") ? ProjectAccess.member : ProjectAccess.nobody,
                    declaredBy);
        }

        /** The row of an image without members. */
        Row alone() {
            var access = !status.equals("active")
                    ? ProjectAccess.nobody
                    : switch (visibility) {
                        case "public", "community" -> ProjectAccess.everyone;
                        default -> ProjectAccess.owner;
                    };
            return row(null, null, null, null, null, access, null);
        }

        private Row row(
                @Nullable String project,
                @Nullable String projectName,
                @Nullable Boolean notInKeystone,
                @Nullable String answer,
                @Nullable String since,
                ProjectAccess access,
                @Nullable List<String> declaredBy) {
            return new Row(
                    cloud,
                    id,
                    name,
                    owner,
                    visibility,
                    status,
                    createdAt,
                    hidden,
                    project,
                    projectName,
                    answer,
                    since,
                    access,
                    declaredBy,
                    asOf,
                    notInKeystone);
        }
    }

    /**
     * One image and one project.
     *
     * @param cloud where it was read: a cloud's entry, or an ImageShare's namespace and name
     * @param answer {@code pending}, {@code accepted} or {@code rejected}: what the project's lists show, not what it
     *     may boot; null without a project
     * @param since when the answer was given, or for a pending one when the project became a member
     * @param declaredBy the ImageShares that declare the project; null if no cluster was read
     * @param asOf the time of a cluster's data; null if Glance was read
     * @param notInKeystone true if Keystone says that it doesn't have the project; null if it has, or doesn't say
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Row(
            String cloud,
            String imageId,
            String imageName,
            @Nullable String owner,
            String visibility,
            String imageStatus,
            @Nullable String imageCreatedAt,
            boolean hidden,
            @Nullable String project,
            @Nullable String projectName,
            @Nullable String answer,
            @Nullable String since,
            ProjectAccess access,
            @Nullable List<String> declaredBy,
            @Nullable String asOf,
            @Nullable Boolean notInKeystone) {

        boolean isPending() {
            return "pending".equals(answer);
        }
    }

    /**
     * Counts.
     *
     * @param images images of any visibility
     * @param projects different projects that are members
     * @param undeclared memberships that no ImageShare declares; null if no cluster was read
     * @param everyone images that every project may use
     * @param notInKeystone memberships of projects that Keystone says it doesn't have; null if there are none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Total(
            int images,
            int projects,
            int members,
            int accepted,
            int pending,
            int rejected,
            int everyone,
            @Nullable Integer undeclared,
            @Nullable Integer notInKeystone) {}

    /** How rows are sorted. */
    enum Sort {
        /** By the image's name, then the project. */
        name,
        /** The oldest image first. */
        age,
        /** Pending answers first, longest waiting first. */
        pending;

        private Comparator<Row> comparator() {
            var byName = Comparator.comparing(Row::cloud)
                    .thenComparing(Row::imageName)
                    .thenComparing(Row::imageId)
                    .thenComparing(row -> Objects.requireNonNullElse(row.project(), ""));
            return switch (this) {
                case name -> byName;
                case age ->
                    Comparator.comparing(Row::imageCreatedAt, Comparator.nullsLast(Comparator.naturalOrder()))
                            .thenComparing(byName);
                case pending ->
                    Comparator.comparing((Row row) -> !row.isPending())
                            .thenComparing(Row::since, Comparator.nullsLast(Comparator.naturalOrder()))
                            .thenComparing(byName);
            };
        }
    }

    static Report of(Collection<Row> rows, Sort sort, boolean clusterAsked, List<String> notes) {
        var sorted = rows.stream().sorted(sort.comparator()).toList();
        var missing = count(rows, row -> row.notInKeystone() != null);
        return new Report(
                new Total(
                        (int) rows.stream().map(Row::imageId).distinct().count(),
                        (int) rows.stream()
                                .map(Row::project)
                                .filter(Objects::nonNull)
                                .distinct()
                                .count(),
                        count(rows, row -> row.project() != null),
                        count(rows, row -> "accepted".equals(row.answer())),
                        count(rows, Row::isPending),
                        count(rows, row -> "rejected".equals(row.answer())),
                        count(rows, row -> row.access() == ProjectAccess.everyone),
                        clusterAsked
                                ? Integer.valueOf(count(
                                        rows,
                                        row -> row.project() != null
                                                && row.declaredBy() != null
                                                && row.declaredBy().isEmpty()))
                                : null,
                        missing == 0 ? null : Integer.valueOf(missing)),
                sorted,
                notes);
    }

    private static int count(Collection<Row> rows, Predicate<Row> which) {
        return (int) rows.stream().filter(which).count();
    }
}
