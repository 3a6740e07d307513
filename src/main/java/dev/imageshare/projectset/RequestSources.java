package dev.imageshare.projectset;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The requests among the sources of a set's projects. Pure. */
final class RequestSources {

    /** How many requests count for one project: those that end last. */
    private static final int MAX_OF_PROJECT = 16;

    private static final Comparator<Application> THE_LAST_FIRST = Comparator.<Application, Instant>comparing(
                    application -> application.end() == null ? Instant.MAX : application.end())
            .reversed()
            .thenComparing(Application::source);

    private final boolean known;
    private final Instant now;

    /** What was granted, by project and source. */
    private final Map<String, Map<String, Application>> granted = new TreeMap<>();

    /** What was denied, by project and source. */
    private final Map<String, Map<String, Application>> denied = new HashMap<>();

    /** @param applications null if it isn't known what the requests come to */
    RequestSources(@Nullable Applications applications, Instant now) {
        this.known = applications != null;
        this.now = now;
        if (applications == null) {
            return;
        }
        applications.decided().stream()
                .filter(application -> !application.granted())
                .forEach(application -> put(denied, application));
        applications.decided().stream()
                .filter(Application::granted)
                .collect(Collectors.groupingBy(Application::projectID))
                .values()
                .forEach(ofProject -> ofProject.stream()
                        .sorted(THE_LAST_FIRST)
                        .limit(MAX_OF_PROJECT)
                        .forEach(application -> put(granted, application)));
    }

    private static void put(Map<String, Map<String, Application>> map, Application application) {
        map.computeIfAbsent(application.projectID(), id -> new TreeMap<>()).put(application.source(), application);
    }

    /** Whether it is known what the requests come to. If not, nobody leaves by them. */
    boolean areKnown() {
        return known;
    }

    /**
     * The requests that keep each project in the set now.
     *
     * @param stays whether a source counts for a project although its end has come
     */
    Map<String, List<String>> present(BiPredicate<String, String> stays) {
        return granted.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        project -> project.getValue().values().stream()
                                .filter(application ->
                                        !hasEnded(application) || stays.test(project.getKey(), application.source()))
                                .map(Application::source)
                                .toList()));
    }

    private boolean hasEnded(Application application) {
        return application.end() != null && !now.isBefore(application.end());
    }

    boolean isDenied(String project, String source) {
        return find(denied, project, source).isPresent();
    }

    /** When the request's access ends, or ended. */
    Optional<Instant> end(String project, String source) {
        return find(granted, project, source).map(Application::end);
    }

    /** Whether the request was granted, and its end has come. */
    boolean hasEnded(String project, String source) {
        return find(granted, project, source).filter(this::hasEnded).isPresent();
    }

    /** What Keystone calls the project. */
    Optional<String> name(String project) {
        return granted.getOrDefault(project, Map.of()).values().stream()
                .flatMap(application -> Optional.ofNullable(application.projectName()).stream())
                .findFirst();
    }

    private static Optional<Application> find(
            Map<String, Map<String, Application>> map, String project, String source) {
        return Optional.ofNullable(map.getOrDefault(project, Map.of()).get(source));
    }
}
