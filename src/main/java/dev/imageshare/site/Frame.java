package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands around a page.
 *
 * @param site what the whole site is called
 * @param title the page's own
 * @param root what leads from the page to the site's folder: empty, or {@code ../}
 * @param path of the page from the site's folder
 * @param links to the site's main pages; empty for a site of one page
 * @param json the file beside the page that says the same; null if there is none
 * @param asOf the moment that it is about, for people
 * @param live whether the page changes by itself
 * @param notes what a reader should know of the figures
 */
public record Frame(
        String site,
        String title,
        String root,
        String path,
        List<PageLink> links,
        @Nullable String json,
        String asOf,
        boolean live,
        List<String> notes) {

    public Frame {
        links = List.copyOf(links);
        notes = List.copyOf(notes);
    }

    /**
     * A link to one of the site's main pages.
     *
     * @param count what stands beside it; 0 for nothing
     */
    public record PageLink(String path, String title, int count) {}

    /** Whether the page is this link's, or one below it. */
    public boolean isAt(PageLink link) {
        return path.equals(link.path) || path.startsWith(link.path.replace(".html", "/"));
    }
}
