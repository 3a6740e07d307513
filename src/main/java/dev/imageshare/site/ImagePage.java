package dev.imageshare.site;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One image, and who is a member of it.
 *
 * @param row what the list of images says of it
 * @param shares the objects that are about it, each with what a person can do where one is needed
 */
public record ImagePage(
        Frame frame,
        ImagesPage.ImageRow row,
        List<MemberRow> members,
        List<ShareCard> shares,
        boolean clusterAsked,
        Instant asOf) {

    /** One project that is a member, or is to become one. */
    public record MemberRow(SiteProject project, SiteMember member) {}

    /** @param steps one where a person is needed, else none */
    public record ShareCard(SiteShare share, List<NextStep> steps) {}

    public SiteImage image() {
        return row.image();
    }

    /** @param projects all of the site, by ID */
    static ImagePage of(Frame frame, SiteImage image, SiteData data, Map<String, SiteProject> projects) {
        return new ImagePage(
                frame,
                ImagesPage.ImageRow.of(image, data),
                image.members().stream()
                        .map(member -> new MemberRow(Objects.requireNonNull(projects.get(member.project())), member))
                        .toList(),
                image.shares().stream()
                        .map(share -> new ShareCard(
                                share,
                                share.health() == Health.needsPerson
                                        ? List.of(NextStep.of(share, image.id()))
                                        : List.of()))
                        .toList(),
                data.clusterAsked(),
                data.asOf());
    }
}
