package dev.imageshare.site;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One project, and the images that it is a member of.
 *
 * @param file the name of its page without its ending, unique on the site
 * @param id as Glance stores it; for a member that somebody mistyped any text
 * @param name null if Keystone didn't tell it
 * @param memberships by the image's name
 * @param acceptances the ImageAcceptances that answer for it
 */
public record SiteProject(
        String file, String id, @Nullable String name, List<Membership> memberships, List<SiteAcceptance> acceptances) {

    /** By name, those without one last. */
    static final Comparator<SiteProject> ORDER = Comparator.comparing((SiteProject project) -> project.name == null)
            .thenComparing(SiteProject::title, String.CASE_INSENSITIVE_ORDER)
            .thenComparing(SiteProject::id);

    public SiteProject {
        memberships = List.copyOf(memberships);
        acceptances = List.copyOf(acceptances);
    }

    /** One image that the project is a member of, or is to become one. */
    public record Membership(SiteImage image, SiteMember member) {}

    /** What people call it. */
    public String title() {
        return name == null || name.isBlank() ? id : name;
    }

    public Answers answers() {
        return Answers.of(memberships.stream().map(Membership::member).toList());
    }
}
