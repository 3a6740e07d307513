package dev.imageshare.site;

import java.util.List;
import java.util.Set;

/**
 * One project, and what it may boot.
 *
 * @param everyones images that every project may use, so this one too
 * @param ended the images of the site whose last day is over, by the names of their files
 */
public record ProjectPage(
        Frame frame, SiteProject project, Answers answers, List<SiteImage> everyones, Set<String> ended) {

    static ProjectPage of(Frame frame, SiteProject project, SiteData data, Set<String> ended) {
        return new ProjectPage(
                frame,
                project,
                project.answers(),
                data.images().stream().filter(SiteImage::isForEveryone).toList(),
                ended);
    }

    /** What an answer means for who wants to boot the image. */
    public static String access(SiteProject.Membership membership) {
        if (!membership.image().status().equals("active")) {
            return "no: " + PageText.text(membership.image().status());
        }
        var answer = membership.member().answer();
        if (answer == null) {
            return "not yet";
        }
        return switch (answer) {
            case accepted -> membership.image().hidden() ? "yes, by ID" : "yes";
            case pending, rejected -> "yes, by ID";
        };
    }
}
