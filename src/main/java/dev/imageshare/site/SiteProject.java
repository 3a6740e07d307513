package dev.imageshare.site;

import java.util.List;
import java.util.Objects;
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

    public SiteProject {
        memberships = List.copyOf(memberships);
        acceptances = List.copyOf(acceptances);
    }

    /** One image that the project is a member of, or is to become one. */
    public record Membership(SiteImage image, SiteMember member) {}

    /** What people call it. */
    public String title() {
        return Objects.requireNonNullElse(name, id);
    }

    public Answers answers() {
        return Answers.of(memberships.stream().map(Membership::member).toList());
    }
}
