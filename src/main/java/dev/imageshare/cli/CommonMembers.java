package dev.imageshare.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The projects that many images have in common. Pure. */
final class CommonMembers {

    private record Group(Set<String> projects, long images) {

        /** What the images' lists lose when each names the group in one entry. */
        private long saved() {
            return images * (projects.size() - 1);
        }
    }

    private CommonMembers() {}

    /**
     * The group that makes the images' lists shortest when each image that has all of it names it instead. Looked at are the
     * projects that at least so and so many images have, what one image has, and the project that most have: the best of all
     * groups would take too long to find.
     *
     * @param images the members of each image
     * @return sorted; empty if no two images have a member in common
     */
    static Set<String> of(Collection<Set<String>> images) {
        var counts = new HashMap<String, Integer>();
        images.forEach(members -> members.forEach(member -> counts.merge(member, 1, Integer::sum)));
        return candidates(images, counts).stream()
                .filter(projects -> !projects.isEmpty())
                .distinct()
                .map(projects -> new Group(
                        projects,
                        images.stream()
                                .filter(members -> members.containsAll(projects))
                                .count()))
                .filter(group -> group.images() > 1)
                .max(Comparator.comparingLong(Group::saved)
                        .thenComparing(Group::images)
                        .thenComparing(group -> group.projects().toString()))
                .map(Group::projects)
                .orElse(Set.of());
    }

    private static List<Set<String>> candidates(Collection<Set<String>> images, Map<String, Integer> counts) {
        var candidates = new ArrayList<Set<String>>();
        counts.values().stream()
                .distinct()
                .map(least -> counts.entrySet().stream()
                        .filter(each -> each.getValue() >= least)
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toCollection(TreeSet::new)))
                .forEach(candidates::add);
        images.forEach(members -> candidates.add(new TreeSet<>(members)));
        counts.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .ifPresent(most -> candidates.add(new TreeSet<>(Set.of(most.getKey()))));
        return candidates;
    }
}
