package dev.imageshare.site;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** All projects. */
public record ProjectsPage(Frame frame, List<ProjectRow> rows, boolean clusterAsked) {

    /**
     * One project.
     *
     * @param waitingSince the oldest of its pending answers; null if it has none
     */
    public record ProjectRow(
            SiteProject project, Answers answers, @Nullable String waitingSince) {}

    static ProjectsPage of(Frame frame, SiteData data) {
        return new ProjectsPage(
                frame,
                data.projects().stream()
                        .map(project -> new ProjectRow(
                                project,
                                project.answers(),
                                project.memberships().stream()
                                        .map(SiteProject.Membership::member)
                                        .filter(SiteMember::isPending)
                                        .map(SiteMember::since)
                                        .filter(Objects::nonNull)
                                        .min(Comparator.naturalOrder())
                                        .orElse(null)))
                        .toList(),
                data.clusterAsked());
    }
}
