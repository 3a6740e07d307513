package dev.imageshare.openstack;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads all projects of a domain, page by page, and checks everything that can be checked. Keystone cuts a list that is
 * requested without a limit at 1,000 and doesn't say so. Its {@code next} links keep only part of a query, and before
 * release 27 it supported neither limit nor marker. So each page is requested with a limit, and with our own marker.
 * What the responses prove:
 * <ul>
 * <li>A page longer than its limit comes from a Keystone that doesn't page: it is the complete list.
 * <li>A page that says that more follows is full, or projects were left out of it. A Keystone with a lower limit of its
 * own reveals it with the first page, and the list is started over with that limit.
 * <li>A full page isn't the end, whatever it says. The following pages are requested with one less, so that a Keystone
 * that doesn't page is detected even if it has exactly as many projects as were requested.
 * <li>Since release 27 every full page says that more follows, even the last one, and then an empty one comes. So the
 * last full page is requested again without its first project: that page isn't full, and must say that nothing follows.
 * <li>An ID given twice, or IDs that don't ascend, mean that the list isn't complete.
 * </ul>
 *
 * <p>A page that is too short without saying so can't be distinguished from the last one.
 */
final class DomainPages {
    private static final int LIMIT = 500;
    private static final int MAX_PAGES = 200;

    private final PageSource source;
    private final ProjectCollector collector;
    private final Set<String> markers = new HashSet<>();

    /** Requests a page. */
    @FunctionalInterface
    interface PageSource {
        /**
         * One page.
         *
         * @param marker the ID after which it begins; null for the first page
         */
        ProjectListPage page(int limit, @Nullable String marker, ProjectRoom room);
    }

    DomainPages(PageSource source, ProjectRoom room) {
        this.source = source;
        this.collector = new ProjectCollector(room);
    }

    ProjectReading read() {
        int limit = LIMIT;
        String marker = null;
        ProjectListPage before = null;
        int sizeBefore = 0;
        for (int asked = 0; asked < MAX_PAGES; asked++) {
            int size = marker == null ? limit : Math.max(1, limit - 1);
            ProjectListPage page = source.page(size, marker, collector.room());
            int count = page.ids().size();
            if (count > size) {
                return unpaged(page);
            }
            if (count < size && page.saysMore()) {
                if (marker == null && limit == LIMIT && count > 0) {
                    limit = count;
                    continue;
                }
                collector.doubt("a page has " + count + " projects and says that there are more, although " + size
                        + " were requested: some were left out of it");
            }
            collector.add(page);
            if (count == 0 && before != null && before.saysMore() && !endsWith(before, sizeBefore)) {
                collector.doubt("a page said that there are more projects, and the next one is empty");
            }
            String last = page.ids().last();
            if (last == null || (count < size && !page.saysMore())) {
                return collector.end();
            }
            if (!markers.add(last)) {
                collector.doubt("the same page came twice");
                return collector.end();
            }
            before = page;
            sizeBefore = size;
            marker = last;
        }
        collector.doubt("it has more than " + MAX_PAGES + " pages");
        return collector.end();
    }

    /** Whether nothing follows this page, which says that more follows, since it is full. */
    private boolean endsWith(ProjectListPage page, int size) {
        String first = page.ids().first();
        ProjectListPage rest = source.page(size, first, collector.room());
        String last = rest.ids().size() == 0 ? first : rest.ids().last();
        return rest.ids().size() == page.ids().size() - 1
                && Objects.equals(last, page.ids().last())
                && !rest.saysMore();
    }

    private ProjectReading unpaged(ProjectListPage page) {
        collector.clear();
        collector.add(page);
        if (page.saysMore()) {
            collector.doubt("Keystone cuts its lists to " + page.ids().size()
                    + " projects (list_limit in its configuration) and doesn't support paging: ask for the limit to be"
                    + " removed");
        }
        return collector.end();
    }
}
