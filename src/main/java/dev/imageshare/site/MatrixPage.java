package dev.imageshare.site;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Images by projects. Images stand in tables of some families each, so that the heads with the projects' names stay near and a
 * browser lays out only what is looked at.
 *
 * @param projects the columns: those that are a member of something
 * @param left images without any member, which are not among the rows
 */
public record MatrixPage(Frame frame, List<SiteProject> projects, List<MatrixTable> tables, int left) {

    /** A table that has so many rows gets no further family. */
    private static final int ROWS = 20;

    /** How many cells are open at first: as many as a slow machine lays out in a moment. */
    private static final int CELLS = 6_000;

    /**
     * Some families.
     *
     * @param id for links to it
     * @param open whether it is shown at first
     */
    public record MatrixTable(String id, String title, boolean open, List<MatrixFamily> families) {

        public int rows() {
            return families.stream().mapToInt(family -> family.rows.size()).sum();
        }
    }

    /**
     * Images of one family.
     *
     * @param name empty for a family of one, which has no line of its own
     */
    public record MatrixFamily(String name, List<MatrixRow> rows) {}

    /**
     * One image.
     *
     * @param cells one a project, null where it is no member
     */
    public record MatrixRow(SiteImage image, List<@Nullable SiteMember> cells) {}

    static MatrixPage of(Frame frame, SiteData data) {
        var projects = data.projects().stream()
                .filter(project -> !project.memberships().isEmpty())
                .toList();
        var columns = new HashMap<String, Integer>();
        projects.forEach(project -> columns.put(project.id(), columns.size()));
        var families = new TreeMap<String, List<MatrixRow>>(
                Comparator.comparing((String name) -> name, String.CASE_INSENSITIVE_ORDER)
                        .thenComparing(Comparator.naturalOrder()));
        int left = 0;
        for (var image : data.images()) {
            if (image.members().isEmpty()) {
                left++;
            } else {
                families.computeIfAbsent(image.group(), name -> new ArrayList<>())
                        .add(row(image, columns));
            }
        }
        return new MatrixPage(frame, projects, tables(families, projects.size()), left);
    }

    private static MatrixRow row(SiteImage image, Map<String, Integer> columns) {
        var cells = new SiteMember[columns.size()];
        for (var member : image.members()) {
            cells[Objects.requireNonNull(columns.get(member.project()))] = member;
        }
        return new MatrixRow(image, java.util.Collections.unmodifiableList(java.util.Arrays.asList(cells)));
    }

    private static List<MatrixTable> tables(Map<String, List<MatrixRow>> families, int columns) {
        var tables = new ArrayList<MatrixTable>();
        var some = new ArrayList<MatrixFamily>();
        var first = "";
        int rows = 0;
        int cells = 0;
        var names = families.keySet().iterator();
        while (names.hasNext()) {
            var name = names.next();
            var its = Objects.requireNonNull(families.get(name));
            first = some.isEmpty() ? name : first;
            some.add(new MatrixFamily(its.size() == 1 ? "" : name, its));
            rows += its.size();
            if (rows >= ROWS || !names.hasNext()) {
                cells += rows * columns;
                tables.add(new MatrixTable(
                        "t" + (tables.size() + 1),
                        first.equals(name) ? name : first + " … " + name,
                        tables.isEmpty() || cells <= CELLS,
                        List.copyOf(some)));
                some.clear();
                rows = 0;
            }
        }
        return tables;
    }
}
