package dev.imageshare.site;

import dev.imageshare.site.SiteRotation.RotatingImage;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which images follow each other, as the ImageShareSets have it. */
public record RotationPage(Frame frame, List<SiteRotation> sets, List<RotationRow> rows) {

    /**
     * One image of a set.
     *
     * @param file the name of its page; null if it has none, or its ImageShare has yet to find it
     */
    public record RotationRow(
            SiteRotation set, RotatingImage image, @Nullable String file) {}

    static RotationPage of(Frame frame, SiteData data) {
        var files = new HashMap<String, @Nullable String>();
        data.shares().forEach(share -> files.put(share.title(), share.imageFile()));
        return new RotationPage(
                frame,
                data.rotations(),
                data.rotations().stream()
                        .flatMap(set -> set.images().stream()
                                .map(image -> new RotationRow(set, image, files.get(image.share()))))
                        .toList());
    }
}
