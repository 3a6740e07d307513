package dev.imageshare.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of results as Markdown, printed when it is whole. */
final class Table {

    private final String title;
    private final List<String[]> rows = new ArrayList<>();

    Table(String title, String... header) {
        this.title = title;
        rows.add(header);
    }

    /** Adds a row, and says it at once: a long run shows how far it is. */
    void row(Object... cells) {
        var row = Arrays.stream(cells).map(Table::text).toArray(String[]::new);
        rows.add(row);
        System.err.println("  " + String.join(" | ", row));
    }

    private static String text(Object cell) {
        if (cell instanceof Double number) {
            var digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
            return String.format(Locale.ROOT, "%,." + digits + "f", number);
        }
        return cell instanceof Number number ? String.format(Locale.ROOT, "%,d", number.longValue()) : cell.toString();
    }

    void print() {
        System.out.println();
        System.out.println("### " + title);
        System.out.println();
        for (var i = 0; i < rows.size(); i++) {
            System.out.println("| " + String.join(" | ", rows.get(i)) + " |");
            if (i == 0) {
                System.out.println("|" + " --- |".repeat(rows.get(0).length));
            }
        }
        System.out.flush();
    }

    /** The middle of the values, which are sorted in place; of an even number the lower of the two. */
    static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** The value that this part of the values, which are sorted in place, doesn't exceed. */
    static double quantile(double[] values, double part) {
        Arrays.sort(values);
        return values[Math.max(0, (int) Math.ceil(part * values.length) - 1)];
    }
}
