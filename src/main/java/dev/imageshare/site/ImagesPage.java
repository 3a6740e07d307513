package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All images. */
public record ImagesPage(Frame frame, List<ImageRow> rows, boolean clusterAsked) {

    /**
     * One image.
     *
     * @param age in days, since it was built or Glance got it; null if neither is known
     * @param left days up to its end, less than 0 if that has come; null if no date is known
     */
    public record ImageRow(
            SiteImage image,
            Answers answers,
            @Nullable Long age,
            @Nullable Long left) {

        static ImageRow of(SiteImage image, SiteData data) {
            return new ImageRow(
                    image,
                    image.answers(),
                    image.facts()
                            .day()
                            .map(day -> PageText.days(day, data.asOf()))
                            .filter(days -> days >= 0)
                            .orElse(null),
                    image.facts()
                            .end()
                            .map(end -> -PageText.days(end, data.asOf()))
                            .orElse(null));
        }

        /** Whether its last day is over. */
        public boolean ended() {
            return left != null && left < 0;
        }

        /** The class of the cell that says until when. */
        public String endCss() {
            if (left == null) {
                return "";
            }
            return ended() ? "ended" : left <= OverviewPage.ENDING_DAYS ? "ending" : "";
        }
    }

    /** Whether it has to be said of each image where it is. */
    public boolean severalRegions() {
        return rows.stream().map(row -> row.image.region()).distinct().count() > 1;
    }

    static ImagesPage of(Frame frame, SiteData data) {
        return new ImagesPage(
                frame,
                data.images().stream().map(image -> ImageRow.of(image, data)).toList(),
                data.clusterAsked());
    }
}
