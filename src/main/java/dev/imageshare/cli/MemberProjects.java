package dev.imageshare.cli;

import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectAnswer;
import dev.imageshare.reconcile.FieldRules;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What Keystone says of members' projects: their names, and which of them it doesn't have. Only an entry that may list projects is
 * asked, and only about members of images of its own Keystone.
 */
final class MemberProjects {

    private final CloudOptions.Access access;
    private final Map<String, String> names = new HashMap<>();
    /** By the Keystone's origin. */
    private final Map<String, ProjectReader> readers = new HashMap<>();

    /**
     * @param entry a cloud's entry that may list this Keystone's projects
     * @param listed the IDs that it listed: perhaps not all
     */
    private record ProjectReader(String entry, Set<String> listed) {}

    MemberProjects(CloudOptions.Access access) {
        this.access = access;
    }

    /** Asks for the projects that this entry may list. */
    void read(String entry, ImageClient client) {
        client.projectNames().ifPresent(listed -> {
            names.putAll(listed);
            readers.putIfAbsent(client.scope().cloud(), new ProjectReader(entry, listed.keySet()));
        });
    }

    /** Names by ID. */
    Map<String, String> names() {
        return Map.copyOf(names);
    }

    /** Whether no entry may list projects. */
    boolean isSilent() {
        return readers.isEmpty();
    }

    /**
     * The members that a Keystone doesn't have as projects, by its origin. A list can be cut, so each member that wasn't listed is
     * asked for: only 404 counts.
     *
     * @param members by the origin of the Keystone of the image's cloud
     */
    Map<String, Set<String>> missing(Map<String, Set<String>> members, PrintWriter err) {
        record Asked(String keystone, String project) {}
        var all = new ArrayList<Asked>();
        members.forEach((keystone, projects) -> {
            var reader = readers.get(keystone);
            if (reader != null) {
                projects.stream()
                        .filter(project -> FieldRules.isProjectId(project)
                                && !reader.listed().contains(project))
                        .sorted()
                        .forEach(project -> all.add(new Asked(keystone, project)));
            }
        });
        if (all.isEmpty()) {
            return Map.of();
        }
        try (var progress = new Progress(err, "Reading projects", all.size())) {
            return Parallel.map(
                            all,
                            progress,
                            asked -> isMissing(asked.keystone(), asked.project()) ? List.of(asked) : List.<Asked>of())
                    .stream()
                    .flatMap(List::stream)
                    .collect(Collectors.groupingBy(
                            Asked::keystone, Collectors.mapping(Asked::project, Collectors.toSet())));
        }
    }

    private boolean isMissing(String keystone, String project) {
        try {
            var reader = Optional.ofNullable(readers.get(keystone)).orElseThrow();
            return access.directory(reader.entry()).project(project) instanceof ProjectAnswer.NotFound;
        } catch (OpenStackException e) {
            return false; // a help only: nothing is said of it
        }
    }
}
