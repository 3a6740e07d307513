package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The images that may be asked for.
 *
 * @param requestUrl where to ask; null if the page doesn't say
 * @param pullRequest whether that is a repository that takes pull requests
 */
public record CatalogPage(
        Frame frame, List<CatalogRow> rows, @Nullable String requestUrl, boolean pullRequest) {

    /**
     * One image; nothing of it that isn't for everybody.
     *
     * @param file unique on the page; says nothing
     * @param id null unless IDs are to be published
     * @param endCss the class of the cell that says until when
     * @param ended whether its last day is over, so that it isn't to be asked for
     * @param everyone whether nobody has to ask
     */
    public record CatalogRow(
            String file,
            String name,
            @Nullable String id,
            String group,
            ImageFacts facts,
            String endCss,
            boolean ended,
            boolean everyone) {}
}
