package dev.imageshare.site;

import java.time.Instant;
import java.util.List;

/**
 * All that the pages show, as it was at one moment.
 *
 * @param asOf the moment; ages and waiting times are counted up to it
 * @param images by name
 * @param projects those that are a member of an image, are to become one, or answer by an ImageAcceptance; by name
 * @param shares by namespace and name
 * @param acceptances by namespace and name
 * @param sets the ProjectSets, by namespace and name; none where these aren't installed or may not be read
 * @param rotations the ImageShareSets, by namespace and name; none where these aren't installed or may not be read
 * @param notifiers the ImageNotifiers, by namespace and name; none where these aren't installed or may not be read
 * @param clouds by name
 * @param clusterAsked whether it is known which ImageShare declares a member
 * @param notes what a reader should know of the figures
 */
public record SiteData(
        Instant asOf,
        List<SiteImage> images,
        List<SiteProject> projects,
        List<SiteShare> shares,
        List<SiteAcceptance> acceptances,
        List<SiteSet> sets,
        List<SiteRotation> rotations,
        List<SiteNotifier> notifiers,
        List<SiteCloud> clouds,
        boolean clusterAsked,
        List<String> notes) {

    public SiteData {
        images = List.copyOf(images);
        projects = List.copyOf(projects);
        shares = List.copyOf(shares);
        acceptances = List.copyOf(acceptances);
        sets = List.copyOf(sets);
        rotations = List.copyOf(rotations);
        notifiers = List.copyOf(notifiers);
        clouds = List.copyOf(clouds);
        notes = List.copyOf(notes);
    }

    /** How many objects the page of objects lists. */
    int objects() {
        return shares.size() + acceptances.size() + notifiers.size();
    }
}
