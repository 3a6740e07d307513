package dev.imageshare.cli;

import dev.imageshare.cli.ProjectsCommand.MatchedProject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Projects as a table or as CSV. */
final class ProjectsText {

    private static final List<String> CSV_HEADER = List.of("project", "name", "domain", "enabled", "tags");

    private ProjectsText() {}

    /** Columns that Keystone returns no values for are left out. */
    static void table(List<MatchedProject> projects, PrintWriter out) {
        var isNamed = projects.stream().anyMatch(project -> project.name() != null);
        var lines = new ArrayList<List<String>>();
        lines.add(isNamed ? List.of("PROJECT", "NAME", "ENABLED", "TAGS") : List.of("PROJECT"));
        for (var project : projects) {
            lines.add(
                    isNamed
                            ? List.of(
                                    project.id(),
                                    Objects.requireNonNullElse(project.name(), "-"),
                                    shown(project.enabled()),
                                    project.tags().isEmpty() ? "-" : String.join(",", project.tags()))
                            : List.of(project.id()));
        }
        ReportText.print(
                lines.stream()
                        .map(line -> line.stream().map(ReportText::printable).toList())
                        .toList(),
                out);
    }

    static void csv(List<MatchedProject> projects, PrintWriter out) {
        var rows = new ArrayList<List<String>>();
        rows.add(CSV_HEADER);
        for (var project : projects) {
            rows.add(List.of(
                    project.id(),
                    Objects.requireNonNullElse(project.name(), ""),
                    Objects.requireNonNullElse(project.domainId(), ""),
                    project.enabled() == null ? "" : project.enabled().toString(),
                    String.join(" ", project.tags())));
        }
        ReportText.csv(rows, out);
    }

    private static String shown(@Nullable Boolean enabled) {
        return enabled == null ? "-" : enabled ? "yes" : "no";
    }
}
