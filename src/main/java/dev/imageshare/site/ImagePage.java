package dev.imageshare.site;

import java.time.Instant;
import java.util.Comparator;
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
        Frame frame, ImagesPage.ImageRow row, List<MemberRow> members, List<ShareCard> shares, Instant asOf) {

    /** One project that is a member, or is to become one. */
    public record MemberRow(SiteProject project, SiteMember member) {}

    /**
     * One object that is about the image.
     *
     * @param steps one where a person is needed, else none
     */
    public record ShareCard(SiteShare share, List<NextStep> steps) {}

    public SiteImage image() {
        return row.image();
    }

    /** Whether it has to be said of each member who declares it: one object alone does, or nobody, which the answer says. */
    public boolean severalDeclare() {
        return shares.size() > 1;
    }

    /** @param projects all of the site, by ID */
    static ImagePage of(Frame frame, SiteImage image, SiteData data, Map<String, SiteProject> projects) {
        return new ImagePage(
                frame,
                ImagesPage.ImageRow.of(image, data),
                image.members().stream()
                        .map(member -> new MemberRow(Objects.requireNonNull(projects.get(member.project())), member))
                        .sorted(Comparator.comparing(MemberRow::project, SiteProject.ORDER))
                        .toList(),
                image.shares().stream()
                        .map(share -> new ShareCard(
                                share,
                                share.health() == Health.needsPerson
                                        ? List.of(NextStep.of(share, image.id()))
                                        : List.of()))
                        .toList(),
                data.asOf());
    }
}
