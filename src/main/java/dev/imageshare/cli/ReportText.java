package dev.imageshare.cli;

import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.imageshare.cli.Report.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A report as a table or as CSV. */
final class ReportText {

    private static final List<String> CSV_HEADER = List.of(
            "cloud",
            "image_id",
            "image_name",
            "owner",
            "visibility",
            "image_status",
            "image_created_at",
            "hidden",
            "project",
            "project_name",
            "answer",
            "since",
            "access",
            "declared_by",
            "as_of",
            "not_in_keystone");

    /** The first characters of a formula, including full-width characters that count as the usual ones. */
    private static final String FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

    private ReportText() {}

    static void table(Report report, PrintWriter out) {
        var names = report.rows().stream().anyMatch(row -> row.projectName() != null || row.notInKeystone() != null);
        var declared = report.rows().stream().anyMatch(row -> row.declaredBy() != null);
        var lines = new ArrayList<List<String>>();
        lines.add(cells(
                "PROJECT", names ? "NAME" : null, "ANSWER", "SINCE", "MAY BOOT", declared ? "DECLARED BY" : null));
        lines.get(0).add(0, "IMAGE ID");
        lines.get(0).add(0, "IMAGE");
        for (var row : report.rows()) {
            var line = cells(
                    row.project() == null
                            ? (row.access() == Report.ProjectAccess.everyone ? "(everyone)" : "(none)")
                            : row.project(),
                    names ? name(row) : null,
                    Objects.requireNonNullElse(row.answer(), "-"),
                    Objects.requireNonNullElse(row.since(), "-"),
                    mayBoot(row),
                    declared ? declaredBy(row) : null);
            line.add(0, row.imageId());
            line.add(
                    0,
                    (row.imageName().isEmpty() ? "(no name)" : printable(row.imageName()))
                            + (row.hidden() ? " (hidden)" : ""));
            lines.add(line);
        }
        print(lines, out);
        report.notes().forEach(note -> out.println("note: " + note));
        out.println(total(report.total()));
        out.flush();
    }

    private static List<String> cells(@Nullable String... cells) {
        var all = new ArrayList<String>();
        for (var cell : cells) {
            if (cell != null) {
                all.add(printable(cell));
            }
        }
        return all;
    }

    /** In columns; each line has as many cells as the first. */
    static void print(List<List<String>> lines, PrintWriter out) {
        var widths = new int[lines.get(0).size()];
        for (var line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(
                        widths[i], line.get(i).codePointCount(0, line.get(i).length()));
            }
        }
        for (var line : lines) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                var cell = line.get(i);
                text.append(cell).append(" ".repeat(widths[i] - cell.codePointCount(0, cell.length()) + 2));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static String name(Row row) {
        if (row.notInKeystone() == null) {
            return Objects.requireNonNullElse(row.projectName(), "-");
        }
        return row.projectName() == null ? "(not in Keystone)" : row.projectName() + " (not in Keystone)";
    }

    /** Access, which an answer doesn't change: whoever knows an image's ID can boot it, pending or rejected. */
    private static String mayBoot(Row row) {
        return switch (row.access()) {
            case member -> "accepted".equals(row.answer()) ? "yes" : "yes, by ID";
            case everyone -> row.visibility().equals("public") ? "yes" : "yes, by ID";
            case owner -> "owner only";
            case nobody -> "no: " + row.imageStatus();
        };
    }

    private static String declaredBy(Row row) {
        if (row.project() == null || row.declaredBy() == null) {
            return "-";
        }
        return row.declaredBy().isEmpty() ? "nobody" : String.join(", ", row.declaredBy());
    }

    static String total(Report.Total t) {
        return "Total: " + t.images() + (t.images() == 1 ? " image, " : " images, ") + t.members()
                + (t.members() == 1 ? " membership of " : " memberships of ") + t.projects()
                + (t.projects() == 1 ? " project: " : " projects: ") + t.accepted() + " accepted, " + t.pending()
                + " pending, " + t.rejected() + " rejected"
                + (t.undeclared() == null ? "" : "; " + t.undeclared() + " declared by nobody")
                + (t.notInKeystone() == null ? "" : "; " + t.notInKeystone() + " of projects not in Keystone")
                + (t.everyone() == 0 ? "" : "; " + t.everyone() + " for everyone") + ".";
    }

    static void csv(Report report, PrintWriter out) {
        var rows = new ArrayList<List<String>>();
        rows.add(CSV_HEADER);
        for (var row : report.rows()) {
            rows.add(cells(
                    row.cloud(),
                    row.imageId(),
                    row.imageName(),
                    text(row.owner()),
                    row.visibility(),
                    row.imageStatus(),
                    text(row.imageCreatedAt()),
                    Boolean.toString(row.hidden()),
                    text(row.project()),
                    text(row.projectName()),
                    text(row.answer()),
                    text(row.since()),
                    row.access().name(),
                    row.declaredBy() == null ? "" : String.join(" ", row.declaredBy()),
                    text(row.asOf()),
                    row.notInKeystone() == null ? "" : "true"));
        }
        csv(rows, out);
    }

    /** No cell of it is a formula for a spreadsheet. */
    static void csv(List<List<String>> rows, PrintWriter out) {
        var csv = CsvMapper.builder()
                .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build();
        try (var writer =
                csv.writer(CsvSchema.emptySchema().withLineSeparator("\r\n")).writeValues(out)) {
            for (var row : rows) {
                writer.write(row.stream().map(ReportText::noFormula).toList());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.flush();
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** Turns what a spreadsheet would treat as a formula into text: only the first character matters. */
    private static String noFormula(String value) {
        return value.isEmpty() || FORMULA.indexOf(value.charAt(0)) < 0 ? value : "'" + value;
    }

    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
